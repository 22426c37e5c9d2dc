"""Ages, dates of birth and sexes of the children of a part; ages and sexes follow the published figures exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from overreach.population.childindex.families import Families
from overreach.population.childindex.standing import GROWN, Standing
from overreach.population.sampling import Draws, Flags, Ints, quota

OLDEST = 17
_CHILDHOOD = GROWN * 1461 // 4  # days
_FAMILY_DAYS = 305  # a family's birthdays begin within so many days ...
_JITTER_DAYS = 60  # ... and differ by less than so many: siblings a year apart are never under 305 days apart


@dataclass(frozen=True, slots=True)
class Births:
    """One row a child."""

    age: Ints
    """Whole years on the day of the population."""
    born: Ints
    """Date of birth, in days since 1970-01-01."""
    male: Flags


@dataclass(frozen=True, slots=True)
class AgeFigures:
    """What children are like; integer weights of any sum."""

    ages: Ints
    """Children by year of age, 0 to 17."""
    boys: Ints
    """Boys among them."""
    gaps: tuple[int, ...]
    """Years between siblings, each as likely; 0 for twins."""


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def birthdays(as_of: date, years: int) -> Ints:
    """For each age from 0 to `years`: the last date of birth of somebody who is so old."""
    found = []
    for age in range(years + 1):
        try:
            found.append(days(as_of.replace(year=as_of.year - age)))
        except ValueError:  # on 29 February; whoever was born on that day is a year older on 1 March
            found.append(days(date(as_of.year - age, 2, 28)))
    return np.array(found, dtype=np.int64)


def draw_births(draws: Draws, families: Families, standing: Standing, figures: AgeFigures, as_of: date) -> Births:
    """Births of every child; those who are 18 or older are as old as their standing says."""
    grown, young = standing.grown, standing.grown == 0
    gaps = np.array(figures.gaps, dtype=np.int64)[draws.below(len(figures.gaps), families.children)]
    gaps[np.isin(families.family, standing.twins)] = 0
    younger_by, span = _younger_by(families, gaps)
    single = families.sizes == 1
    several = np.flatnonzero(~single)
    youngest = np.zeros(families.count, dtype=np.int64)
    youngest[several] = _youngest(draws, OLDEST - span[several])
    age = (youngest + span)[families.family] - younger_by
    # Families of one child have what the others leave over: few children of two have a sibling yet, few of 16 still.
    alone = single[families.family] & young
    others = np.bincount(age[~alone & young], minlength=OLDEST + 1)
    left = np.maximum(quota(figures.ages, int(young.sum())) - others, 0)
    counts = quota(left, int(alone.sum())) if left.any() else quota(figures.ages, int(alone.sum()))
    age[alone] = draws.shuffled(np.repeat(np.arange(OLDEST + 1, dtype=np.int64), counts))
    age = np.where(young, age, grown)
    sexes = np.stack([figures.ages - figures.boys, figures.boys], axis=1)
    male = draws.spread_within(np.minimum(age, OLDEST), sexes) == 1
    born = birthdays(as_of, int(age.max(initial=0)))[age] - _days(draws, families, age)
    return Births(age=age, born=born, male=male)


def last_days(born: Ints, archived: Flags, today: int) -> Ints:
    """The day up to which each record is kept up: today, or the 18th birthday of one in the archive (rule R16)."""
    return np.where(archived, np.minimum(born + _CHILDHOOD, today), today)


def _younger_by(families: Families, gaps: Ints) -> tuple[Ints, Ints]:
    """Years by which each child is younger than the eldest, and the years that each family spans."""
    first, sizes, family = families.eldest, families.sizes, families.family
    running = np.cumsum(np.where(families.place > 0, gaps, 0))
    younger_by = running - running[first][family]
    span = younger_by[first + sizes - 1]
    # A family that spans more than childhood is drawn together.
    long = span > OLDEST
    younger_by = np.where(long[family], younger_by * OLDEST // np.maximum(span, 1)[family], younger_by)
    return younger_by, np.minimum(span, OLDEST)


def _youngest(draws: Draws, highest: Ints) -> Ints:
    """An age from 0 to `highest` for each family; half of them take the one of two draws that is farther out.

    So no age has so many children with siblings that none without would be left: families of several are most
    seldom those of the very young, who have no younger sibling yet, and of the oldest, whose elder ones have grown up.
    """
    one, other = draws.below_each(highest + 1), draws.below_each(highest + 1)
    farther = np.abs(2 * other - highest) > np.abs(2 * one - highest)
    chosen: Ints = np.where(farther & (draws.below(2, len(highest)) == 0), other, one)
    return chosen


def _days(draws: Draws, families: Families, age: Ints) -> Ints:
    """Days since the last birthday, under a year; equal for twins."""
    family = families.family
    jitter = draws.below(_JITTER_DAYS, len(age))
    twin = np.r_[False, (family[1:] == family[:-1]) & (age[1:] == age[:-1])]
    model = np.maximum.accumulate(np.where(twin, 0, np.arange(len(age))))
    drawn: Ints = draws.below(_FAMILY_DAYS, families.count)[family] + jitter[model]
    return drawn
