"""The rows that were asked for, sorted once by class, level and area, so that drawing looks at none of the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from overreach.population.sides import LEVELS, Bools, Ints, Side


class Members:
    """Some rows as a sequence, the plainest first: stretches of a long array, never copied."""

    def __init__(self, rows: Ints, stretches: Sequence[tuple[int, int]]) -> None:
        self._rows = rows
        self._stretches = list(stretches)
        self._ends = np.cumsum([end - start for start, end in self._stretches], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, place: int) -> int:
        which = int(self._ends.searchsorted(place, side="right"))
        return int(self._rows[self._stretches[which][1] - (int(self._ends[which]) - place)])


class Groups:
    """Rows by group and area. A group is class x level; those of one area stand together, the plainest first."""

    def __init__(self, side: Side, wanted: Bools, area_of: Ints | None = None, areas: int = 0) -> None:
        """`area_of` gives the area of each row, -1 for none; without it there is one area."""
        self.side = side
        self.count = side.class_count * LEVELS
        self.areas = areas + 1
        rows = np.flatnonzero(wanted)
        group = side.class_of[rows].astype(np.int64) * LEVELS + side.level[rows]
        area = np.zeros(len(rows), dtype=np.int64) if area_of is None else area_of[rows] % self.areas
        block = group * self.areas + area
        order = np.lexsort((side.rank[rows], block))  # stable: equal ones stay in order of their rows
        self.rows: Ints = rows[order]
        """All rows, group by group and area by area."""
        sizes = np.bincount(block, minlength=self.count * self.areas)
        self.sizes: Ints = sizes.reshape(self.count, self.areas)
        """(group, area) -> rows; the last area stands for none."""
        self.starts: Ints = np.r_[0, np.cumsum(sizes)][:-1].reshape(self.count, self.areas)

    @cached_property
    def group_of(self) -> NDArray[np.int32]:
        """Row -> its group; `count` for one that was not asked for."""
        found = np.full(len(self.side), self.count, dtype=np.int32)
        found[self.rows] = np.repeat(np.arange(self.count, dtype=np.int32), self.sizes.sum(axis=1))
        return found

    @cached_property
    def place_of(self) -> Ints:
        """Row -> its place in `rows`; -1 for one that was not asked for."""
        found = np.full(len(self.side), -1, dtype=np.int64)
        found[self.rows] = np.arange(len(self.rows))
        return found

    def classes(self) -> Ints:
        """The classes that have rows, the plainest first: closest to the commonest, then the largest."""
        sizes = self.sizes.sum(axis=1).reshape(-1, LEVELS).sum(axis=1)
        found = np.flatnonzero(sizes)
        return found[np.lexsort((found, -sizes[found], self.side.distance[found]))]

    def levels(self, number: int) -> Ints:
        """The levels at which a class has rows, ascending."""
        sizes = self.sizes[number * LEVELS : (number + 1) * LEVELS].sum(axis=1)
        found: Ints = np.flatnonzero(sizes)
        return found

    def members(self, group: int, areas: Bools | None = None, without: Ints | None = None) -> Members:
        """The rows of a group in some areas, without some rows of the group."""
        chosen = np.flatnonzero(self.sizes[group] if areas is None else self.sizes[group] * areas)
        starts = self.starts[group][chosen]
        ends = starts + self.sizes[group][chosen]
        if without is not None and len(without):
            # Cutting the stretches at what is left out keeps them stretches.
            cuts = np.sort(self.place_of[without])
            within = starts.searchsorted(cuts, side="right") - 1
            cuts = cuts[(within >= 0) & (cuts < np.r_[ends, 0][within])]
            starts, ends = np.sort(np.r_[starts, cuts + 1]), np.sort(np.r_[ends, cuts])
        kept = starts < ends
        return Members(self.rows, self._plainest_first(starts[kept], ends[kept]))

    def sort(self, rows: Ints) -> Ints:
        """Some rows of one group, the plainest first."""
        return rows[np.lexsort((rows, self.side.rank[rows]))]

    def _plainest_first(self, starts: Ints, ends: Ints) -> list[tuple[int, int]]:
        firsts = self.rows[starts]
        order = np.lexsort((firsts, self.side.rank[firsts]))
        return list(zip(starts[order].tolist(), ends[order].tolist(), strict=True))
