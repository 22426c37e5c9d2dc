"""The number of pairs that can be asked is that of counting them one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet
from overreach.probe.demand import denied_pairs, enterable
from overreach.probe.session import Bench
from overreach.probe.tally import Key


def may_enter(bench: Bench) -> list[int]:
    """Users who can sign in."""
    users = range(bench.population.users_count)
    return [user for user in users if bench.grid.allows(user, None, Action.SIGN_IN, Claims())]


def test_denied_pairs_are_those_counted_one_by_one(bench: Bench) -> None:
    """Entry by entry; a rung of several claims counts a pair as often as they deny it, shared between them."""
    grid, population = bench.grid, bench.population
    children = np.arange(population.children_count)
    claims_of = Counter(context.rung for context in grid.rungs)
    denied: Counter[Key] = Counter()
    for user in may_enter(bench):
        role = str(population.user_fields(user)["role"])
        classes = [grid.classes_of(user, child) for child in children.tolist()]
        for context in grid.rungs:
            masks = grid.facets_many(np.array([user]), children, context.claims).tolist()
            for mask, names in zip(masks, classes, strict=True):
                for facet in Facet:
                    if not mask & facet.bit:
                        denied.update((role, name, facet, context.rung) for name in names)
    expected = {key: -(-pairs // claims_of[key[3]]) for key, pairs in denied.items()}
    assert dict(denied_pairs(grid, grid.rungs)) == expected


def test_a_rung_left_out_is_not_counted(bench: Bench) -> None:
    """Only what was asked for."""
    grid = bench.grid
    assert {key[3] for key in denied_pairs(grid, grid.rungs[:1])} == {grid.rungs[0].rung}
    assert not denied_pairs(grid, [])


def test_the_cells_that_can_be_entered_are_those_of_users_who_sign_in(bench: Bench) -> None:
    """Counted pair by pair."""
    children = range(bench.population.children_count)
    cells = {bench.grid.cell(user, child) for user in may_enter(bench) for child in children}
    assert enterable(bench.grid) == cells
