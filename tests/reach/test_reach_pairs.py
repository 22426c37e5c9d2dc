"""Totals of chosen pairs equal going through the pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import FEW_PEOPLE, PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.reach.pairs import Pairs, Totals

_POLICY = Policy.load(PACK, SWITCHES)


@settings(max_examples=15, deadline=None)
@given(
    FEW_PEOPLE,
    st.integers(0, 2**32),
    st.sampled_from([0.05, 0.5, 0.95]),
)
def test_totals_of_any_choice_equal_going_through_the_pairs(people: DrawnPeople, seed: int, share: float) -> None:
    """By user, by child and by role, for choices that follow no policy at all."""
    grid = Grid.build(_POLICY, people, RUNGS)
    pairs = Pairs(grid)
    chosen = np.random.default_rng(seed).random(pairs.shape) < share
    hits = [
        (user, child)
        for user in range(people.users_count)
        for child in range(people.children_count)
        if chosen[grid.users.of[user], grid.children.of[child], grid.relations.number(user, child)]
    ]
    assert pairs.per_user(chosen).tolist() == [sum(u == user for u, _ in hits) for user in range(people.users_count)]
    assert pairs.per_child(chosen).tolist() == [
        sum(c == child for _, c in hits) for child in range(people.children_count)
    ]
    roles = {str(people.users[user][1]) for user, _ in hits}
    own = {role: [(u, c) for u, c in hits if people.users[u][1] == role] for role in roles}
    assert pairs.totals(chosen) == {
        role: Totals(len(found), len({u for u, _ in found}), len({c for _, c in found})) for role, found in own.items()
    }
    examples = list(pairs.examples(chosen))
    assert set(examples) <= set(hits)
    assert bool(examples) == bool(hits)
    assert {grid.cell(*pair) for pair in examples} == {grid.cell(*pair) for pair in hits}
