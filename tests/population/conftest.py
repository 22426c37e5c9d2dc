"""A recipe of two tables that has nothing to do with children's records: the engine must not notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from overreach.model.canary import Minter, TokenKind
from overreach.model.population import Measure, Shape, TokenOwner
from overreach.model.terms import Facet
from overreach.population.recipe import Order, Recipe, Tables
from overreach.population.store import Population
from overreach.population.writing import generate

LIBRARY = Shape(
    user_facts={"role": "post"},
    child_facts={"branch": "branch"},
    areas='SELECT "user", branch AS area FROM librarians',
    area_attribute=("branches", "branch"),
    involved='SELECT "user", 0 AS child FROM librarians',
    involved_attribute="lent_by",
    facet_values={Facet.IDENTITY: "SELECT reader AS child, unnest([name, card]) AS value FROM readers"},
    token_owners={TokenKind.RECORD: TokenOwner(Facet.IDENTITY, 'SELECT reader AS "row", reader AS child FROM readers')},
    user_fields='SELECT "user", post FROM librarians ORDER BY "user"',
    child_fields="SELECT reader AS child, card AS number, joined, NULL AS former_name FROM readers ORDER BY reader",
    hazards={"same-name": ("two readers of one name", "R0", "SELECT 0 AS child, 1 AS other")},
)


SHELF = 8
"""Readers in a part."""

BRANCHES = Measure(
    title="Readers by branch",
    unit="readers",
    counted="SELECT branch AS category, count(*) AS count FROM readers GROUP BY ALL ORDER BY ALL",
    figures={"0": 1, "1": 1, "2": 1},
    source="modelling choice",
)


@dataclass(frozen=True, slots=True)
class Library:
    """Librarians in part 0, then readers with cards that are tokens, a shelf of them in each part."""

    order: Order

    @property
    def as_of(self) -> date:
        """The day."""
        return date(2009, 5, 18)

    @property
    def parts(self) -> int:
        """The librarians and the shelves."""
        return 1 + -(-self.order.children // SHELF)

    @property
    def measures(self) -> Mapping[str, Measure]:
        """One."""
        return {"branches": BRANCHES}

    def part(self, number: int) -> Tables:
        """Librarians, or a shelf."""
        if number == 0:
            return {"librarians": self._librarians()}
        minter, first = Minter(self.order.seed), SHELF * (number - 1)
        readers = range(first, min(first + SHELF, self.order.children))
        columns = {
            "reader": pa.array(readers, pa.int64()),
            "name": ["Ann" if row % 2 else "Bob" for row in readers],
            "card": [minter.mint(TokenKind.RECORD, row) for row in readers],
            "branch": pa.array([row % 3 for row in readers], pa.int64()),
            "joined": pa.array([date(2009, 5, 1 + row % 18) for row in readers], pa.date32()),
        }
        return {"readers": pa.table(columns)}

    def _librarians(self) -> pa.Table:
        users = range(self.order.users)
        return pa.table(
            {
                "user": pa.array(users, pa.int64()),
                "post": ["desk"] * len(users),
                "branch": pa.array([row % 3 for row in users], pa.int64()),
            }
        )


@pytest.fixture
def library() -> Recipe:
    """A recipe of readers and librarians."""
    return Recipe(name="library", plan=Library, shape=LIBRARY, min_children=2)


@pytest.fixture
def readers(library: Recipe, tmp_path: Path) -> Population:
    """Twenty readers and three librarians on disk."""
    generate(library, Order(20, 3, 7), tmp_path / "library")
    return Population.open(tmp_path / "library")
