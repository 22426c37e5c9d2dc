"""Stolen accounts: what one account of each role opens, and how few open every child.

Whoever holds an account states any reason and breaks any glass that the pack's rungs allow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overreach.model.terms import Facet, Rung, mask_of
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.reach.cover import Cover, cover
from overreach.reach.pairs import Bools, Pairs

#: Stands for all children where a record class could stand.
ALL = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What one account of a role opens at any rung."""

    role: str
    record_class: str
    """Empty for all children."""
    facet: Facet | None
    """None for any facet at all."""
    accounts: int
    """Users of the role."""
    most: int
    """Distinct children that the best account opens."""
    median: float
    user: int
    """Row number of the best account."""


@dataclass(frozen=True, slots=True)
class Fewest:
    """How few accounts open a facet of every child of a record class, at a rung or below."""

    record_class: str
    """Empty for all children."""
    facet: Facet
    rung: Rung
    children: int
    """Children of the class."""
    cover: Cover


class Stolen:
    """What stolen accounts open of one facet over one population."""

    def __init__(self, grid: Grid, facet: Facet = Facet.WHEREABOUTS) -> None:
        self._grid = grid
        self._facet = facet
        self._pairs = Pairs(grid)
        self._masks = dict(self._cumulated())
        self.classes: tuple[str, ...] = (ALL, *self._of_children())
        """All children, and the record classes that are about the child alone, in the policy's order."""

    def accounts(self) -> tuple[Account, ...]:
        """By role: any facet of any child, then the facet of all children and of each record class."""
        everything = self._masks[max(self._masks, key=lambda rung: rung.height)]
        found = list(self._by_role(ALL, None, (everything & mask_of(tuple(Facet))) > 0))
        for name in self.classes:
            chosen: Bools = (everything & self._facet.bit) > 0
            found += self._by_role(name, self._facet, chosen & self._members(name))
        return tuple(sorted(found, key=lambda account: account.role))

    def fewest(self) -> tuple[Fewest, ...]:
        """By record class and rung."""
        found = []
        for name in self.classes:
            members = self._members(name)
            inside = np.flatnonzero(members.any(axis=(0, 2)))
            children = int(np.isin(self._grid.children.of, inside).sum())
            for rung, masks in self._masks.items():
                covered = cover(self._pairs, ((masks & self._facet.bit) > 0) & members)
                found.append(Fewest(name, self._facet, rung, children, covered))
        return tuple(found)

    def _by_role(self, record_class: str, facet: Facet | None, chosen: Bools) -> Iterator[Account]:
        counts = self._pairs.per_user(chosen)
        for role, classes in self._pairs.roles.items():
            users = np.flatnonzero(np.isin(self._grid.users.of, classes))
            own = counts[users]
            best = int(own.argmax())
            names = (role, record_class, facet)
            yield Account(*names, len(users), int(own[best]), float(np.median(own)), int(users[best]))

    def _cumulated(self) -> Iterator[tuple[Rung, NDArray[np.int32]]]:
        """Rung -> facets that can be read at it or below, ascending."""
        masks = np.zeros((len(self._grid.users), len(self._grid.children), len(RELATIONS)), dtype=np.int32)
        for place, context in enumerate(self._grid.rungs):
            masks |= self._grid.masks(context.claims)
            following = self._grid.rungs[place + 1 : place + 2]
            if not following or following[0].rung is not context.rung:
                yield context.rung, masks.copy()

    def _of_children(self) -> Iterator[str]:
        for name, holds in zip(self._grid.policy.classes, self._grid.class_members(), strict=True):
            if (holds.any(axis=(0, 2)) == holds.all(axis=(0, 2))).all():
                yield name

    def _members(self, record_class: str) -> Bools:
        if record_class == ALL:
            return np.ones(self._pairs.shape, dtype=np.bool_)
        members: Bools = self._grid.class_members()[list(self._grid.policy.classes).index(record_class)]
        return members
