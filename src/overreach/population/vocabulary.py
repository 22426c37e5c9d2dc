"""Faker providers of the project's own; each can be used alone with `fake.add_provider`.

`published_names` gives a provider over published frequencies of first names and surnames;
`InventedPlaces` invents streets, houses, schools, practices and organisations.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
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

    def at(self, number: int) -> str:
        """The text that owns `number`, 0 to the sum of the weights exclusive."""
        return self.texts[bisect_right(self.bounds, number)]


class PublishedNames(BaseProvider):
    """English names as often as they were registered; see `published_names`."""

    counted: ClassVar[dict[str, Weighted]]
    ranked: ClassVar[dict[tuple[str, int], Weighted]]
    surnames: ClassVar[Weighted]

    def registered_given_name(self, sex: Sex = "F", born: int = 2000) -> str:
        """A first name given to a girl (`F`) or boy (`M`) born in that year."""
        if born >= COUNTS_FROM:
            return self._draw(self.counted[sex])
        years = [year for listed, year in self.ranked if listed == sex]
        return self._draw(self.ranked[sex, min(years, key=lambda year: abs(year - born))])

    def registered_family_name(self) -> str:
        """A surname."""
        return self._draw(self.surnames)

    def _draw(self, table: Weighted) -> str:
        return table.at(self.generator.random.randrange(table.bounds[-1]))


def published_names(folder: Path) -> type[PublishedNames]:
    """A provider over `names_first.csv`, `names_first_ranks.csv` and `names_last.csv` of a folder."""
    ranked: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for row in _rows(folder / "names_first_ranks.csv"):
        # Modelling choice: no counts were published, so a name's weight falls with its rank.
        weight = 10_000 // (int(row["rank"]) + 9)
        ranked.setdefault((row["sex"], int(row["year"])), []).append((row["name"], weight))
    counted: dict[str, list[tuple[str, int]]] = {}
    for row in _rows(folder / "names_first.csv"):
        counted.setdefault(row["sex"], []).append((row["name"], int(row["count"])))
    tables = {
        "counted": {sex: Weighted.of(pairs) for sex, pairs in counted.items()},
        "ranked": {key: Weighted.of(pairs) for key, pairs in ranked.items()},
        "surnames": Weighted.of((row["name"], int(row["per_100000"])) for row in _rows(folder / "names_last.csv")),
    }
    return type("PublishedNames", (PublishedNames,), tables)


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


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
