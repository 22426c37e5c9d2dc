"""What synthetic users and children are called, and how their numbers are printed."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overreach.policy.facts import People

_PIPE_WIDTH = 200


def usernames(population: People, users: Iterable[int]) -> dict[int, str]:
    """Row number -> username."""
    return _named(population, population.shape.user_fields, "username", users)


def record_numbers(population: People, children: Iterable[int]) -> dict[int, str]:
    """Row number -> record number."""
    return _named(population, population.shape.child_fields, "number", children)


def print_table(heads: Iterable[str], rows: Iterable[Iterable[object]], figures: int) -> None:
    """A table whose last columns, so many of them, are figures."""
    table = Table(*heads)
    for column in table.columns[len(table.columns) - figures :]:
        column.justify = "right"
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else escape(str(cell)) for cell in row))
    # A pipe has no width of its own: give the table what it needs instead of cutting its words.
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)


def _named(population: People, fields: str, column: str, rows: Iterable[int]) -> dict[int, str]:
    wanted = sorted(set(rows))
    if not wanted:
        return {}
    places = ", ".join(str(int(row)) for row in wanted)
    found = population.query(
        f"SELECT place, name FROM (SELECT row_number() OVER () - 1 AS place, {column} AS name FROM ({fields})) "  # noqa: S608 - the recipe's own SQL
        f"WHERE place IN ({places})"
    ).to_pylist()
    return {row["place"]: str(row["name"]) for row in found}
