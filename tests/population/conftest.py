"""A recipe of two tables that has nothing to do with children's records: the engine must not notice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from overreach.model.canary import Minter, TokenKind
from overreach.model.population import Shape, TokenOwner
from overreach.model.terms import Facet
from overreach.population.recipe import Order, Progress, Recipe, World
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


def build_library(order: Order, progress: Progress) -> World:
    """Readers with cards that are tokens, and librarians."""
    progress("readers")
    minter = Minter(order.seed)
    readers = range(order.children)
    return World(
        as_of=date(2009, 5, 18),
        tables={
            "readers": pa.table(
                {
                    "reader": pa.array(readers, pa.int64()),
                    "name": ["Ann" if row % 2 else "Bob" for row in readers],
                    "card": [minter.mint(TokenKind.RECORD, row) for row in readers],
                    "branch": pa.array([row % 3 for row in readers], pa.int64()),
                    "joined": pa.array([date(2009, 5, 1 + row % 18) for row in readers], pa.date32()),
                }
            ),
            "librarians": pa.table(
                {
                    "user": pa.array(range(order.users), pa.int64()),
                    "post": ["desk"] * order.users,
                    "branch": pa.array([row % 3 for row in range(order.users)], pa.int64()),
                }
            ),
        },
    )


@pytest.fixture
def library() -> Recipe:
    """A recipe of readers and librarians."""
    return Recipe(name="library", build=build_library, shape=LIBRARY, min_children=2)


@pytest.fixture
def readers(library: Recipe, tmp_path: Path) -> Population:
    """Twenty readers and three librarians on disk."""
    generate(library, Order(20, 3, 7), tmp_path / "library")
    return Population.open(tmp_path / "library")
