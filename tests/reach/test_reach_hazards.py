"""Hazards: what another child's record tells, or another facet of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import FEW_PEOPLE, PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.decision import Claims
from overreach.model.terms import LOCATING, Facet, mask_of
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.reach.hazards import hazards

_SWITCHED = {"as it is": {}, "own area": {"G3": "own"}, "former names": {"G2": "yes"}}
_POLICIES = {name: Policy.load(PACK, SWITCHES | switches) for name, switches in _SWITCHED.items()}
_POLICY = _POLICIES["as it is"]

_ELSEWHERE = "SELECT a.child, b.child AS other FROM children a, children b WHERE (a.child * 7 + b.child) % 5 = 0"
_ITSELF = "SELECT child, child AS other, 'former_names' AS facet FROM children WHERE shielded"


def _with(people: DrawnPeople, sql: str) -> DrawnPeople:
    """The same people, and one hazard."""
    people.shape = replace(people.shape, hazards={"drawn": ("told elsewhere", "R10", sql)})
    return people


def _pairs(people: DrawnPeople, sql: str) -> list[tuple[int, int]]:
    return [(row["child"], row["other"]) for row in people.query(sql).to_pylist()]


def _told(grid: Grid, user: int, child: int, other: int, claims: Claims) -> int:
    """Facets that these claims tell a user of the other child and not of this one, asked one by one."""
    return grid.facets(user, other, claims) & ~grid.facets(user, child, claims) & mask_of(LOCATING)


def _named(grid: Grid, user: int, child: int, other: int, claims: Claims) -> int:
    """Former names that these claims show of a child that cannot be found by them."""
    hidden = not grid.facets(user, child, claims) & mask_of(LOCATING)
    return grid.facets(user, other, claims) & Facet.FORMER_NAMES.bit if hidden else 0


@settings(max_examples=30, deadline=None)
@given(FEW_PEOPLE, st.sampled_from(sorted(_POLICIES)), st.sampled_from([_ELSEWHERE, _ITSELF]))
def test_hazards_count_distinct_children_and_users_exactly(people: DrawnPeople, switched: str, sql: str) -> None:
    """Whoever is told, by going through all users and pairs of children, at the same claims."""
    told = _named if sql == _ITSELF else _told
    grid = Grid.build(_POLICIES[switched], _with(people, sql), RUNGS)
    concerned = {
        (user, child)
        for child, other in _pairs(people, sql)
        for user in range(people.users_count)
        for context in RUNGS
        if told(grid, user, child, other, context.claims)
    }
    found = hazards(grid, people)
    if not concerned:
        assert found == ()
        return
    (hazard,) = found
    assert hazard.children == len({child for _, child in concerned})
    assert hazard.users == len({user for user, _ in concerned})
    assert "synthetic child" in hazard.example


def test_the_example_is_a_case_that_the_policy_permits() -> None:
    """The first claims that tell anything, and of the users whom they tell it the first."""
    people = DrawnPeople(60, 80, 3, seed=1, odd=0.3)
    grid = Grid.build(_POLICY, people, RUNGS)
    pairs = people.query(people.shape.hazards["sibling"][2]).to_pylist()
    cases = [
        (context, user, pair["child"], pair["other"])
        for context in RUNGS
        for user in range(60)
        for pair in pairs
        if _told(grid, user, pair["child"], pair["other"], context.claims)
    ]
    context, user, child, other = cases[0]
    (hazard,) = hazards(grid, people)
    role = str(people.users[user][1]).replace("_", " ")
    assert hazard.example.startswith(f"at `{context.rung}` a {role} may read the whereabouts")
    assert hazard.example.endswith(f"of synthetic child {other}, but not of synthetic child {child}")


def test_only_the_facets_asked_about_count() -> None:
    """Nobody may read a sibling's shield: there is none."""
    people = DrawnPeople(60, 80, 3, seed=1, odd=0.3)
    grid = Grid.build(_POLICY, people, RUNGS)
    assert hazards(grid, people)
    assert hazards(grid, people, [Facet.EXISTENCE]) != hazards(grid, people)


@pytest.mark.parametrize(("switched", "many"), [("as it is", 0), ("former names", 1)])
def test_former_names_under_a_shield_are_a_hazard_where_the_switch_shows_them(switched: str, many: int) -> None:
    """With G2 = no whoever reads them reads where the child is, too."""
    people = _with(DrawnPeople(60, 80, 3, seed=1, odd=0.3), _ITSELF)
    found = hazards(Grid.build(_POLICIES[switched], people, RUNGS), people)
    assert len(found) == many
    assert all("the former names of synthetic child" in hazard.example for hazard in found)
    assert all("but not the whereabouts or contacts of synthetic child" in hazard.example for hazard in found)
