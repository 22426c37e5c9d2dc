"""Names of families, children and grown people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.figures import Figures
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.standing import Standing
from overreach.population.pools import Pools
from overreach.population.sampling import Draws, Flags, Ints, Texts
from overreach.population.siblings import Siblings
from overreach.population.vocabulary import COUNTS_FROM, Sex

_SEXES: tuple[Sex, Sex] = ("F", "M")


@dataclass(frozen=True, slots=True)
class Locales:
    """The locales of names in a world."""

    names: tuple[str, ...]
    weights: Ints

    @classmethod
    def of(cls, figures: Figures) -> Locales:
        """As the first languages of pupils."""
        names, weights = zip(*figures.locales, strict=True)
        return cls(names, np.array(weights, dtype=np.int64))


class Namer:
    """Draws names of many people at once."""

    def __init__(self, draws: Draws, pools: Pools, locales: Locales) -> None:
        self._draws = draws
        self._pools = pools
        self.locales = locales

    def family(self, locale: Ints) -> Texts:
        """A family name for each locale row."""
        return self._by(locale, lambda kind: self._pools.family(self.locales.names[kind]))

    def given(self, locale: Ints, male: Flags, year: Ints) -> Texts:
        """A first name for each person, by locale row, sex and year of birth."""
        # Names change slowly: people are named by the decade in which they were born.
        decade = np.where(year >= COUNTS_FROM, 200, np.clip(year // 10, 194, 199))
        key = (locale * 1_000 + decade) * 2 + male

        def pool(kind: int) -> Texts:
            rest, sex = divmod(kind, 2)
            row, tens = divmod(rest, 1_000)
            return self._pools.given(self.locales.names[row], _SEXES[sex], tens * 10 + 4)

        return self._by(key, pool)

    def _by(self, key: Ints, pool_of: Callable[[int], Texts]) -> Texts:
        names = np.empty(len(key), dtype=object)
        for kind in np.unique(key).tolist():
            here = np.flatnonzero(key == kind)
            names[here] = self._draws.pick(pool_of(kind), len(here))
        return names


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
    """None where there is no former name."""
    homonyms: tuple[tuple[int, int], ...]
    """(shielded child, unshielded child of the same name, sex and date of birth)."""


def name_children(
    draws: Draws,
    judgement: Judgement,
    figures: Figures,
    namer: Namer,
    siblings: Siblings,
    standing: Standing,
    locale: Ints,
) -> Children:
    """Names, sex and former names of every child; `locale` is the locale row of each family."""
    count = len(siblings.family)
    everywhere = locale[siblings.family]
    born = standing.born.copy()
    year = 1970 + born * 4 // 1461
    age = np.minimum(siblings.age, len(figures.ages) - 1)
    male = draws.below_each(figures.ages[age]) < figures.boys[age]
    given = _unlike_siblings(namer.given(everywhere, male, year), siblings)
    middle = np.where(
        draws.below(100, count) < judgement.middle_names, namer.given(everywhere, male, year), None
    )
    family = namer.family(locale)[siblings.family]
    homonyms = _homonyms(draws, judgement, siblings, standing)
    for hidden, other in homonyms:
        for column in (given, family, male, born):
            column[other] = column[hidden]
    former_family = namer.family(everywhere)
    while (same := former_family == family).any():
        former_family[same] = namer.family(everywhere[same])
    new_given = standing.adopted & (draws.below(3, count) == 0)
    former_given = np.where(new_given, namer.given(everywhere, male, year), given)
    return Children(
        given=given,
        middle=middle,
        family=family,
        male=male,
        born=born,
        former_given=np.where(standing.renamed, former_given, None),
        former_family=np.where(standing.renamed, former_family, None),
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
