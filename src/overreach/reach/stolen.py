"""Stolen accounts: what one account of each role opens, and how few open every child.

Whoever holds an account states any reason and breaks any glass that the pack's rungs allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from overreach.model.terms import Facet, Rung, mask_of
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.reach.cover import Cover, cover
from overreach.reach.covering import Covering
from overreach.reach.exposure import child_classes
from overreach.reach.outcomes import coded, rungs_of
from overreach.reach.tally import Tally

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
        self._rungs = rungs_of(grid)
        of_children = child_classes(grid)
        self.classes: tuple[str, ...] = (ALL, *of_children)
        """All children, and the record classes that are about the child alone, in the policy's order."""
        self._members = [np.ones(len(grid.children), dtype=np.bool_), *of_children.values()]
        """For each of them: child class -> whether such children are of it."""
        opened = list(_opened(grid, self._rungs))
        everything = (opened[-1] & mask_of(tuple(Facet))) > 0
        own = [(masks & facet.bit) > 0 for masks in opened]
        chosen = [each & members[:, None] for members in self._members for each in own]
        of, self._counted = coded([everything, *chosen])
        """Codes, and (code, anything at all; then record class by rung) -> whether such a pair is opened."""
        self._tally = Tally(grid, of)

    def accounts(self) -> tuple[Account, ...]:
        """By role: any facet of any child, then the facet of all children and of each record class."""
        highest = range(len(self._rungs), self._counted.shape[1], len(self._rungs))
        counted = self._counted[:, [0, *highest]]
        names: list[tuple[str, Facet | None]] = [(ALL, None), *((name, self._facet) for name in self.classes)]
        found = []
        for role, classes in self._grid.roles.items():
            users = self._tally.users(classes)
            for name, own in zip(names, self._tally.members(classes, counted), strict=True):
                best = int(own.argmax())
                median, user = float(np.median(own)), int(users[best])
                found.append(Account(role, *name, len(users), int(own[best]), median, user))
        return tuple(found)

    def fewest(self) -> tuple[Fewest, ...]:
        """By record class and rung."""
        places = product(zip(self.classes, self._members, strict=True), self._rungs)
        found = []
        for place, ((name, members), rung) in enumerate(places, start=1):
            children = int(self._tally.by_area[members].sum())
            covered = cover(Covering(self._grid, self._tally, self._counted[:, place]))
            found.append(Fewest(name, self._facet, rung, children, covered))
        return tuple(found)


def _opened(grid: Grid, rungs: Sequence[Rung]) -> Iterator[NDArray[np.int32]]:
    """For each rung: (user class, child class, relation) -> facets that can be read at it or below."""
    masks = np.zeros((len(grid.users), len(grid.children), len(RELATIONS)), dtype=np.int32)
    for rung in rungs:
        for context in grid.rungs:
            if context.rung is rung:
                masks |= grid.masks(context.claims)
        yield masks.copy()
