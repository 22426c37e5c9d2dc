"""How few users it takes to cover all children: a greedy number of them, and a number below which none can do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from overreach.policy.relations import spans
from overreach.reach.covering import Covering, alike
from overreach.reach.outcomes import Bools, Ints

#: Touched children for whom weights are sought by linear programming; of more, the hardest still prove what they give.
_PROGRAMMED: Final = 3_000
_SCALE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Cover:
    """The fewest users who together can open every child that anybody can open."""

    children: int
    """Children that somebody can open."""
    at_most: int
    """So many users suffice: `users`."""
    at_least: int
    """Fewer cannot do it; 0 where there is no child to open."""
    users: tuple[int, ...]
    """Row numbers, in the order in which they were picked: each opens the most children still closed."""


def cover(covering: Covering) -> Cover:
    """The fewest users for the chosen pairs: picked greedily, and proven from below.

    Any weights of children prove a bound: the sum of all of them, divided by the most that one user covers.
    """
    total = covering.total
    if not total:
        return Cover(0, 0, 0, ())
    greedy = _Greedy(covering)
    most = _largest(greedy.counts, total)
    users = tuple(greedy.picked())
    bounds = [_proven(covering, *weights) for weights in _weights(covering)]
    return Cover(total, len(users), max(most, *bounds), users)


class _Greedy:
    """Picks whoever covers the most children still open; ties go to the first user.

    The sums by user are kept up to date: a child is closed once, and only then looked at.
    """

    def __init__(self, covering: Covering) -> None:
        self._covering = covering
        self._table = covering.table.astype(np.float64)
        self._plain = covering.plain.copy()
        self._left = np.flatnonzero(covering.open)
        """Touched children still open."""
        self._by_kind = np.zeros(len(covering.table))
        self._own = np.zeros(len(covering.kind_of), dtype=np.int64)
        by_group = self._plain + np.bincount(covering.group_of[self._left], minlength=len(self._plain))
        self._starts = np.searchsorted(covering.touched, np.arange(len(covering.open) + 1))
        self._add(by_group, self._left, 1)
        self.counts: Ints = self._by_kind.astype(np.int64)[covering.kind_of] + self._own
        """User -> children covered."""
        # Of the users of a kind whom no involvement tells apart, the first stands for all.
        special = np.zeros(len(covering.kind_of), dtype=np.bool_)
        special[covering.users] = True
        others = np.flatnonzero(~special)
        _, first = np.unique(covering.kind_of[others], return_index=True)
        self._candidates = np.sort(np.concatenate([others[first], np.flatnonzero(special)]))

    def picked(self) -> Iterator[int]:
        """Row numbers, until every child is closed."""
        kinds = self._covering.kind_of[self._candidates]
        left = int(self._plain.sum()) + len(self._left)
        while left:
            user = int(self._candidates[(self._by_kind[kinds] + self._own[self._candidates]).argmax()])
            yield user
            left -= self._close(user)

    def _close(self, user: int) -> int:
        """Close the children of a user; how many those are."""
        covering = self._covering
        groups = covering.table[covering.kind_of[user]]
        by_group = np.where(groups, self._plain, 0)
        self._plain -= by_group
        covered = groups[covering.group_of]
        mine = covering.users == user
        covered[covering.touched[mine]] = covering.signs[mine] > 0
        hit = covered[self._left]
        closed, self._left = self._left[hit], self._left[~hit]
        by_group = by_group + np.bincount(covering.group_of[closed], minlength=len(by_group))
        self._add(by_group, closed, -1)
        return int(by_group.sum())

    def _add(self, by_group: Ints, touched: Ints, sign: int) -> None:
        """Count open children, or closed ones, in the sums of all users."""
        changed = np.flatnonzero(by_group)
        self._by_kind += sign * (self._table[:, changed] @ by_group[changed].astype(np.float64))
        rows = spans(self._starts[touched], self._starts[touched + 1] - self._starts[touched])
        np.add.at(self._own, self._covering.users[rows], sign * self._covering.signs[rows])


def _largest(counts: Ints, total: int) -> int:
    """So many of the users who cover most could at best cover all, if no two covered the same child."""
    reached = np.cumsum(np.sort(counts)[::-1])
    return int(np.searchsorted(reached, total)) + 1


def _proven(covering: Covering, of_groups: Ints, of_touched: Ints) -> int:
    """The bound that weights prove: of one untouched child of each group, and of touched children."""
    most = int(covering.sums(of_groups, of_touched).max())
    return -(-int(of_groups.sum() + of_touched.sum()) // most) if most else 0


def _weights(covering: Covering) -> Iterator[tuple[Ints, Ints]]:
    """Weights worth trying: a packing of children no two of whom anybody covers, and those of a linear programme."""
    groups, touched = np.flatnonzero(covering.plain), _hard(covering)
    size = len(groups) + len(touched)
    rows, columns = _incidence(covering, groups, touched)
    for found in (_packed(rows, columns, size), _solved(rows, columns, size)):
        if found is not None:
            of_groups, of_touched = np.zeros_like(covering.plain), np.zeros(len(covering.open), dtype=np.int64)
            of_groups[groups], of_touched[touched] = found[: len(groups)], found[len(groups) :]
            yield of_groups, of_touched


def _hard(covering: Covering) -> Ints:
    """Touched children that prove more than an untouched one of their group, the hardest to cover if there are many.

    Whoever covers an untouched child covers all of its group from whom no involvement takes anything away: their
    weights may as well be its own.
    """
    hard = covering.plain[covering.group_of] == 0
    hard[covering.touched[covering.signs < 0]] = True
    found = np.flatnonzero(hard & covering.open)
    users = covering.covering[found]
    return np.sort(found[np.argsort(users, kind="stable")[:_PROGRAMMED]])


def _incidence(covering: Covering, groups: Ints, touched: Ints) -> tuple[Ints, Ints]:
    """Who covers which child, as rows and columns: one of each group, then touched ones. Equal rows are one."""
    place = np.full(len(covering.open), -1, dtype=np.int64)
    place[touched] = len(groups) + np.arange(len(touched))
    touching = np.flatnonzero(place[covering.touched] >= 0)
    special = np.unique(covering.users[touching])
    base = covering.table[:, np.concatenate([groups, covering.group_of[touched]])]
    own = base[covering.kind_of[special]]
    of_special = np.searchsorted(special, covering.users[touching])
    own[of_special, place[covering.touched[touching]]] = covering.signs[touching] > 0
    plain = np.unique(np.delete(covering.kind_of, special))
    table = np.vstack([base[plain], own])
    rows, columns = np.nonzero(table[alike(table)[0]])
    return rows.astype(np.int64), columns.astype(np.int64)


def _packed(rows: Ints, columns: Ints, size: int) -> Ints:
    """1 for children picked so that nobody covers two of them; those whom the fewest cover come first."""
    users_of = np.split(rows[np.argsort(columns, kind="stable")], np.cumsum(np.bincount(columns, minlength=size))[:-1])
    taken: Bools = np.zeros(int(rows.max()) + 1, dtype=np.bool_)
    picked = np.zeros(size, dtype=np.int64)
    for child in sorted(range(size), key=lambda each: (len(users_of[each]), each)):
        if not taken[users_of[child]].any():
            picked[child] = 1
            taken[users_of[child]] = True
    return picked


def _solved(rows: Ints, columns: Ints, size: int) -> Ints | None:
    """Weights of a linear programme as integers: rounding is harmless, what they prove is computed exactly."""
    # Loading them takes half a second, which counts alone need not wait for.
    from scipy.optimize import linprog  # type: ignore[import-untyped]  # noqa: PLC0415 - ships no types
    from scipy.sparse import coo_matrix  # type: ignore[import-untyped]  # noqa: PLC0415 - ships no types

    shape = (int(rows.max()) + 1, size)
    table = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()
    answer = linprog(-np.ones(size), A_ub=table, b_ub=np.ones(shape[0]), bounds=(0, 1), method="highs")
    if not answer.success:
        return None
    weights: Ints = np.floor(np.clip(answer.x, 0, 1) * _SCALE).astype(np.int64)
    return weights
