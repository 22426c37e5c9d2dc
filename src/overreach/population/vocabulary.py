"""Faker providers of the project's own; each can be used alone with `fake.add_provider`.

`published_names` gives a provider over published frequencies of first names and surnames;
`InventedPlaces` invents streets, houses, schools, practices and organisations.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import ClassVar, Literal

from faker.providers import BaseProvider

from overreach.population import canaries, words

Sex = Literal["F", "M"]

COUNTS_FROM = 1996
"""First year of birth in the counts of first names; ranks of the nearest listed year serve before it."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """Texts with integer weights, ready to draw from."""

    texts: tuple[str, ...]
    bounds: tuple[int, ...]
    """Running totals of the weights."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, int]]) -> Weighted:
        """From (text, weight)."""
        texts, weights = zip(*pairs, strict=True)
        return cls(texts, tuple(accumulate(weights)))

    @property
    def weights(self) -> tuple[int, ...]:
        """The weight of each text."""
        return tuple(after - before for before, after in pairwise((0, *self.bounds)))

    def at(self, number: int) -> str:
        """The text that owns `number`, 0 to the sum of the weights exclusive."""
        return self.texts[bisect_right(self.bounds, number)]


@dataclass(frozen=True, slots=True)
class Register:
    """The published frequencies of English names: the one place where they become weights."""

    counted: Mapping[Sex, Weighted]
    """First names by sex, for births since `COUNTS_FROM`."""
    ranked: Mapping[Sex, Mapping[int, Weighted]]
    """First names by sex and listed year, for births before."""
    surnames: Weighted

    @classmethod
    def read(cls, folder: Path) -> Register:
        """From `names_first_ranks.csv`, `names_first.csv` and `names_last.csv` of a folder."""
        ranked: dict[Sex, dict[int, list[tuple[str, int]]]] = {"F": {}, "M": {}}
        for row in _rows(folder / "names_first_ranks.csv"):
            # Modelling choice: no counts were published, so a name's weight falls with its rank.
            weight = 10_000 // (int(row["rank"]) + 9)
            ranked[_sex(row)].setdefault(int(row["year"]), []).append((row["name"], weight))
        counted: dict[Sex, list[tuple[str, int]]] = {"F": [], "M": []}
        for row in _rows(folder / "names_first.csv"):
            counted[_sex(row)].append((row["name"], int(row["count"])))
        return cls(
            counted={sex: Weighted.of(pairs) for sex, pairs in counted.items()},
            ranked={sex: {year: Weighted.of(it) for year, it in listed.items()} for sex, listed in ranked.items()},
            surnames=Weighted.of((row["name"], int(row["per_100000"])) for row in _rows(folder / "names_last.csv")),
        )

    def given(self, sex: Sex, born: int) -> Weighted:
        """First names of girls (`F`) or boys (`M`) born in that year."""
        if born >= COUNTS_FROM:
            return self.counted[sex]
        listed = self.ranked[sex]
        return listed[min(listed, key=lambda year: abs(year - born))]


class PublishedNames(BaseProvider):
    """English names as often as they were registered.

    `published_names` makes one from a folder of figures; it needs nothing else of the project:

        fake = Faker("en_GB")
        fake.add_provider(published_names(Path("generators/data")))
        fake.registered_given_name("F", born=1974)    # "Sarah": first names follow the decade of birth
        fake.registered_middle_name("F", born=1974)   # another first name of the same sex and decade
        fake.registered_family_name()                 # "Smith"
        fake.registered_double_family_name()          # "Smith-Jones": two different surnames

    Counts serve for births since 1996; before, the ranks of the nearest listed year (1944, 1954, ... 1994). How
    many people have a middle name or a double surname was not published: the caller decides whom to ask one for.
    """

    register: ClassVar[Register]

    def registered_given_name(self, sex: Sex = "F", born: int = 2000) -> str:
        """A first name given to a girl (`F`) or boy (`M`) born in that year."""
        return self._draw(self.register.given(sex, born))

    def registered_middle_name(self, sex: Sex = "F", born: int = 2000) -> str:
        """A further first name; no figures of middle names were published, so they weigh as first names do."""
        return self.registered_given_name(sex, born)

    def registered_family_name(self) -> str:
        """A surname."""
        return self._draw(self.register.surnames)

    def registered_double_family_name(self, joiner: str = "-") -> str:
        """Two different surnames as one."""
        first = second = self.registered_family_name()
        while second == first:
            second = self.registered_family_name()
        return f"{first}{joiner}{second}"

    def _draw(self, table: Weighted) -> str:
        return table.at(self.generator.random.randrange(table.bounds[-1]))


def published_names(folder: Path) -> type[PublishedNames]:
    """A provider over `names_first.csv`, `names_first_ranks.csv` and `names_last.csv` of a folder."""
    return type("PublishedNames", (PublishedNames,), {"register": Register.read(folder)})


class InventedPlaces(BaseProvider):
    """Streets, houses, institutions and canary values; none of them is anybody's."""

    def invented_street(self) -> str:
        """For example `Larch Rise`."""
        return f"{self._of(words.PLAIN)} {self._of(words.WAYS)}"

    def invented_locality(self) -> str:
        """For example `Larchcombe`."""
        return f"{self._of(words.PLAIN)}{self._of(words.ENDINGS)}"

    def house_word(self) -> str:
        """What stands behind a house name, for example `Cottage`."""
        return self._of(words.HOUSES)

    def invented_school(self, phase: str = "primary") -> str:
        """For example `Heron Hill Primary School`."""
        return f"{self._of(words.PLAIN)} {self._of(words.SITES)} {self._of(words.SCHOOLS[phase])}"

    def invented_practice(self) -> str:
        """For example `Willow Gate Surgery`."""
        return f"{self._of(words.PLAIN)} {self._of(words.SITES)} {self._of(words.PRACTICES)}"

    def invented_organisation(self, sector: str) -> str:
        """For example `Kestrel Vale Youth Service`."""
        kinds = words.ORGANISATIONS.get(sector, words.ORGANISATIONS["any"])
        return f"{self._of(words.PLAIN)} {self._of(words.SITES)} {self._of(kinds)}"

    def canary_postcode(self, outward: str = "ZZ1") -> str:
        """A postcode that is never allocated."""
        number = self.generator.random.randrange(canaries.INWARD_PARTS)
        return f"{outward} {canaries.inward_part(number)}"

    def drama_telephone(self) -> str:
        """A telephone number kept for drama."""
        return canaries.telephone(self.generator.random.randrange(canaries.TELEPHONES))

    def _of(self, choices: tuple[str, ...]) -> str:
        number: int = self.generator.random.randrange(len(choices))
        return choices[number]


def _sex(row: dict[str, str]) -> Sex:
    return "M" if row["sex"] == "M" else "F"


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
