"""Exact totals of any chosen pairs: by user, by child, by role; and one pair of them as an example.

`chosen` is always a Boolean array (user class, child class, relation). Nothing goes through the pairs: users who agree
in class and areas are one type, children who agree in class and area one group, and involvements correct what types and
groups say, each moving its pair from the relation it would have without it to its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.policy.oracle import ROLE

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: Relation numbers without an involvement; with one: two more.
FAR: Final = 0
NEAR: Final = 1
INVOLVED: Final = 2


@dataclass(frozen=True, slots=True)
class Totals:
    """How many."""

    pairs: int = 0
    users: int = 0
    """Distinct users in those pairs."""
    children: int = 0
    """Distinct children in those pairs."""


class Pairs:
    """Counting over one grid; what all counts share is prepared once."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        relations = grid.relations
        self.user, self.child = relations.involved_users, relations.involved_children
        classes = grid.users.of[self.user].astype(np.int64) * len(grid.children) + grid.children.of[self.child]
        self.at: Ints = classes * len(RELATIONS) + relations.numbers(self.user, self.child)
        """Involvement -> place of its cell in a flattened `chosen`."""
        self.by_area: Ints = relations.children_by_area(grid.children)
        """(child class, area) -> children; the last area is none."""
        self._users_by_area: Ints = relations.users_by_area(grid.users)
        self._of_users = np.bincount(grid.users.of, minlength=len(grid.users))
        self.counts: Ints = relations.pair_counts(grid.users, grid.children)
        """(user class, child class, relation) -> pairs."""
        place = grid.users.attributes.index(ROLE)
        self.role_of: tuple[str, ...] = tuple(str(facts[place]) for facts in grid.users.facts)
        """User class -> role."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of `chosen`."""
        return len(self.grid.users), len(self.grid.children), len(RELATIONS)

    @cached_property
    def roles(self) -> dict[str, Ints]:
        """Role -> its user classes, in the order of the roles' names."""
        names = np.array(self.role_of)
        return {role: np.flatnonzero(names == role) for role in sorted(set(self.role_of))}

    @cached_property
    def areas_of_user(self) -> tuple[Bools, Ints]:
        """The distinct sets of areas as rows, and which of them each user has."""
        packed = np.packbits(self.grid.relations.has_area, axis=1)
        keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
        _, first, of = np.unique(keys, return_index=True, return_inverse=True)
        return self.grid.relations.has_area[first], of.astype(np.int64)

    def corrections(self, chosen: Bools) -> tuple[Ints, Ints]:
        """Involvements that make a difference (their places), and the difference: 1 or -1."""
        without = chosen[:, :, [FAR, NEAR, FAR, NEAR]]
        table = (chosen.astype(np.int8) - without).ravel()
        if not table.any():
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        difference = table[self.at]
        rows = np.flatnonzero(difference)
        return rows, difference[rows].astype(np.int64)

    def per_user(self, chosen: Bools) -> Ints:
        """User -> children."""
        sets, of = self.areas_of_user
        near = sets.astype(np.int64) @ self.by_area[:, :-1].T
        everybody = self.by_area.sum(axis=1)
        own = chosen.astype(np.int64)
        by_set = near @ (own[:, :, NEAR] - own[:, :, FAR]).T + (own[:, :, FAR] @ everybody)[None, :]
        found: Ints = by_set[of, self.grid.users.of]
        rows, difference = self.corrections(chosen)
        np.add.at(found, self.user[rows], difference)
        return found

    def per_child(self, chosen: Bools) -> Ints:
        """Child -> users."""
        found: Ints = self._per_group(chosen)[self.grid.children.of, self.grid.relations.area_of]
        rows, difference = self.corrections(chosen)
        np.add.at(found, self.child[rows], difference)
        return found

    def totals(self, chosen: Bools) -> dict[str, Totals]:
        """Role -> totals, for the roles that have a chosen pair."""
        by_class = (self.counts * chosen).sum(axis=(1, 2))
        reaching = np.bincount(self.grid.users.of[self.per_user(chosen) > 0], minlength=len(self.grid.users))
        rows, difference = self.corrections(chosen)
        class_of_row = self.grid.users.of[self.user[rows]]
        found = {}
        for role, classes in self.roles.items():
            pairs = int(by_class[classes].sum())
            if pairs:
                own = np.zeros_like(chosen)
                own[classes] = chosen[classes]
                mine = np.isin(class_of_row, classes)
                children = self._distinct_children(own, self.child[rows[mine]], difference[mine])
                found[role] = Totals(pairs, int(reaching[classes].sum()), children)
        return found

    def examples(self, chosen: Bools) -> Iterator[tuple[int, int]]:
        """Chosen pairs (user, child), involved ones first; every cell that has any gives at least one."""
        hits = np.flatnonzero(chosen.ravel()[self.at])
        _, first = np.unique(self.at[hits], return_index=True)
        for row in np.sort(first):
            yield int(self.user[hits[row]]), int(self.child[hits[row]])
        for user_class, child_class, relation in np.argwhere(chosen[:, :, :INVOLVED] & (self.counts[:, :, :2] > 0)):
            children = np.flatnonzero(self.grid.children.of == child_class)
            for user in np.flatnonzero(self.grid.users.of == user_class):
                fits = self.grid.relations.numbers(np.array([user]), children) == relation
                if fits.any():
                    yield int(user), int(children[fits.argmax()])
                    break

    def _per_group(self, chosen: Bools) -> Ints:
        """(child class, area) -> users, involvements left aside."""
        near, own = self._users_by_area, chosen.astype(np.int64)
        found: Ints = own[:, :, NEAR].T @ near + own[:, :, FAR].T @ (self._of_users[:, None] - near)
        return found

    def _distinct_children(self, chosen: Bools, children: Ints, difference: Ints) -> int:
        base = self._per_group(chosen)
        total = int(self.by_area[base > 0].sum())
        corrected, of = np.unique(children, return_inverse=True)
        before = base[self.grid.children.of[corrected], self.grid.relations.area_of[corrected]]
        after = before.copy()
        np.add.at(after, of, difference)
        return total + int((after > 0).sum()) - int((before > 0).sum())
