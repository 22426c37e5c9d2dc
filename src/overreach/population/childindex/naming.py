"""Names of the children of a part, as codes of the lexicon; and the namesakes among them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from overreach.population.childindex.births import Births
from overreach.population.childindex.families import Families
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.standing import Standing
from overreach.population.lexicon import Lexicon
from overreach.population.sampling import Draws, Flags, Ints

NO_NAME = -1
_ANOTHER_FIRST_NAME = 3  # one of so many had another first name, too


@dataclass(frozen=True, slots=True)
class Names:
    """One row a child but for `locale`; codes of first and of family names."""

    given: Ints
    middle: Ints
    """`NO_NAME` where there is none."""
    family: Ints
    locale: Ints
    """Locale row of each family."""

    def with_family(self, family: Ints) -> Names:
        """The same names but for the family names."""
        return replace(self, family=family)


@dataclass(frozen=True, slots=True)
class FormerNames:
    """One row a child that has a former name, by child; codes of first and of family names."""

    child: Ints
    given: Ints
    family: Ints


@dataclass(frozen=True, slots=True)
class Homonyms:
    """Pairs of children of one name, sex and date of birth, row by row."""

    shielded: Ints
    open: Ints


def draw_names(draws: Draws, judgement: Judgement, lexicon: Lexicon, families: Families, births: Births) -> Names:
    """Names of every child; siblings share a family name and never a first name."""
    locale = lexicon.locale(draws, families.count)
    count, everywhere = families.children, locale[families.family]
    year = 1970 + births.born * 4 // 1461
    given = lexicon.given(draws, everywhere, births.male, year)
    while len(again := _like_a_sibling(given, families)):
        given[again] = lexicon.given(draws, everywhere[again], births.male[again], year[again])
    middle = lexicon.given(draws, everywhere, births.male, year)
    while len(again := np.flatnonzero(middle == given)):
        middle[again] = lexicon.given(draws, everywhere[again], births.male[again], year[again])
    middle[draws.below(100, count) >= judgement.middle_names] = NO_NAME
    family = lexicon.family(draws, locale)[families.family]
    return Names(given, middle, family, locale)


def draw_former_names(  # noqa: PLR0913, PLR0917 - what names depend on
    draws: Draws, lexicon: Lexicon, names: Names, families: Families, births: Births, renamed: Flags
) -> FormerNames:
    """Former names of those who have one: another family name, and of some another first name."""
    child = np.flatnonzero(renamed)
    locale = names.locale[families.family[child]]
    given, family = names.given[child], lexicon.family(draws, locale)
    while len(again := np.flatnonzero(family == names.family[child])):
        family[again] = lexicon.family(draws, locale[again])
    another = draws.below(_ANOTHER_FIRST_NAME, len(child)) == 0
    year = 1970 + births.born[child] * 4 // 1461
    given = np.where(another, lexicon.given(draws, locale, births.male[child], year), given)
    return FormerNames(child, given, family)


def _like_a_sibling(given: Ints, families: Families) -> Ints:
    """Children with the first name of a sibling, the first of each such group left out."""
    # One integer holds family, name and row: sorting it is quicker than sorting rows by two columns.
    low = max(1, families.children - 1).bit_length()
    high = int(given.max(initial=0)).bit_length() + low
    keys = (families.family << high) | (given << low) | np.arange(families.children)
    keys.sort()
    again = np.flatnonzero(keys[1:] >> low == keys[:-1] >> low) + 1
    rows: Ints = keys[again] & ((1 << low) - 1)
    return rows


def find_homonyms(draws: Draws, wanted: int, families: Families, standing: Standing, free: Flags) -> Homonyms:
    """Pairs to be: shielded and open children without siblings; the open ones are of those `free` for it."""
    able = families.only & (standing.grown == 0) & ~standing.looked_after
    hidden = draws.some(able & standing.shielded, wanted)
    others = draws.some(able & free & ~standing.shielded & ~standing.renamed, len(hidden))
    return Homonyms(shielded=hidden[: len(others)], open=others)


def make_alike(homonyms: Homonyms, names: Names, births: Births) -> tuple[Names, Births]:
    """Names and births in which the open child of each pair has those of the shielded one."""

    def alike(column: Ints) -> Ints:
        changed = column.copy()
        changed[homonyms.open] = column[homonyms.shielded]
        return changed

    male = births.male.copy()
    male[homonyms.open] = births.male[homonyms.shielded]
    return (
        replace(names, given=alike(names.given), family=alike(names.family)),
        replace(births, age=alike(births.age), born=alike(births.born), male=male),
    )
