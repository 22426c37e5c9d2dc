"""Exposure of single people equals asking about every pair."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.errors import UnknownNameError
from overreach.model.terms import Facet, Rung
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.reach.count import reach
from overreach.reach.exposure import of_child, of_user

_POLICY = Policy.load(PACK, SWITCHES)
_OWN = Policy.load(PACK, {**SWITCHES, "G3": "own"})
_DRAWN = st.builds(
    DrawnPeople,
    users=st.integers(1, 12),
    children=st.integers(1, 16),
    areas=st.integers(1, 4),
    seed=st.integers(0, 10_000),
    odd=st.sampled_from([0.0, 0.15, 0.5]),
)


def _may(grid: Grid, user: int, child: int, facet: Facet, rung: Rung) -> bool:
    """Whether one context at this rung or below permits it, asked one by one."""
    claims = [context.claims for context in RUNGS if context.rung.height <= rung.height]
    return any(grid.facets(user, child, each) & facet.bit for each in claims)


@settings(max_examples=10, deadline=None)
@given(_DRAWN, st.sampled_from([_POLICY, _OWN]), st.data())
def test_a_child_is_open_to_those_who_may_read_it(people: DrawnPeople, policy: Policy, data: st.DataObject) -> None:
    """By role, facet and rung; where only area and involvement open records too."""
    grid = Grid.build(policy, people, RUNGS)
    child = data.draw(st.integers(0, people.children_count - 1))
    for told in of_child(grid, child):
        users = [user for user in range(people.users_count) if people.users[user][1] == told.role]
        assert told.users == sum(_may(grid, user, child, told.facet, told.rung) for user in users), told


@settings(max_examples=10, deadline=None)
@given(_DRAWN, st.sampled_from([_POLICY, _OWN]), st.data())
def test_a_user_opens_those_whom_they_may_read(people: DrawnPeople, policy: Policy, data: st.DataObject) -> None:
    """By record class, facet and rung."""
    grid = Grid.build(policy, people, RUNGS)
    user = data.draw(st.integers(0, people.users_count - 1))
    may: Counter[tuple[str, Facet, Rung]] = Counter()
    for child in range(people.children_count):
        for facet in Facet:
            for rung in {context.rung for context in RUNGS}:
                if _may(grid, user, child, facet, rung):
                    may.update((name, facet, rung) for name in ("all", *grid.classes_of(user, child)))
    for told in of_user(grid, user):
        assert told.children == may[told.record_class, told.facet, told.rung], told


def test_the_children_of_a_role_and_the_users_of_its_children_are_the_same_pairs() -> None:
    """Summed over all children and over all users, at every facet."""
    people = DrawnPeople(40, 60, 3, seed=8, odd=0.3)
    grid = Grid.build(_POLICY, people, RUNGS)
    counts = reach(grid, people)
    opened = [told for user in range(40) for told in of_user(grid, user)]
    for facet in Facet:
        by_user = sum(t.children for t in opened if (t.record_class, t.facet, t.rung) == ("all", facet, Rung.GRANTED))
        assert int(counts.exposure(facet).sum()) == by_user


def test_only_classes_of_the_child_alone_are_groups() -> None:
    """Who is out of area depends on who asks; a class that the policy does not have is left out."""
    people = DrawnPeople(20, 30, 3, seed=8)
    counts = reach(Grid.build(_POLICY, people, RUNGS), people)
    assert "shielded" in counts.child_classes
    assert "out_of_area" not in counts.child_classes
    with pytest.raises(UnknownNameError, match="no group is called `out_of_area`"):
        counts.exposures([Facet.IDENTITY], ("all", "out_of_area"))
    assert [one.group for one in counts.exposures([Facet.IDENTITY], ("all", "restricted"))] == ["all"]


def test_exposures_of_classes_are_those_of_their_children() -> None:
    """The distribution equals counting the children of the class one by one."""
    people = DrawnPeople(60, 120, 3, seed=3, odd=0.3)
    grid = Grid.build(_OWN, people, RUNGS)
    counts = reach(grid, people)
    for one in counts.exposures(Facet, counts.child_classes):
        some = [child for child in range(120) if one.group in grid.classes_of(0, child)]
        users, many = np.unique(counts.exposure(one.facet)[some], return_counts=True)
        assert one.counts == tuple(zip(users.tolist(), many.tolist(), strict=True))


def test_moving_a_child_moves_its_exposure() -> None:
    """Facts changed after the grid was built count from then on."""
    people = DrawnPeople(60, 40, 3, seed=3)
    grid = Grid.build(_OWN, people, RUNGS)
    child = next(child for child, facts in enumerate(people.children) if not facts[3])
    area = people.children[child][1]
    before = of_child(grid, child)
    grid.set_child(child, responsible=(area + 1) % 3, shielded=True)
    assert of_child(grid, child) != before
    grid.set_child(child, responsible=area, shielded=False)
    assert of_child(grid, child) == before
