"""Names of millions of people at once, as codes: one table look-up a name and no loop over people.

For every locale, sex and period of birth there is a table of 2**k slots, filled with codes by quota from whole
weights; all tables lie end to end in one array. A draw takes a slot, each as likely as any other. No floating
point takes part, so that a stream of draws gives the same codes on any machine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from overreach.population.locales import HOME, LocaleNames, locale_names, pupils_by_locale
from overreach.population.sampling import Draws, Flags, Ints, quota
from overreach.population.vocabulary import COUNTS_FROM, Register, Sex, Weighted

SLOT_BITS = 18
"""Slots of the largest table, as a power of two."""
_HOME_FAMILY = SLOT_BITS  # so that a double surname, which has one slot, is seldom a stranger's too
_HOME_GIVEN = 16  # a name's share is met to 1 in 65,536
_ELSEWHERE = 14  # lists are shorter and people fewer
_SEXES: tuple[Sex, Sex] = ("F", "M")
_TWO_SURNAMES = frozenset({"es_ES", "pt_PT"})  # both parents', without a hyphen, as is the custom
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables of codes, end to end."""

    texts: pa.StringArray
    """What the codes stand for, each text once."""
    codes: npt.NDArray[np.int32]
    start: Ints
    """By key: where its table begins in `codes`."""
    shift: Ints
    """By key: how many bits fewer than `SLOT_BITS` a slot of its table has."""

    def draw(self, draws: Draws, keys: Ints) -> Ints:
        """A code for each key."""
        slots = draws.below(1 << SLOT_BITS, len(keys)) >> self.shift[keys]
        return self.codes[self.start[keys] + slots].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """First names and family names by locale."""

    locales: tuple[str, ...]
    """As `languages.csv` names them; a locale is known by its row here."""
    weights: Ints
    """Pupils of each locale."""
    first_year: int
    """First names of people born earlier are those of this year."""
    given_names: Tables
    """Keys: (locale row x 2 + male) x years + year, counted from `first_year` to `COUNTS_FROM`."""
    family_names: Tables
    """Keys: locale rows."""

    @property
    def first(self) -> pa.StringArray:
        """Every first name of every locale, each once."""
        return self.given_names.texts

    @property
    def last(self) -> pa.StringArray:
        """Every family name, each once, double surnames among them."""
        return self.family_names.texts

    def locale(self, draws: Draws, count: int) -> Ints:
        """The locale row of each of `count` families, in the exact proportion of the pupils."""
        return draws.spread(self.weights, count)

    def given(self, draws: Draws, locale: Ints, male: Flags, year: Ints) -> Ints:
        """A code of `first` for each person, by locale row, sex and year of birth; middle names are drawn alike.

        Only at home do first names follow the year.
        """
        years = COUNTS_FROM - self.first_year + 1
        since = np.clip(year, self.first_year, COUNTS_FROM) - self.first_year
        return self.given_names.draw(draws, (locale * len(_SEXES) + male) * years + since)

    def family(self, draws: Draws, locale: Ints) -> Ints:
        """A code of `last` for each locale row: of a family, so that siblings share it."""
        return self.family_names.draw(draws, locale)

    @classmethod
    def read(cls, folder: Path, double_surnames: int = 2) -> Lexicon:
        """From the figures in `languages.csv`, `names_first.csv` and so on, and Faker's lists for other locales.

        `double_surnames`: of 100 families at home, how many have two surnames joined by a hyphen. None of the
        figures says, so this is a recipe's own choice, and the default no more than a guess.
        """
        register = Register.read(folder)
        pupils = pupils_by_locale(folder / "languages.csv")
        others = {name: locale_names(name) for name, _ in pupils if name != HOME}
        first_year = min(year for listed in register.ranked.values() for year in listed)
        given, family = _Shelf(), _Shelf()
        for name, _ in pupils:
            if name == HOME:
                _add_given_at_home(given, register, first_year)
                family.add(_some_double(register.surnames, "-", double_surnames, _HOME_FAMILY), _HOME_FAMILY)
            else:
                _add_given_elsewhere(given, others[name], COUNTS_FROM - first_year + 1)
                double = _WHOLE if name in _TWO_SURNAMES else 0
                family.add(_some_double(others[name].family, " ", double, _ELSEWHERE), _ELSEWHERE)
        return cls(
            locales=tuple(name for name, _ in pupils),
            weights=np.array([weight for _, weight in pupils], dtype=np.int64),
            first_year=first_year,
            given_names=given.tables(),
            family_names=family.tables(),
        )


def _add_given_at_home(shelf: _Shelf, register: Register, first_year: int) -> None:
    for sex in _SEXES:
        before: Weighted | None = None
        for year in range(first_year, COUNTS_FROM + 1):
            names = register.given(sex, year)
            if names is before:
                shelf.again(1)
            else:
                shelf.add(names, _HOME_GIVEN)
            before = names


def _add_given_elsewhere(shelf: _Shelf, names: LocaleNames, years: int) -> None:
    for sex in _SEXES:
        shelf.add(names.given[sex], _ELSEWHERE)
        shelf.again(years - 1)


def _some_double(names: Weighted, joiner: str, share: int, bits: int) -> Weighted:
    """Slots for names as they are, and for `share` of 100 that are two different ones joined."""
    doubles = (share << bits) // _WHOLE
    weights = np.array(names.weights, dtype=np.int64)
    slots = Counter(dict(zip(names.texts, quota(weights, (1 << bits) - doubles).tolist(), strict=True)))
    # Not a population's own stream: which surnames were ever joined does not depend on its seed.
    draws = Draws(0, "double surnames")
    ahead, behind = draws.weighted(weights, doubles), draws.weighted(weights, doubles)
    behind = np.where(ahead == behind, (behind + 1) % len(weights), behind)
    slots.update(
        f"{names.texts[one]}{joiner}{names.texts[other]}"
        for one, other in zip(ahead.tolist(), behind.tolist(), strict=True)
    )
    return Weighted.of((text, count) for text, count in slots.items() if count)


class _Shelf:
    """Tables in the making; a key for each, in order."""

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {}
        self._tables: list[npt.NDArray[np.int32]] = []
        self._filled = 0
        self._start: list[int] = []
        self._shift: list[int] = []

    def add(self, names: Weighted, bits: int) -> None:
        """A table of 2**bits slots, for the next key."""
        codes = [self._code_of.setdefault(text, len(self._code_of)) for text in names.texts]
        counts = quota(np.array(names.weights, dtype=np.int64), 1 << bits)
        self._tables.append(np.repeat(np.array(codes, dtype=np.int32), counts))
        self._start.append(self._filled)
        self._shift.append(SLOT_BITS - bits)
        self._filled += 1 << bits

    def again(self, times: int) -> None:
        """The last table for so many further keys."""
        self._start += self._start[-1:] * times
        self._shift += self._shift[-1:] * times

    def tables(self) -> Tables:
        """All of them."""
        return Tables(
            texts=pa.array(list(self._code_of), pa.string()),
            codes=np.concatenate(self._tables),
            start=np.array(self._start, dtype=np.int64),
            shift=np.array(self._shift, dtype=np.int64),
        )
