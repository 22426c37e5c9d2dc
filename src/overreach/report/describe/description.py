"""What there is to say of a population: its tables, its measures beside their figures, its cohorts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from overreach.model.population import Measure

_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Category:
    """One category of a measure, as counted and as the figures have it."""

    name: str
    count: int
    share: float
    """Of everything counted, 0 to 1."""
    weight: int | None
    """In the figures: 0 where they do not name it, None where the measure has no figures."""
    expected: float | None
    """Share of the figures, 0 to 1."""

    @property
    def number(self) -> int | None:
        """The category as a whole number; None where it is a name."""
        return int(self.name) if _WHOLE.fullmatch(self.name) else None

    @property
    def difference(self) -> float | None:
        """Counted share less that of the figures: 0.01 is one percentage point."""
        return None if self.expected is None else self.share - self.expected

    @property
    def relative(self) -> float | None:
        """The difference as a part of the figures' share; None where they expect nobody, or there are none."""
        return (self.share - self.expected) / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class Distribution:
    """A measure, counted."""

    key: str
    measure: Measure
    categories: tuple[Category, ...]
    """In the order of the measure's SQL; those that only the figures name follow, numbers in their order."""

    @property
    def total(self) -> int:
        """Everything counted, in the measure's unit."""
        return sum(category.count for category in self.categories)

    @property
    def compared(self) -> bool:
        """Whether there are figures to lay beside it."""
        return any(category.expected is not None for category in self.categories)

    @property
    def widest(self) -> Category | None:
        """The category furthest from its figure; None without figures."""
        compared = [category for category in self.categories if category.difference is not None]
        return max(compared, key=distance, default=None)


@dataclass(frozen=True, slots=True)
class TableSize:
    """One table of the folder."""

    name: str
    rows: int
    size: int
    """Bytes of its files."""
    files: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """Cases that were arranged on purpose."""

    name: str
    cases: int
    """Rows of the table."""
    different: Mapping[str, int]
    """Column -> how many different rows of another table it names, such as `child`."""
    notes: tuple[str, ...]
    """Some of them, in alphabetical order."""
    further_notes: int


@dataclass(frozen=True, slots=True)
class Description:
    """A population and what it is like."""

    path: Path
    recipe: str
    children: int
    users: int
    seed: int
    as_of: date
    digest: str
    tables: tuple[TableSize, ...]
    distributions: tuple[Distribution, ...]
    cohorts: tuple[Cohort, ...] | None
    """None where the population has no such table."""
    missing_cohorts: tuple[str, ...]
    """Those that the measure `cohorts` names and no row has."""


def distance(category: Category) -> float:
    """How far a category is from its figure, in whichever direction; 0 without figures."""
    return abs(category.difference or 0.0)
