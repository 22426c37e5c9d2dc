"""Cells and record classes of whole rows of pairs at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ROWS = 256  # users looked at together, so that a nation's pairs never lie in memory at once


def cells_of_users(grid: Grid, users: Ints) -> Ints:
    """(user, child) -> the key that `Grid.cell` gives, for some users and every child."""
    children = np.arange(len(grid.child_class), dtype=np.int64)
    relation = grid.relations.numbers(users[:, None], children[None, :])
    classes = grid.child_class.astype(np.int64)[None, :] * len(grid.users) + grid.user_class[users][:, None]
    return classes * len(RELATIONS) + relation


def in_class(grid: Grid, user: int, record_class: str) -> Bools:
    """Child -> whether its pair with this user is of a record class."""
    children = np.arange(len(grid.child_class), dtype=np.int64)
    relation = grid.relations.numbers(np.array([user], dtype=np.int64), children)
    holds = grid.class_members()[list(grid.policy.classes).index(record_class)]
    found: Bools = holds[grid.user_class[user], grid.child_class, relation]
    return found


def children_in(grid: Grid, record_class: str) -> Ints:
    """Children that are of a record class for some user, ascending; none where the policy has no such class."""
    if record_class not in grid.policy.classes:
        return np.empty(0, dtype=np.int64)
    holds = grid.class_members()[list(grid.policy.classes).index(record_class)]
    return np.flatnonzero(holds.any(axis=(0, 2))[grid.child_class])


def extent(grid: Grid, cells: Sequence[int]) -> tuple[int, int]:
    """Distinct users and distinct children in some cells; exact."""
    keys = np.array(sorted(set(cells)), dtype=np.int64)
    user_classes = np.unique(keys // len(RELATIONS) % len(grid.users))
    users = np.flatnonzero(np.isin(grid.user_class, user_classes))
    reached = np.zeros(len(grid.child_class), dtype=np.bool_)
    reaching = 0
    for start in range(0, len(users), _ROWS):
        found = np.isin(cells_of_users(grid, users[start : start + _ROWS]), keys)
        reaching += int(found.any(axis=1).sum())
        reached |= found.any(axis=0)
    return reaching, int(reached.sum())
