"""Names of patients, next of kin and staff, by row: the one place that knows where names come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from overreach.population.lexicon import Lexicon
from overreach.population.sampling import Draws, Flags, Ints, Texts
from overreach.population.wards.rows import RowDraws


@dataclass(frozen=True)
class Names:
    """Draws names for rows of people; a pure function of seed, stream, row and what is known of the person."""

    seed: int
    folder: Path
    """The published frequencies of names."""

    def languages(self, stream: str, rows: Ints) -> Ints:
        """The language of each row's family, as often as among the pupils of England's schools."""
        return self._draws(stream, "language").weighted(self._lexicon.weights, rows)

    def family(self, stream: str, language: Ints, rows: Ints) -> Texts:
        """A family name for each row."""
        codes = self._lexicon.family(_AtRows(self._draws(stream, "family"), rows), language)
        return _texts(self._lexicon.last, codes)

    def given(self, stream: str, language: Ints, male: Flags, year: Ints, rows: Ints) -> Texts:
        """A first name for each row, by sex and year of birth."""
        codes = self._lexicon.given(_AtRows(self._draws(stream, "given"), rows), language, male, year)
        return _texts(self._lexicon.first, codes)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon.read(self.folder)

    def _draws(self, stream: str, what: str) -> RowDraws:
        return RowDraws(self.seed, f"{stream}: {what}")


class _AtRows(Draws):
    """A stream for those who ask for a number of integers: it gives each of these rows its own."""

    def __init__(self, draws: RowDraws, rows: Ints) -> None:
        self._of, self._rows = draws, rows

    def below(self, limit: int, count: int) -> Ints:
        """One integer for each of the first `count` rows."""
        return self._of.below(limit, self._rows[:count])


def pick(draws: RowDraws, pool: Texts, rows: Ints) -> Texts:
    """A text of the pool for each row."""
    picked: Texts = pool[draws.below(len(pool), rows)]
    return picked


def phrase(seed: int, name: str, rows: Ints, *lists: tuple[str, ...], joint: str = " ") -> Texts:
    """A word of each list for each row, put together: `Willow Gate Surgery`."""
    words = [
        pick(RowDraws(seed, f"{name}: word {place}"), np.array(choices, dtype=object), rows)
        for place, choices in enumerate(lists)
    ]
    together = words[0]
    for word in words[1:]:
        together = together + joint + word
    return together


def _texts(texts: pa.StringArray, codes: Ints) -> Texts:
    taken: Texts = texts.take(codes).to_numpy(zero_copy_only=False)
    return np.array(taken, dtype=object)
