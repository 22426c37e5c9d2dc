"""The plan leaves no cell out and asks as many denied pairs as the bounds need, or all there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from overreach.model.decision import Claims
from overreach.model.terms import LOCATING, Action, Facet
from overreach.policy.cells import cells_of_users
from overreach.probe.plan import GUARDED, PER_CELL, Planner, RolePlan
from overreach.probe.session import Bench

Plans = dict[str, RolePlan]


def plans_of(bench: Bench, seed: int) -> Plans:
    """A plan of every role, with fewer probes an entry than a real sweep."""
    config = replace(bench.pack.sweep, locating_probes=40, other_probes=7, members=2)
    planner = Planner(bench.population, bench.grid, config, seed)
    return {role: planner.role(role) for role in planner.roles}


@pytest.fixture(scope="module")
def plans(bench: Bench) -> Plans:
    """The plans of one seed."""
    return plans_of(bench, 1)


def active(bench: Bench, role: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Members of a role who may sign in."""
    population, grid = bench.population, bench.grid
    users = [user for user in range(population.users_count) if population.user_fields(user)["role"] == role]
    return np.array([user for user in users if grid.allows(user, None, Action.SIGN_IN, Claims())], dtype=np.int64)


def test_every_role_of_the_population_is_planned(bench: Bench, plans: Plans) -> None:
    """In alphabetical order, by members who may sign in."""
    fields = bench.population.user_fields
    assert list(plans) == sorted({fields(user)["role"] for user in range(bench.population.users_count)})
    for role, plan in plans.items():
        assert set(plan.members) <= set(active(bench, role).tolist())
        assert {ask.user for ask in plan.asks} <= set(plan.members)


def test_every_cell_of_an_active_member_is_asked_with_every_claim(bench: Bench, plans: Plans) -> None:
    """Whoever alone is part of a cell signs in; a pair that stands for its cell says so."""
    for role, plan in plans.items():
        cells = set(cells_of_users(bench.grid, active(bench, role)).ravel().tolist())
        for context in bench.grid.rungs:
            asked = {bench.grid.cell(ask.user, ask.child) for ask in plan.asks if context in ask.contexts}
            assert asked == cells, role
        assert {bench.grid.cell(ask.user, ask.child) for ask in plan.asks if ask.covers} == cells


def test_no_pair_is_asked_twice_and_few_stand_for_a_cell(bench: Bench, plans: Plans) -> None:
    """Claims come in ascending order."""
    for plan in plans.values():
        pairs = [(ask.user, ask.child) for ask in plan.asks]
        assert len(pairs) == len(set(pairs))
        standing = Counter(bench.grid.cell(ask.user, ask.child) for ask in plan.asks if ask.covers)
        assert max(standing.values(), default=0) <= PER_CELL
        for ask in plan.asks:
            heights = [context.rung.height for context in ask.contexts]
            assert heights == sorted(heights)


def test_each_entry_is_asked_as_often_as_its_bound_needs_or_wholly(bench: Bench, plans: Plans) -> None:
    """Denied pairs, class by class, facet by facet, claims by claims; all there are where there are fewer."""
    grid, children = bench.grid, np.arange(bench.population.children_count)
    sharing = Counter(context.rung for context in grid.rungs)
    for role, plan in plans.items():
        members = active(bench, role)
        if not len(members):
            continue
        classes = {(u, c): grid.classes_of(u, c) for u in members.tolist() for c in children.tolist()}
        for context in grid.rungs:
            masks = grid.facets_many(members[:, None], children[None, :], context.claims)
            place = {user: row for row, user in enumerate(members.tolist())}
            asked = {(ask.user, ask.child) for ask in plan.asks if context in ask.contexts}
            there, got = Counter[tuple[str, Facet]](), Counter[tuple[str, Facet]]()
            for (user, child), names in classes.items():
                mask = int(masks[place[user], child])
                denied = [(name, facet) for name in names for facet in Facet if not mask & facet.bit]
                there.update(denied)
                if (user, child) in asked:
                    got.update(denied)
            for (name, facet), number in there.items():
                wanted = 40 if name in GUARDED and facet in LOCATING else 7
                assert got[name, facet] >= min(-(-wanted // sharing[context.rung]), number), (role, name, facet)


def test_the_same_seed_gives_the_same_plan(bench: Bench, plans: Plans) -> None:
    """And another seed another one."""
    assert plans_of(bench, 1) == plans
    assert plans_of(bench, 2) != plans
