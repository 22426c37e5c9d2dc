"""Totals of any masks equal going through the pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import FEW_PEOPLE, PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.reach.outcomes import Bools, coded
from overreach.reach.tally import Tally, distinct

_POLICY = Policy.load(PACK, SWITCHES)


def _pairs(grid: Grid, mask: Bools) -> Bools:
    """(user, child) -> whether the mask holds, asked one by one."""
    users, children = range(len(grid.users.of)), range(len(grid.children.of))
    found = [
        [mask[grid.users.of[user], grid.children.of[child], grid.relations.number(user, child)] for child in children]
        for user in users
    ]
    return np.array(found, dtype=np.bool_).reshape(len(users), len(children))


@settings(max_examples=20, deadline=None)
@given(FEW_PEOPLE, st.integers(0, 2**32), st.sampled_from([0.05, 0.5, 0.95]))
def test_totals_of_any_masks_equal_going_through_the_pairs(people: DrawnPeople, seed: int, share: float) -> None:
    """By user, by child and by role, for three masks at a time that follow no policy at all."""
    grid = Grid.build(_POLICY, people, RUNGS)
    draw = np.random.default_rng(seed)
    masks = [draw.random((len(grid.users), len(grid.children), 4)) < share for _ in range(3)]
    of, holds = coded(masks)
    tally = Tally(grid, of)
    hits = np.array([_pairs(grid, mask) for mask in masks])
    for classes in grid.roles.values():
        users = tally.users(classes)
        assert users.tolist() == np.flatnonzero(np.isin(grid.users.of, classes)).tolist()
        own, totals = hits[:, users], tally.totals(classes, holds)
        assert totals.members.tolist() == own.sum(axis=2).tolist()
        assert totals.pairs.tolist() == own.sum(axis=(1, 2)).tolist()
        assert totals.users.tolist() == own.any(axis=2).sum(axis=1).tolist()
        assert totals.children.tolist() == own.any(axis=1).sum(axis=1).tolist()
    base = tally.base_of_children(np.arange(len(grid.users)), holds)
    for place in range(3):
        opened = base[grid.children.of, place, grid.relations.area_of]
        children, changes = tally.corrected(holds[:, place])
        opened[children] += changes
        assert opened.tolist() == hits[place].sum(axis=0).tolist()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_columns_equal_on_the_codes_that_occur_are_counted_once(seed: int) -> None:
    """Each column is found again among the distinct ones, on the codes that occur."""
    draw = np.random.default_rng(seed)
    counted = draw.random((6, 4, 5)) < 0.5
    present = np.unique(draw.integers(0, 6, 3))
    columns, place = distinct(counted, present)
    assert (columns[:, place][present] == counted[present]).all()
    assert len(np.unique(columns[present], axis=1).T) == columns.shape[1]
