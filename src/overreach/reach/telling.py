"""Who may read something of one child that another child's record hides: over pairs of children, without all users.

Users who agree in class and areas are one kind, pairs of children who agree in classes and areas another; whoever is
involved with a child of a pair is then looked at alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import Claims
from overreach.model.terms import Facet
from overreach.policy.codes import combine
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.reach.covering import alike
from overreach.reach.outcomes import NEAR, Bools, Ints

_MANY: Final = len(RELATIONS)
#: Kinds of users by kinds of pairs looked at together: bounds the memory, a few bytes each.
_AT_ONCE: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Gain:
    """Which facets tell, as masks."""

    told: int
    """Of the other child."""
    hidden: int | None = None
    """All of these are hidden of the child itself; None: the same facet that is told of the other."""

    def of(self, other: NDArray[np.int32], own: NDArray[np.int32]) -> NDArray[np.int32]:
        """Facets gained where these may be read of the other child, and those of the child itself."""
        if self.hidden is None:
            return other & ~own & np.int32(self.told)
        return np.where(own & np.int32(self.hidden), np.int32(0), other & np.int32(self.told))


class Telling:
    """Pairs of children of whom one may tell of the other."""

    def __init__(self, grid: Grid, child: Ints, other: Ints, gain: Gain) -> None:
        """`child` and `other` are row numbers, pair by pair."""
        self._grid = grid
        self.gain = gain
        self._pairs = (child, other)
        read = np.array([grid.masks(context.claims) & (gain.told | (gain.hidden or 0)) for context in grid.rungs])
        self._users, user_of = _alike(read.transpose(1, 0, 2, 3))
        self._children, child_of = _alike(read.transpose(2, 0, 1, 3))
        sets, set_of = grid.relations.area_sets
        users = ((user_of[grid.users.of], len(self._users)), (set_of.astype(np.int64), len(sets)))
        self._kind_of, self._kinds = combine(len(set_of), users)
        """User -> kind; (kind, (class, set of areas))."""
        areas = grid.relations.areas
        sides = [(child_of[grid.children.of[side]], grid.relations.area_of[side]) for side in self._pairs]
        columns = [(sides[0][0], len(self._children)), (sides[1][0], len(self._children))]
        columns += [(np.where(area < 0, areas, area), areas + 1) for _, area in sides]
        self._sort_of, self._sorts = combine(len(child), columns)
        """Pair -> sort; (sort, (class of the child, of the other, area of the child, of the other))."""
        self._has_area: Bools = np.hstack([sets, np.zeros((len(sets), 1), dtype=np.bool_)])
        self._entries = self._involved()

    def counts(self, claims: Sequence[Claims]) -> tuple[Ints, Ints]:
        """User -> pairs in which some of these claims tell something, and pair -> users."""
        table = np.logical_or.reduce([self._gained(each) for each in claims]).ravel()
        of_user, of_pair = self._base(table)
        pair, user = self._entries
        own, near = self._relations(user, pair), self._relations(user, pair, NEAR)
        change = table[self._place(user, pair, *own)].astype(np.int64) - table[self._place(user, pair, *near)]
        np.add.at(of_user, user, change)
        np.add.at(of_pair, pair, change)
        return of_user, of_pair

    def first(self, claims: Claims) -> tuple[int, int] | None:
        """The first user whom these claims tell something, and the first pair of whom; None where nobody is."""
        of_user, _ = self.counts([claims])
        told = np.flatnonzero(of_user)
        if not len(told):
            return None
        pairs = np.arange(len(self._sort_of))
        user = np.full(len(pairs), told[0])
        hits = self._gained(claims).ravel()[self._place(user, pairs, *self._relations(user, pairs))]
        return int(told[0]), int(hits.argmax())

    def gained(self, user: int, pair: int, claims: Claims) -> int:
        """Mask of what a user gains from a pair."""
        own, other = (self._grid.facets(user, int(side[pair]), claims) for side in self._pairs)
        return int(self.gain.of(np.array(other, dtype=np.int32), np.array(own, dtype=np.int32)))

    def _gained(self, claims: Claims) -> Bools:
        """(user class, child's class, other's class, relation to the child, to the other) -> whether anything."""
        masks = self._grid.masks(claims)[self._users][:, self._children]
        found: Bools = self.gain.of(masks[:, None, :, None, :], masks[:, :, None, :, None]) > 0
        return found

    def _base(self, table: Bools) -> tuple[Ints, Ints]:
        """User -> pairs, and pair -> users, involvements left aside."""
        of_kind = np.bincount(self._kind_of, minlength=len(self._kinds)).astype(np.float64)
        of_sort = np.bincount(self._sort_of, minlength=len(self._sorts)).astype(np.float64)
        pairs, users = np.zeros(len(of_kind)), np.zeros(len(of_sort))
        user_class, areas = self._kinds.T
        step = max(1, _AT_ONCE // max(len(of_kind), 1))
        for start in range(0, len(of_sort), step):
            own, other, *here = self._sorts[start : start + step].T
            near = [self._has_area[areas][:, area] for area in here]
            hits = table[self._cell(user_class[:, None], own, other, *near)].astype(np.float64)
            pairs += hits @ of_sort[start : start + step]
            users[start : start + step] = of_kind @ hits
        return pairs.astype(np.int64)[self._kind_of], users.astype(np.int64)[self._sort_of]

    def _cell(self, user: Ints, own: Ints, other: Ints, mine: Ints | Bools, others: Ints | Bools) -> Ints:
        """Place in a flattened table."""
        many = len(self._children)
        place: Ints = (((user * many + own) * many + other) * _MANY + mine) * _MANY + others
        return place

    def _place(self, user: Ints, pair: Ints, mine: Ints, others: Ints) -> Ints:
        own, other = self._sorts[self._sort_of[pair], :2].T
        return self._cell(self._kinds[self._kind_of[user], 0], own, other, mine, others)

    def _relations(self, user: Ints, pair: Ints, bits: int = _MANY - 1) -> tuple[Ints, Ints]:
        """How users stand to both children of pairs; only those bits of it."""
        own, other = (self._grid.relations.numbers(user, side[pair]) & bits for side in self._pairs)
        return own, other

    def _involved(self) -> tuple[Ints, Ints]:
        """Pairs and users of whom the user is involved with a child of the pair; each once."""
        many = len(self._grid.users.of)
        both = [self._grid.relations.involved_with(side) for side in self._pairs]
        keys = np.unique(np.concatenate([pair * many + user for pair, user in both]))
        return keys // max(many, 1), keys % max(many, 1)


def _alike(read: NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Of the classes that read, or are read, alike the first; and class -> place among those."""
    facets = np.array([facet.bit for facet in Facet], dtype=np.int32)
    return alike((read[..., None] & facets) > 0)
