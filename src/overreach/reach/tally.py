"""Exact totals of one role: pairs, distinct users, distinct children, most children of one member.

Nothing here goes through the pairs. Area is counted as users x areas times areas x child classes; the sparse
involvements are then corrected for, one by one: an involved pair leaves the relation it would have without
the involvement and enters its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overreach.policy.grid import Grid

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Relation numbers without an involvement: far and in area. With one: two more.
FAR: Final = 0
NEAR: Final = 1
_INVOLVED: Final = 2


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of one role, each of one axis: what is counted."""

    pairs: Ints
    users: Ints
    children: Ints
    members: Floats
    """(user of the role, what is counted) -> children; exact below 2**53."""


class Tally:
    """Counts over one grid; what all roles share is prepared once."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        relations = grid.relations
        self._by_area = relations.children_by_area(grid.children).astype(np.float64)
        self._users_by_area = relations.users_by_area(grid.users).astype(np.float64)
        self._of_users = np.bincount(grid.users.of, minlength=len(grid.users)).astype(np.float64)
        area = np.where(relations.area_of < 0, relations.areas, relations.area_of)
        groups, self._group_of, self._sizes = np.unique(
            grid.children.of.astype(np.int64) * (relations.areas + 1) + area,
            return_inverse=True,
            return_counts=True,
        )
        self._group_class = groups // (relations.areas + 1)
        self._group_area = groups % (relations.areas + 1)
        self._user, self._child = relations.involved_users, relations.involved_children
        self._relation = relations.numbers(self._user, self._child)

    def count(self, user_classes: Ints, counted: Bools) -> Totals:
        """Totals over users of some classes.

        `counted` has shape (what is counted, those user classes, child classes, relations).
        """
        member = np.isin(self._grid.users.of, user_classes)
        entries = np.nonzero(member[self._user])[0]
        place = np.full(len(self._grid.users), -1)
        place[user_classes] = np.arange(len(user_classes))
        # What an involvement adds: its own relation instead of the one the pair would have without it.
        user_class, child_class = place[self._grid.users.of[self._user[entries]]], self._classes(entries)
        own = counted[:, user_class, child_class, self._relation[entries]].T.astype(np.float64)
        own -= counted[:, user_class, child_class, self._relation[entries] - _INVOLVED].T
        members = self._members(np.nonzero(member)[0], place, counted)
        rows = np.searchsorted(np.nonzero(member)[0], self._user[entries])
        np.add.at(members, rows, own)
        return Totals(
            pairs=members.sum(axis=0).astype(np.int64),
            users=(members > 0).sum(axis=0),
            children=self._distinct_children(user_classes, counted, entries, own),
            members=members,
        )

    def per_child(self, counted: Bools) -> Ints:
        """Child -> users; `counted` has shape (user classes, child classes, relations)."""
        near = self._users_by_area
        base = counted[:, :, NEAR].T @ near + counted[:, :, FAR].T @ (self._of_users[:, None] - near)
        totals = base[self._grid.children.of, self._grid.relations.area_of]
        user_class, child_class = self._grid.users.of[self._user], self._grid.children.of[self._child]
        own = counted[user_class, child_class, self._relation].astype(np.float64)
        own -= counted[user_class, child_class, self._relation - _INVOLVED]
        np.add.at(totals, self._child, own)
        result: Ints = totals.astype(np.int64)
        return result

    def _classes(self, entries: Ints) -> Ints:
        return self._grid.children.of[self._child[entries]].astype(np.int64)

    def _members(self, users: Ints, place: Ints, counted: Bools) -> Floats:
        """(user, what is counted) -> children, involvements left aside."""
        totals = np.zeros((len(users), len(counted)))
        of_children = self._by_area.sum(axis=1)
        classes = self._grid.users.of[users]
        for number in np.unique(classes):
            rows = np.nonzero(classes == number)[0]
            near = self._grid.relations.has_area[users[rows]] @ self._by_area[:, :-1].T
            which = counted[:, place[number]]
            totals[rows] = near @ which[:, :, NEAR].T + (of_children - near) @ which[:, :, FAR].T
        return totals

    def _distinct_children(self, user_classes: Ints, counted: Bools, entries: Ints, own: Floats) -> Ints:
        base = np.zeros((len(self._sizes), len(counted)))
        for number in np.unique(self._group_class):
            rows = np.nonzero(self._group_class == number)[0]
            near = self._users_by_area[np.ix_(user_classes, self._group_area[rows])].T
            which = counted[:, :, number]
            base[rows] = near @ which[:, :, NEAR].T + (self._of_users[user_classes] - near) @ which[:, :, FAR].T
        children, row = np.unique(self._child[entries], return_inverse=True)
        before = base[self._group_of[children]]
        after = before.copy()
        np.add.at(after, row, own)
        by_group = (self._sizes[:, None] * (base > 0)).sum(axis=0)
        result: Ints = by_group + (after > 0).sum(axis=0) - (before > 0).sum(axis=0)
        return result
