"""How few users it takes to cover all children: a greedy number of them, and a number below which none can do it.

Both stand on the same table: which children each user covers, by type and group with the involvements that differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from overreach.reach.pairs import FAR, NEAR, Bools, Ints, Pairs

#: Children for whom weights are sought by linear programming; of more, a sample that still proves what it gives.
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


class Covering:
    """Who covers whom, for one choice of pairs."""

    def __init__(self, pairs: Pairs, chosen: Bools, coverable: Bools) -> None:
        grid = pairs.grid
        self.counts = pairs.per_user(chosen)
        """User -> children covered."""
        self.coverable = coverable
        """Child -> whether anybody covers it."""
        # Classes that are chosen alike need not be told apart.
        alike_users, user_of = np.unique(chosen.reshape(len(chosen), -1), axis=0, return_inverse=True)
        kept = alike_users.reshape(-1, *chosen.shape[1:])
        alike, child_of = np.unique(kept.transpose(1, 0, 2).reshape(chosen.shape[1], -1), axis=0, return_inverse=True)
        merged = alike.reshape(len(alike), len(kept), -1)
        sets, set_of = pairs.areas_of_user
        types, self.type_of = np.unique(user_of.ravel()[grid.users.of] * len(sets) + set_of, return_inverse=True)
        areas = pairs.by_area.shape[1]
        area = np.where(grid.relations.area_of < 0, areas - 1, grid.relations.area_of)
        groups, self.group_of = np.unique(child_of.ravel()[grid.children.of] * areas + area, return_inverse=True)
        of_type = merged[groups // areas][:, types // len(sets)]  # (group, type, relation)
        has_area = np.hstack([sets, np.zeros((len(sets), 1), dtype=np.bool_)])
        near = has_area[types % len(sets)][:, groups % areas].T
        self.table: Bools = np.where(near, of_type[:, :, NEAR], of_type[:, :, FAR]).T
        """(type, group) -> whether such users cover such children, involvements left aside."""
        rows, self.signs = pairs.corrections(chosen)
        self.users, self.children = pairs.user[rows], pairs.child[rows]

    def sums(self, weights: Ints) -> Ints:
        """User -> sum of the weights of the children covered."""
        by_group = np.zeros(self.table.shape[1], dtype=np.int64)
        np.add.at(by_group, self.group_of, weights)
        found: Ints = (self.table.astype(np.int64) @ by_group)[self.type_of]
        np.add.at(found, self.users, self.signs * weights[self.children])
        return found

    def of_user(self, user: int) -> Bools:
        """Child -> whether this user covers it."""
        found: Bools = self.table[self.type_of[user]][self.group_of]
        mine = self.users == user
        found[self.children[mine]] = self.signs[mine] > 0
        return found


def cover(pairs: Pairs, chosen: Bools) -> Cover:
    """The fewest users for the chosen pairs: picked greedily, and proven from below.

    Any weights of children prove a bound: the sum of all of them, divided by the most that one user covers.
    """
    coverable = pairs.per_child(chosen) > 0
    total = int(coverable.sum())
    if not total:
        return Cover(0, 0, 0, ())
    covering = Covering(pairs, chosen, coverable)
    users = tuple(_greedy(covering))
    bounds = [_proven(covering, weights) for weights in _weights(covering)]
    return Cover(total, len(users), max(_largest(covering, total), *bounds), users)


def _greedy(covering: Covering) -> Iterator[int]:
    left = covering.coverable.copy()
    while left.any():
        user = int(covering.sums(left.astype(np.int64)).argmax())
        yield user
        left &= ~covering.of_user(user)


def _largest(covering: Covering, total: int) -> int:
    """So many of the users who cover most could at best cover all, if no two covered the same child."""
    reached = np.cumsum(np.sort(covering.counts)[::-1])
    return int(np.searchsorted(reached, total)) + 1


def _proven(covering: Covering, weights: Ints) -> int:
    weights = np.where(covering.coverable, weights, 0)
    most = int(covering.sums(weights).max())
    return -(-int(weights.sum()) // most) if most else 0


def _weights(covering: Covering) -> Iterator[Ints]:
    """Weights worth trying: a packing of children no two of whom anybody covers, and those of a linear programme."""
    sample = _sample(covering)
    rows, columns = _incidence(covering, sample)
    found = np.zeros(len(covering.coverable), dtype=np.int64)
    found[sample] = _packed(rows, columns, len(sample))
    yield found
    solved = _solved(rows, columns, len(sample))
    if solved is not None:
        found = np.zeros_like(found)
        found[sample] = solved
        yield found


def _sample(covering: Covering) -> Ints:
    """Of each group one child whom no involvement touches, if there is one, and as many others as can be programmed."""
    children = np.flatnonzero(covering.coverable)
    touched = np.zeros(len(covering.coverable), dtype=np.int64)
    np.add.at(touched, covering.children, 1)
    order = children[np.lexsort((children, touched[children]))]
    _, first = np.unique(covering.group_of[order], return_index=True)
    others = np.delete(order, first)
    # Those who depend on involvements are the hardest to cover: they prove the most.
    spare = max(0, _PROGRAMMED - len(first))
    return np.sort(np.concatenate([order[first], others[::-1][:spare]]))


def _incidence(covering: Covering, sample: Ints) -> tuple[Ints, Ints]:
    """Who covers which child of a sample, as rows and columns; users who cover the same are one row."""
    place = np.full(len(covering.coverable), -1, dtype=np.int64)
    place[sample] = np.arange(len(sample))
    touching = np.flatnonzero(place[covering.children] >= 0)
    special = np.unique(covering.users[touching])
    base = covering.table[:, covering.group_of[sample]]
    own = base[covering.type_of[special]]
    own[np.searchsorted(special, covering.users[touching]), place[covering.children[touching]]] = (
        covering.signs[touching] > 0
    )
    plain = np.unique(np.delete(covering.type_of, special))
    table = np.unique(np.vstack([base[plain], own]), axis=0)
    rows, columns = np.nonzero(table)
    return rows.astype(np.int64), columns.astype(np.int64)


def _packed(rows: Ints, columns: Ints, size: int) -> Ints:
    """1 for children picked so that nobody covers two of them; those whom the fewest cover come first."""
    users_of = np.split(rows[np.argsort(columns, kind="stable")], np.cumsum(np.bincount(columns, minlength=size))[:-1])
    taken = np.zeros(int(rows.max()) + 1, dtype=np.bool_)
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
