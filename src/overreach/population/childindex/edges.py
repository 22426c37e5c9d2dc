"""Dates of birth at the very edge of what a rule says of an age, and names that parsers stumble over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa

from overreach.population.childindex.births import Births, birthdays
from overreach.population.childindex.families import Families
from overreach.population.childindex.naming import Names
from overreach.population.hostile import HOSTILE, LATIN
from overreach.population.lexicon import Lexicon
from overreach.population.sampling import Draws, Flags, Ints

_FIRST_DAY, _LAST_DAY = True, False
_EDGES = (
    # what it is, age, year in the archive, on the first or the last day of that age
    ("is born today", 0, 0, _FIRST_DAY),
    ("is 17 today", 17, 0, _FIRST_DAY),
    ("will be 18 tomorrow", 17, 0, _LAST_DAY),
    ("is 18 today: the first day in the archive", 18, 1, _FIRST_DAY),
    ("is in the archive's first year for the last day", 18, 1, _LAST_DAY),
    ("is in the archive's second year for the first day", 19, 2, _FIRST_DAY),
    ("is in the archive for the last day", 23, 6, _LAST_DAY),
    ("stays with consent, and will be 25 tomorrow", 24, 0, _LAST_DAY),
)
_OLDEST = 25

_SHARED = np.array([row for row, name in enumerate(HOSTILE) if len(name.text) <= 500])  # noqa: PLR2004 - as said
"""Family names are also the carers', whose full name must fit a search field of 1,000 signs."""


@dataclass(frozen=True, slots=True)
class AgeEdges:
    """Children with a date of birth at an edge."""

    child: Ints
    note: tuple[str, ...]
    """What edge each is at."""


def set_edges(draws: Draws, births: Births, archive_year: Ints, free: Flags, as_of: date) -> tuple[Births, AgeEdges]:
    """The births with a child at every edge for which there is one among the `free`; ages stay as they are."""
    born, turns, able = births.born.copy(), birthdays(as_of, _OLDEST), free.copy()
    children, notes = [], []
    for note, age, year, first_day in _EDGES:
        fits = able & (births.age == age) & (archive_year == year)
        for child in draws.some(fits, 1).tolist():
            born[child] = turns[age] if first_day else turns[age + 1] + 1
            able[child] = False
            children.append(child)
            notes.append(note)
    return replace(births, born=born), AgeEdges(np.array(children, dtype=np.int64), tuple(notes))


@dataclass(frozen=True, slots=True)
class Wordlists:
    """Every first and family name of a world: those of the lexicon, then the hostile ones."""

    first: pa.StringArray
    last: pa.StringArray
    hostile_first: int
    """Code of the first hostile first name; the others follow."""
    hostile_last: int

    @classmethod
    def of(cls, lexicon: Lexicon) -> Wordlists:
        """The lexicon's names and the hostile ones."""
        hostile = pa.array([name.text for name in HOSTILE], pa.string())
        first, last = lexicon.first, lexicon.last
        return cls(pa.concat_arrays([first, hostile]), pa.concat_arrays([last, hostile]), len(first), len(last))


def make_hostile(names: Names, families: Families, chosen: Ints, words: Wordlists, *, any_script: bool) -> Names:
    """The names with hostile ones for the children of the chosen families: another one for each, in turn."""
    kinds = len(HOSTILE) if any_script else len(LATIN)
    shared = _SHARED[kinds > _SHARED]
    turn = np.full(families.count, -1, dtype=np.int64)
    turn[chosen] = np.arange(len(chosen))
    mine = turn[families.family]
    given = np.where(mine >= 0, words.hostile_first + (mine + families.place) % kinds, names.given)
    # First and family names go round at different paces, so that all meet all where families are many.
    family = np.where(mine >= 0, words.hostile_last + shared[(mine + mine // kinds) % len(shared)], names.family)
    return replace(names, given=given, family=family)
