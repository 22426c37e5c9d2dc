"""Names of families, children and grown people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.standing import Standing
from overreach.population.sampling import Draws, Flags, Ints, Texts
from overreach.population.siblings import Siblings


@dataclass(frozen=True, slots=True)
class Children:
    """Who the children are, one row each."""

    given: Texts
    middle: Texts
    family: Texts
    male: Flags
    born: Ints
    former_given: Texts
    former_family: Texts
    """Former names, of meaning only for children whose standing is `renamed`."""
    homonyms: tuple[tuple[int, int], ...]
    """(shielded child, unshielded child of the same name, sex and date of birth)."""


@dataclass(frozen=True, slots=True)
class People:
    """Families and their children."""

    siblings: Siblings
    standing: Standing
    children: Children
    locale: Ints
    """Locale row of each family's names."""
    authority: Ints
    """Responsible authority of each family."""

    @property
    def responsible(self) -> Ints:
        """Responsible authority of each child."""
        everywhere: Ints = self.authority[self.siblings.family]
        return everywhere


def name_children(setting: Setting, siblings: Siblings, standing: Standing, locale: Ints) -> Children:
    """Names, sex and former names of every child; `locale` is the locale row of each family."""
    draws, namer, figures = setting.draws("children"), setting.namer("children"), setting.figures
    count = len(siblings.family)
    everywhere = locale[siblings.family]
    born = standing.born.copy()
    year = 1970 + born * 4 // 1461
    male = draws.below_each(figures.ages[siblings.age]) < figures.boys[siblings.age]
    given = _unlike_siblings(namer.given(everywhere, male, year), siblings)
    middle = namer.given(everywhere, male, year)
    middle[draws.below(100, count) >= setting.judgement.middle_names] = None
    family = namer.family(locale)[siblings.family]
    homonyms = _homonyms(draws, setting.judgement, siblings, standing)
    for hidden, other in homonyms:
        for column in (given, family, male, born):
            column[other] = column[hidden]
    former_family = namer.family(everywhere)
    while (same := former_family == family).any():
        former_family[same] = namer.family(everywhere[same])
    # Some of the adopted were given another first name too.
    renamed = standing.adopted & (draws.below(3, count) == 0)
    former_given = given.copy()
    former_given[renamed] = namer.given(everywhere, male, year)[renamed]
    return Children(
        given=given,
        middle=middle,
        family=family,
        male=male,
        born=born,
        former_given=former_given,
        former_family=former_family,
        homonyms=homonyms,
    )


def _unlike_siblings(given: Texts, siblings: Siblings) -> Texts:
    """No two siblings with the same first name: the younger gets the name of another family's child."""
    seen: dict[int, set[str]] = {}
    for child, family in enumerate(siblings.family.tolist()):
        names = seen.setdefault(family, set())
        other = child
        while given[child] in names:
            other = (other + 1) % len(given)
            given[child] = given[other]
        names.add(given[child])
    return given


def _homonyms(
    draws: Draws, judgement: Judgement, siblings: Siblings, standing: Standing
) -> tuple[tuple[int, int], ...]:
    single = (siblings.sizes[siblings.family] == 1) & standing.live & ~standing.looked_after
    hidden = draws.shuffled(np.flatnonzero(single & standing.shielded))
    others = draws.shuffled(np.flatnonzero(single & ~standing.shielded & ~standing.renamed))
    count = min(judgement.homonyms.of(len(single)), len(hidden), len(others))
    return tuple(zip(hidden[:count].tolist(), others[:count].tolist(), strict=True))
