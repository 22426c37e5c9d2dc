"""Ranks, pairs and even orders within groups."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from overreach.population.childindex.grouping import evenly, paired, ranks
from overreach.population.sampling import Ints

_groups = st.lists(st.integers(0, 5), max_size=40).map(lambda rows: np.array(rows, dtype=np.int64))


@given(_groups)
def test_a_rank_counts_the_earlier_rows_of_the_group(groups: Ints) -> None:
    """A rank counts the earlier rows of the group."""
    assert ranks(groups).tolist() == [groups[:row].tolist().count(group) for row, group in enumerate(groups.tolist())]


@given(_groups)
def test_pairs_are_disjoint_of_one_group_and_as_many_as_can_be(groups: Ints) -> None:
    """Pairs are disjoint, of one group, and as many as can be; their first members keep the order."""
    members = 100 + np.arange(len(groups))
    first, second = paired(members, groups)
    both = np.r_[first, second]
    assert len(np.unique(both)) == len(both) == 2 * sum(np.bincount(groups) // 2) if len(groups) else not len(both)
    assert (groups[first - 100] == groups[second - 100]).all()
    assert (np.diff(first) > 0).all()


@given(_groups, st.lists(st.integers(1, 400_000), min_size=6, max_size=6))
def test_an_even_order_has_every_row_once_and_takes_turns(areas: Ints, weights: list[int]) -> None:
    """An even order has every row once, keeps the order within an area, and never lets a lighter area lead."""
    heavy = np.array(weights, dtype=np.int64)
    order = evenly(areas, heavy)
    assert sorted(order.tolist()) == list(range(len(areas)))
    for end in range(1, len(order) + 1):
        taken = np.bincount(areas[order[:end]], minlength=6)
        left = np.bincount(areas[order[end:]], minlength=6)
        for area, other in np.argwhere((heavy[:, None] > heavy[None, :]) & (left > 0)[:, None]).tolist():
            assert taken[area] >= taken[other]
    for area in range(6):
        assert (np.diff(order[areas[order] == area]) > 0).all()
