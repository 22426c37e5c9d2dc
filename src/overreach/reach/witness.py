"""People of a population for whom a sequence of steps can begin: a user, a child, perhaps another user."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overreach.policy.grid import Grid
from overreach.reach.outcomes import INVOLVED, Bools, Ints

#: How the areas of two users lie: some in common, some of the first only, some of the second only. Sums of these.
SHARED: Final = 4
MINE: Final = 2
THEIRS: Final = 1
OVERLAPS: Final = 8


class Start(NamedTuple):
    """Where a sequence begins, in terms of classes."""

    user_class: int
    child_class: int
    relation: int
    other_class: int | None
    """None where nobody helps."""
    other_relation: int
    overlap: int
    """How the areas of the two lie; `MINE` or 0 where nobody helps."""

    @property
    def state(self) -> tuple[int, ...]:
        """The state that this is, in the order of its axes."""
        return self.user_class, self.child_class, self.relation, self.other_relation, self.overlap


class People(NamedTuple):
    """Row numbers."""

    user: int
    child: int
    other: int | None


class Finder:
    """Looks for people; exact: where it finds none, there are none."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._sets, self._set_of = grid.relations.area_sets
        self.find = cache(self._find)
        """The first people that stand so; None where nobody does."""
        self._of_class = cache(self._children_of)
        self._users = cache(lambda user_class: np.flatnonzero(grid.users.of == user_class))
        self._sets_in = cache(lambda user_class: np.unique(self._set_of[self._users(user_class)]))
        self._met = cache(self._overlaps_with)

    def overlaps(self, user_class: int, other_class: int | None) -> Bools:
        """Which overlaps of areas occur between users of two classes."""
        mine = self._sets_in(user_class)
        if other_class is None:
            found = np.zeros(OVERLAPS, dtype=np.bool_)
            found[MINE * self._sets[mine].any(axis=1).astype(np.int64)] = True
            return found
        met: Bools = np.logical_or.reduce(self._met(other_class)[mine], axis=0)
        return met

    def _overlaps_with(self, other_class: int) -> Bools:
        """(set of areas, overlap) -> whether some user of a class has areas that lie so to these."""
        lying = self._lying[:, self._sets_in(other_class)]
        return np.stack([(lying == overlap).any(axis=1) for overlap in range(OVERLAPS)], axis=1)

    @cached_property
    def _lying(self) -> NDArray[np.uint8]:
        """(set of areas, set of areas) -> how they lie to each other."""
        return overlap_of(self._sets, self._sets).astype(np.uint8)

    def _find(self, start: Start) -> People | None:
        for child in self._children(start):
            users = self._standing(start.user_class, child, start.relation)
            if start.other_class is None:
                fits = users[self._sets[self._set_of[users]].any(axis=1) == bool(start.overlap)]
                if len(fits):
                    return People(int(fits[0]), child, None)
                continue
            others = self._standing(start.other_class, child, start.other_relation)
            found = self._two(users, others, start.overlap) if len(users) and len(others) else None
            if found is not None:
                return People(found[0], child, found[1])
        return None

    def _two(self, users: Ints, others: Ints, overlap: int) -> tuple[int, int] | None:
        mine, theirs = (np.unique(self._set_of[rows]) for rows in (users, others))
        for one, two in np.argwhere(self._lying[np.ix_(mine, theirs)] == overlap):
            first = users[self._set_of[users] == mine[one]]
            second = others[self._set_of[others] == theirs[two]]
            # Nobody helps themselves; two candidates on one side are enough to tell two people apart.
            for user in first[:2]:
                for other in second[:2]:
                    if user != other:
                        return int(user), int(other)
        return None

    def _standing(self, user_class: int, child: int, relation: int) -> Ints:
        """Users of a class who stand so to a child."""
        users = self._users(user_class)
        found: Ints = users[self._grid.relations.numbers(users, np.array([child])) == relation]
        return found

    def _children(self, start: Start) -> Iterator[int]:
        """Children worth a look: of those without an involvement one an area stands for all."""
        for user_class, relation in ((start.user_class, start.relation), (start.other_class, start.other_relation)):
            if user_class is not None and relation >= INVOLVED:
                yield from self._worked_with(user_class, start.child_class, relation)
                return
        idle, worked = self._of_class(start.child_class)
        yield from idle.tolist()
        yield from worked.tolist()

    def _worked_with(self, user_class: int, child_class: int, relation: int) -> Iterator[int]:
        """Children with whom users of a class are involved and stand so, ascending."""
        last = -1
        for user, child, stands in self._grid.relations.involvements():
            some = child[(stands == relation) & (self._grid.users.of[user] == user_class)]
            for each in np.unique(some[self._grid.children.of[some] == child_class]).tolist():
                if each > last:
                    yield each
                    last = each

    def _children_of(self, child_class: int) -> tuple[Ints, Ints]:
        """Children of a class: of those whom nobody works with the first of each area, and all the others."""
        children = np.flatnonzero(self._grid.children.of == child_class)
        works = self._in_work[children]
        idle = children[~works]
        area = self._grid.relations.area_of[idle]
        first = np.full(self._grid.relations.areas + 1, len(idle))
        np.minimum.at(first, area, np.arange(len(idle)))
        order = np.roll(first, 1)  # those without an area, -1, come first
        return idle[order[order < len(idle)]], children[works]

    @cached_property
    def _in_work(self) -> Bools:
        """Child -> whether anybody is involved with it."""
        involved = np.zeros(len(self._grid.children.of), dtype=np.bool_)
        for _, child, _ in self._grid.relations.involvements():
            involved[child] = True
        return involved


def overlap_of(mine: Bools, theirs: Bools) -> Ints:
    """(set of areas, set of areas) -> how they lie to each other."""
    # As floating point numbers they are multiplied by a library that knows the processor; small ones stay exact.
    both = mine.astype(np.float32) @ theirs.astype(np.float32).T
    only_mine = mine.sum(axis=1)[:, None] > both
    only_theirs = theirs.sum(axis=1)[None, :] > both
    found: Ints = SHARED * (both > 0) + MINE * only_mine + THEIRS * only_theirs
    return found
