"""Families of a part: how many children each has, and in which authority's care they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.sampling import Draws, Flags, Ints, quota

_ROOMY = 24  # children that an authority has in a part before a family of several settles in it


@dataclass(frozen=True, slots=True)
class Families:
    """Families in rows, their children in rows: siblings next to each other, the eldest first."""

    sizes: Ints
    """Children of each family."""
    authority: Ints
    """Responsible authority of each family."""
    family: Ints
    """Family of each child."""
    place: Ints
    """0 for the eldest of a family, 1 for the next."""

    @property
    def count(self) -> int:
        """How many families."""
        return len(self.sizes)

    @property
    def children(self) -> int:
        """How many children."""
        return len(self.family)

    @property
    def eldest(self) -> Ints:
        """Row of the eldest child of each family."""
        first: Ints = np.cumsum(self.sizes) - self.sizes
        return first

    @property
    def responsible(self) -> Ints:
        """Responsible authority of each child."""
        everywhere: Ints = self.authority[self.family]
        return everywhere

    @property
    def only(self) -> Flags:
        """Children without siblings."""
        alone: Flags = (self.sizes == 1)[self.family]
        return alone

    def having(self, children: Flags) -> Flags:
        """Families with a child that is marked."""
        marked = np.zeros(self.count, dtype=np.bool_)
        marked[self.family[children]] = True
        return marked

    def having_child(self, children: Ints) -> Flags:
        """Families of those rows of children; rows below 0 are nobody's."""
        marked = np.zeros(self.children, dtype=np.bool_)
        marked[children[children >= 0]] = True
        return self.having(marked)


def draw_families(draws: Draws, counts: Ints, children_in: Ints) -> Families:
    """Families of one child, two and so on as `counts` says, and exactly `children_in` children in each authority.

    Both speak of the same number of children.
    """
    sizes = draws.shuffled(np.repeat(np.arange(1, len(counts) + 1, dtype=np.int64), counts))
    authority = _settle(draws, sizes, children_in)
    # Families settle one authority after the other: rows must not tell where.
    order = draws.order(len(sizes))
    sizes, authority = sizes[order], authority[order]
    family = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    first = np.cumsum(sizes) - sizes
    place = np.arange(len(family), dtype=np.int64) - first[family]
    return Families(sizes=sizes, authority=authority, family=family, place=place)


def _settle(draws: Draws, sizes: Ints, children_in: Ints) -> Ints:
    """Families of several children go where there is room; those of one fill each authority up to its number."""
    authority = np.zeros(len(sizes), dtype=np.int64)
    several, single = np.flatnonzero(sizes > 1), np.flatnonzero(sizes == 1)
    roomy = np.where(children_in >= _ROOMY, children_in, 0)
    room = roomy if roomy.any() else children_in
    ends = np.cumsum(quota(room, int(sizes[several].sum())))
    authority[several] = np.searchsorted(ends, np.cumsum(sizes[several]) - sizes[several], side="right")
    have = np.bincount(authority[several], weights=sizes[several], minlength=len(children_in)).astype(np.int64)
    lacking = np.maximum(children_in - have, 0)
    # Where a large family has gone over a small authority's number, the others have a little less.
    lacking = quota(lacking if lacking.any() else children_in, len(single))
    authority[single] = draws.shuffled(np.repeat(np.arange(len(children_in), dtype=np.int64), lacking))
    return authority
