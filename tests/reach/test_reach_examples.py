"""An example of any choice of pairs is one of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import FEW_PEOPLE, PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.reach.examples import Examples

_POLICY = Policy.load(PACK, SWITCHES)


@settings(max_examples=25, deadline=None)
@given(FEW_PEOPLE, st.integers(0, 2**32), st.sampled_from([0.02, 0.2, 0.9]))
def test_the_first_example_is_involved_where_any_chosen_pair_is(people: DrawnPeople, seed: int, share: float) -> None:
    """Of involved pairs the first by user and child; there is none only where nothing is chosen."""
    grid = Grid.build(_POLICY, people, RUNGS)
    draw = np.random.default_rng(seed)
    shape = (len(grid.users), len(grid.children), 4)
    wanted = draw.random(shape) < share
    chosen = wanted & (draw.random(shape) < 0.5)
    hits = [
        (user, child)
        for user in range(people.users_count)
        for child in range(people.children_count)
        if chosen[grid.users.of[user], grid.children.of[child], grid.relations.number(user, child)]
    ]
    pairs = grid.relations.pair_counts(grid.users, grid.children)
    found = Examples(grid, pairs, wanted).first(chosen)
    involved = [pair for pair in hits if pair in people.involvements]
    if involved:
        assert found == involved[0]
    else:
        assert found in hits if hits else found is None
