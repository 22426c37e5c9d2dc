"""Families as sibling groups: how many children each has, and their dates of birth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from overreach.population.sampling import Draws, Ints, quota

OLDEST = 17
_FAMILY_DAYS = 305  # a family's birthdays begin within so many days ...
_JITTER_DAYS = 60  # ... and differ by less than so many: siblings a year apart are never under 305 days apart


@dataclass(frozen=True, slots=True)
class Siblings:
    """Children in rows, siblings next to each other, the eldest first."""

    family: Ints
    """Row of the family of each child."""
    place: Ints
    """0 for the eldest of a family, 1 for the next."""
    sizes: Ints
    """Children in each family."""
    age: Ints
    """Whole years, 0 to 17, of each child."""
    born: Ints
    """Date of birth of each child, in days since 1970-01-01."""

    @property
    def families(self) -> int:
        """How many families there are."""
        return len(self.sizes)

    @property
    def eldest(self) -> Ints:
        """Row of the eldest child of each family."""
        first: Ints = np.cumsum(self.sizes) - self.sizes
        return first


@dataclass(frozen=True, slots=True)
class FamilyFigures:
    """What families are like; integer weights of any sum."""

    sizes: Ints
    """Families of one child, of two children and so on."""
    ages: Ints
    """Children by year of age, 0 to 17."""
    gaps: tuple[int, ...]
    """Years between siblings, each as likely; 0 for twins."""


def draw_siblings(draws: Draws, children: int, figures: FamilyFigures, as_of: date) -> Siblings:
    """Exactly `children` children in families of the given sizes, as old as they are on `as_of`."""
    sizes = _sizes(draws, children, figures.sizes)
    family = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    first = np.cumsum(sizes) - sizes
    place = np.arange(children, dtype=np.int64) - first[family]
    drawn = np.array(figures.gaps, dtype=np.int64)[draws.below(len(figures.gaps), children)]
    running = np.cumsum(np.where(place > 0, drawn, 0))
    younger_by = running - running[first][family]
    span = younger_by[first + sizes - 1]
    # A family that spans more than childhood is drawn together.
    long = span > OLDEST
    younger_by = np.where(long[family], younger_by * OLDEST // np.maximum(span, 1)[family], younger_by)
    span = np.minimum(span, OLDEST)
    age = (_youngest(draws, figures.ages, OLDEST - span) + span)[family] - younger_by
    today = as_of.toordinal() - date(1970, 1, 1).toordinal()
    born = today - age * 1461 // 4 - _days(draws, family, age)
    return Siblings(family=family, place=place, sizes=sizes, age=age, born=born)


def _sizes(draws: Draws, children: int, family_sizes: Ints) -> Ints:
    number = np.arange(1, len(family_sizes) + 1, dtype=np.int64)
    average_over = int((family_sizes * number).sum())
    families = max(1, children * int(family_sizes.sum()) // average_over)
    sizes = draws.shuffled(np.repeat(number, quota(family_sizes, families)))
    total = int(sizes.sum())
    if total < children:
        return np.concatenate([sizes, np.ones(children - total, dtype=np.int64)])
    # The last families are cut where the number of children is reached.
    before = np.cumsum(sizes) - sizes
    kept = np.minimum(sizes, children - before)
    cut: Ints = kept[kept > 0]
    return cut


def _youngest(draws: Draws, ages: Ints, highest: Ints) -> Ints:
    """An age from 0 to `highest` for each family, as likely as the children of that age are many."""
    bounds = np.cumsum(ages)
    return np.searchsorted(bounds, draws.below_each(bounds[highest]), side="right").astype(np.int64)


def _days(draws: Draws, family: Ints, age: Ints) -> Ints:
    """Days since the last birthday; equal for twins."""
    jitter = draws.below(_JITTER_DAYS, len(age))
    twin = np.r_[False, (family[1:] == family[:-1]) & (age[1:] == age[:-1])]
    model = np.maximum.accumulate(np.where(twin, 0, np.arange(len(age))))
    days: Ints = draws.below(_FAMILY_DAYS, int(family[-1]) + 1)[family] + jitter[model]
    return days
