"""Counts equal going through all pairs: with policies drawn from a small grammar, and with another pack."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.policy.drawn_people import PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.terms import Facet, Rung
from overreach.pack.config import find_pack
from overreach.policy.facts import People
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.reach.count import Reach, reach
from overreach.reach.exposure import roles_of

ROOT = PACK.parent
HOSPITAL = ROOT / "docs" / "examples" / "hospital"

_ATOMS = st.sampled_from(
    [
        "principal.areas.contains(resource.responsible)",
        "resource.involved.contains(principal)",
        "resource.shielded",
        "resource.archive_year >= 2",
        "context has reason",
        "context.override",
        "principal.trained",
        'principal.role == Role::"social_worker"',
        'principal.role in [Role::"senco", Role::"midwife", Role::"head_teacher"]',
    ]
)
_CONDITIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} && {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} || {two[1]})"),
    ),
    max_leaves=5,
)
_FACETS = st.sampled_from([Facet.EXISTENCE, Facet.WHEREABOUTS, Facet.HEALTH])
_STATEMENTS = st.lists(st.tuples(st.sampled_from(["permit", "permit", "forbid"]), _FACETS, _CONDITIONS), min_size=1)


def _policy(statements: list[tuple[str, Facet, str]]) -> Policy:
    """The pack's schema and record classes with another policy."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("policy.cedarschema", "classes.cedar", "invariants.cedar"):
            shutil.copy(PACK / name, folder)
        written = [
            f'@id("drawn-{number}") @rule("R7")\n{effect} (principal, action == Action::"{facet}", resource)\n'
            f"when {{ {condition} }};\n"
            for number, (effect, facet, condition) in enumerate(statements)
        ]
        (Path(folder) / "policy.cedar").write_text("\n".join(written))
        return Policy.load(Path(folder), SWITCHES)


def _firsts(grid: Grid, people: People) -> dict[tuple[Facet, Rung], NDArray[np.bool_]]:
    """(user, child) -> whether the rung is the first that permits the facet, by asking every pair at every context."""
    users, children = np.arange(people.users_count)[:, None], np.arange(people.children_count)[None, :]
    before = np.zeros((people.users_count, people.children_count), dtype=np.int32)
    found = {}
    for rung in dict.fromkeys(context.rung for context in grid.rungs):
        masks = [grid.facets_many(users, children, each.claims) for each in grid.rungs if each.rung is rung]
        here = before | np.bitwise_or.reduce(masks)
        for facet in Facet:
            found[facet, rung] = (here & ~before & facet.bit) > 0
        before = here
    return found


def _members(grid: Grid, people: People, record_class: str) -> NDArray[np.bool_]:
    """(user, child) -> whether the pair is of the class."""
    users, children = np.arange(people.users_count)[:, None], np.arange(people.children_count)[None, :]
    holds = grid.class_members()[list(grid.policy.classes).index(record_class)]
    found: NDArray[np.bool_] = holds[
        grid.user_class[users], grid.child_class[children], grid.relations.numbers(users, children)
    ]
    return found


def _agrees(grid: Grid, people: People, counts: Reach) -> None:
    """Every entry and every exposure."""
    firsts = _firsts(grid, people)
    roles = {role: np.isin(grid.user_class, classes) for role, classes in roles_of(grid).items()}
    members = {name: _members(grid, people, name) for name in grid.policy.classes}
    for entry in counts.entries:
        pairs = firsts[entry.facet, entry.rung] & members[entry.record_class] & roles[entry.role][:, None]
        told = (entry.pairs, entry.users, entry.children)
        assert told == (pairs.sum(), pairs.any(axis=1).sum(), pairs.any(axis=0).sum()), entry
    for facet in Facet:
        users = np.sum([each.sum(axis=0) for (one, _), each in firsts.items() if one is facet], axis=0)
        assert counts.exposure(facet).tolist() == users.tolist(), facet


@settings(max_examples=12, deadline=None)
@given(_STATEMENTS, st.integers(0, 10_000), st.sampled_from([0.1, 0.5]))
def test_counts_of_any_policy_equal_going_through_the_pairs(
    statements: list[tuple[str, Facet, str]], seed: int, odd: float
) -> None:
    """Whatever area, involvement, state and claims are made to mean; cedarpy agrees on the decisions."""
    people = DrawnPeople(14, 25, 3, seed=seed, odd=odd)
    grid = Grid.build(_policy(statements), people, RUNGS)
    _agrees(grid, people, reach(grid, people))
    assert grid.check(100, seed) == 100


def test_counts_of_a_hospital_equal_going_through_the_pairs(tmp_path: Path) -> None:
    """Wards, care and restricted patients: other names, the same counting."""
    pack = find_pack(HOSPITAL)
    recipe = load_recipe(ROOT, "hospital")
    generate(recipe, Order(max(300, recipe.min_children), max(120, recipe.min_users), 7), tmp_path / "people")
    people = Population.open(tmp_path / "people")
    grid = Grid.build(Policy.load(pack.scenarios, pack.switches), people, pack.rungs)
    counts = reach(grid, people)
    assert any(entry.pairs for entry in counts.entries)
    _agrees(grid, people, counts)
