"""What comes of a pair, as one number.

Of one policy: the rung that first opens each facet, and the record classes. Or of any masks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overreach.model.terms import Facet, Rung
from overreach.policy.codes import Codes, combine
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: Relation numbers without an involvement: far and in area. With one: two more.
FAR: Final = 0
NEAR: Final = 1
INVOLVED: Final = 2


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All that can come of a pair; pairs of one outcome count alike everywhere."""

    of: Codes
    """(user class, child class, relation) -> outcome."""
    rungs: tuple[Rung, ...]
    """Of the grid, ascending."""
    opened: Ints
    """(outcome, facet) -> place of the first rung that permits it; the number of rungs where none does."""
    members: Bools
    """(outcome, record class) -> whether such pairs are of the class."""

    def booked(self) -> Bools:
        """(outcome, record class, facet, rung) -> whether such a pair counts there; a last class is of all pairs."""
        everything = np.ones((len(self.members), 1), dtype=np.bool_)
        classes = np.concatenate([self.members, everything], axis=1)
        first = self.opened[:, :, None] == np.arange(len(self.rungs))
        booked: Bools = classes[:, :, None, None] & first[:, None]
        return booked

    def active(self) -> Bools:
        """(user class) -> whether the policy lets such users read anything of anybody."""
        some: Bools = self.opened.min(axis=1, initial=len(self.rungs)) < len(self.rungs)
        active: Bools = np.logical_or.reduce(some[self.of], axis=(1, 2))
        return active


def outcomes(grid: Grid) -> Outcomes:
    """The outcomes of a grid's policy at the grid's rungs."""
    rungs = rungs_of(grid)
    shape = (len(grid.users), len(grid.children), len(RELATIONS))
    opened = list(_opened(grid, rungs))
    members = [each.ravel() for each in grid.class_members()]
    columns = [*((each, len(rungs) + 1) for each in opened), *((each, 2) for each in members)]
    of, codes = combine(int(np.prod(shape)), columns)
    facets = len(Facet)
    return Outcomes(of.reshape(shape), rungs, codes[:, :facets], codes[:, facets:] > 0)


def coded(masks: Sequence[Bools]) -> tuple[Codes, Bools]:
    """Any masks over (user class, child class, relation) as codes of that shape, and (code, mask) -> whether."""
    shape = masks[0].shape
    of, codes = combine(int(np.prod(shape)), ((mask.ravel(), 2) for mask in masks))
    return of.reshape(shape), codes > 0


def rungs_of(grid: Grid) -> tuple[Rung, ...]:
    """The rungs of the grid, ascending."""
    return tuple(sorted({context.rung for context in grid.rungs}, key=lambda rung: rung.height))


def _opened(grid: Grid, rungs: tuple[Rung, ...]) -> Iterator[Ints]:
    """For each facet: (user class, child class, relation), flat -> place of the first rung that permits it."""
    masks = []
    for rung in rungs:
        claims = [context.claims for context in grid.rungs if context.rung is rung]
        masks.append(np.bitwise_or.reduce([grid.masks(each).ravel() for each in claims]))
    for facet in Facet:
        first = np.full(len(grid.users) * len(grid.children) * len(RELATIONS), len(rungs), dtype=np.int64)
        for place in reversed(range(len(rungs))):
            first[(masks[place] & facet.bit) > 0] = place
        yield first
