"""Ranks, pairs and even orders within groups of rows: what would otherwise be a loop over users."""

from __future__ import annotations

import numpy as np

from overreach.population.sampling import Ints

_FINE = 1 << 40  # parts of a turn: integers in place of fractions, for up to four million rows of an area


def ranks(groups: Ints) -> Ints:
    """The place of each row among the rows of its group, from 0, in the order of the rows."""
    order = np.argsort(groups, kind="stable")
    grouped = groups[order]
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups)) - np.searchsorted(grouped, grouped, side="left")
    return rank


def paired(members: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Disjoint pairs of members of one group, in the order of their first members.

    `groups` has the group of each member. A member that is left over in its group is in no pair.
    """
    order = np.argsort(groups, kind="stable")
    grouped = groups[order]
    first = np.flatnonzero(np.r_[grouped[1:] == grouped[:-1], False] & (ranks(grouped) % 2 == 0))
    first = first[np.argsort(order[first], kind="stable")]
    return members[order[first]], members[order[first + 1]]


def evenly(areas: Ints, weights: Ints) -> Ints:
    """Row numbers in an order each beginning of which has the areas in proportion to their weights.

    The first rows are of the areas with the greatest weights; within an area the order of the rows is kept.
    """
    turn = (2 * ranks(areas) + 1) * _FINE // weights[areas]
    return np.argsort(turn, kind="stable").astype(np.int64)
