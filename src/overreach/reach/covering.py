"""Who covers whom, for one choice of pairs: kinds of users by groups of children, and the involvements that differ.

Users who agree in class and areas, and children who agree in class and area, need not be told apart until an
involvement touches them. So everything is as long as kinds, groups and such involvements, never as the population.
"""

from __future__ import annotations

import numpy as np

from overreach.policy.grid import Grid
from overreach.reach.outcomes import FAR, NEAR, Bools, Ints
from overreach.reach.tally import Tally


class Covering:
    """The pairs counted by one column of a tally, as a table and its exceptions."""

    def __init__(self, grid: Grid, tally: Tally, counted: Bools) -> None:
        """`counted` is code -> whether such a pair is one of a user who covers a child."""
        kinds_of = _Kinds(grid, tally, counted[tally.of])
        self.table: Bools = kinds_of.table
        """(kind, group) -> whether such users cover such children, involvements left aside."""
        self.kind_of: Ints = kinds_of.kind_of
        """User -> kind."""
        user, child, self.signs = tally.corrections(counted)
        touched, which = np.unique(child, return_inverse=True)
        self.users: Ints = user.astype(np.int64)
        """Users of the involvements that differ, by touched child; `signs` are 1 where the child is gained, or -1."""
        self.touched: Ints = which.astype(np.int64)
        """Their children, counted among those touched."""
        self.group_of: Ints = kinds_of.groups_of(touched.astype(np.int64))
        """Touched child -> group."""
        by_group = np.bincount(self.kind_of, minlength=len(self.table)) @ self.table
        self.covering: Ints = by_group[self.group_of] + _summed(self.touched, self.signs, len(touched))
        """Touched child -> users who cover it."""
        self.open: Bools = self.covering > 0
        """Touched child -> whether anybody covers it."""
        untouched = kinds_of.sizes - np.bincount(self.group_of, minlength=len(kinds_of.sizes))
        self.plain: Ints = np.where(by_group > 0, untouched, 0)
        """Group -> children whom somebody covers and no involvement touches."""

    @property
    def total(self) -> int:
        """Children whom anybody covers."""
        return int(self.plain.sum() + self.open.sum())

    def sums(self, of_groups: Ints, of_touched: Ints) -> Ints:
        """User -> sum of the weights of the children covered: weights of groups' untouched children, and of others."""
        by_group = of_groups + _summed(self.group_of, of_touched, len(of_groups))
        found: Ints = (self.table @ by_group)[self.kind_of]
        np.add.at(found, self.users, self.signs * of_touched[self.touched])
        return found


class _Kinds:
    """Kinds of users, groups of children."""

    def __init__(self, grid: Grid, tally: Tally, chosen: Bools) -> None:
        # Classes that are chosen alike need not be told apart.
        some_users, user_of = alike(chosen)
        some_children, self._child_of = alike(chosen[some_users].transpose(1, 0, 2))
        merged = chosen[some_users][:, some_children]
        self._area_of = grid.relations.area_of
        self._classes = grid.children.of
        self._areas = tally.by_area.shape[1]
        by_class = np.zeros((len(some_children), self._areas), dtype=np.int64)
        np.add.at(by_class, self._child_of, tally.by_area)
        self._groups = np.flatnonzero(by_class)
        self.sizes = by_class.ravel()[self._groups]
        sets, set_of = grid.relations.area_sets
        types, type_of = np.unique(user_of[grid.users.of] * len(sets) + set_of, return_inverse=True)
        of_type = merged[types // len(sets)][:, self._groups // self._areas]  # (type, group, relation)
        has_area = np.hstack([sets, np.zeros((len(sets), 1), dtype=np.bool_)])
        near = has_area[types % len(sets)][:, self._groups % self._areas]
        table = np.where(near, of_type[:, :, NEAR], of_type[:, :, FAR])
        some, kind_of = alike(table)
        self.table = table[some]
        self.kind_of = kind_of[type_of]

    def groups_of(self, children: Ints) -> Ints:
        """The groups of some children."""
        area = self._area_of[children]
        area = np.where(area < 0, self._areas - 1, area)
        found: Ints = np.searchsorted(
            self._groups, self._child_of.ravel()[self._classes[children]] * self._areas + area
        )
        return found


def alike(rows: Bools) -> tuple[Ints, Ints]:
    """Of the rows equal to each other the first, and which of these each row equals."""
    packed = np.packbits(rows.reshape(len(rows), int(np.prod(rows.shape[1:]))), axis=1)
    _, first, of = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), of.ravel().astype(np.int64)


def _summed(places: Ints, values: Ints, length: int) -> Ints:
    found = np.zeros(length, dtype=np.int64)
    np.add.at(found, places, values)
    return found
