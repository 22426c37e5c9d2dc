"""People of a population for whom a sequence of steps can begin: a user, a child, perhaps another user."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from overreach.policy.columns import RELATIONS
from overreach.reach.pairs import INVOLVED, Bools, Ints, Pairs

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


class People(NamedTuple):
    """Row numbers."""

    user: int
    child: int
    other: int | None


class Finder:
    """Looks for people; exact: where it finds none, there are none."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        self._grid = pairs.grid
        self._sets, self._set_of = pairs.areas_of_user
        self.find = cache(self._find)
        """The first people that stand so; None where nobody does."""
        involved = np.zeros(len(self._grid.children.of), dtype=np.bool_)
        involved[pairs.child] = True
        self._in_work: Bools = involved

    def overlaps(self, user_class: int, other_class: int | None) -> Bools:
        """Which overlaps of areas occur between users of two classes."""
        found = np.zeros(OVERLAPS, dtype=np.bool_)
        mine = self._sets[np.unique(self._set_of[self._grid.users.of == user_class])]
        if other_class is None:
            found[MINE * mine.any(axis=1).astype(np.int64)] = True
            return found
        theirs = self._sets[np.unique(self._set_of[self._grid.users.of == other_class])]
        found[overlap_of(mine, theirs)] = True
        return found

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
        for one, two in np.argwhere(overlap_of(self._sets[mine], self._sets[theirs]) == overlap):
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
        users = np.flatnonzero(self._grid.users.of == user_class)
        found: Ints = users[self._grid.relations.numbers(users, np.array([child])) == relation]
        return found

    def _children(self, start: Start) -> Iterator[int]:
        """Children worth a look: of those without an involvement one an area stands for all."""
        for user_class, relation in ((start.user_class, start.relation), (start.other_class, start.other_relation)):
            if user_class is not None and relation >= INVOLVED:
                place = (user_class * len(self._grid.children) + start.child_class) * len(RELATIONS) + relation
                yield from np.unique(self._pairs.child[self._pairs.at == place]).tolist()
                return
        children = np.flatnonzero(self._grid.children.of == start.child_class)
        idle = children[~self._in_work[children]]
        _, first = np.unique(self._grid.relations.area_of[idle], return_index=True)
        yield from idle[first].tolist()
        yield from children[self._in_work[children]].tolist()


def overlap_of(mine: Bools, theirs: Bools) -> Ints:
    """(set of areas, set of areas) -> how they lie to each other."""
    both = mine.astype(np.int64) @ theirs.astype(np.int64).T
    only_mine = mine.sum(axis=1)[:, None] > both
    only_theirs = theirs.sum(axis=1)[None, :] > both
    found: Ints = SHARED * (both > 0) + MINE * only_mine + THEIRS * only_theirs
    return found
