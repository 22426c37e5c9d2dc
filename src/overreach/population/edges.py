"""Edges: people for whom something is one step from being otherwise, found in a recipe's own SQL and dates.

An edge is where comparisons are off by one. Every kind is worked out in columns, from what a shape says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from overreach.population.store import Population

Bools = NDArray[np.bool_]

_AS_OF = re.compile(r"\$as_of\b")


class Edge(StrEnum):
    """Why somebody stands at an edge."""

    TURNING = "turning"  # a fact, an area or an involvement is otherwise the day before or the day after
    DATED = "dated"  # a date of the row, or one of its anniversaries, is yesterday, today or tomorrow
    SOLE = "sole"  # exactly one involvement: who takes it away takes away all
    ALONE = "alone"  # the only member of its class

    @property
    def bit(self) -> int:
        """The edge's bit in a mask."""
        return 1 << list(Edge).index(self)


class Rows(NamedTuple):
    """The users or the children, as SQL."""

    source: str
    """One row for each."""
    key: str
    """The column of its row number: `user` or `child`."""

    def column(self, expression: str) -> str:
        """SQL giving `value`, an expression over each row, in order."""
        return f'SELECT {expression} AS value FROM ({self.source}) ORDER BY "{self.key}"'  # noqa: S608 - the recipe's own SQL


def turning(population: Population, rows: Rows, facts: Mapping[str, str]) -> Bools:
    """Row -> whether a fact of it differs the day before or the day after the population's date."""
    compared = [
        f"({_at(sql, day)}) IS DISTINCT FROM ({sql})"
        for sql in facts.values()
        if _AS_OF.search(sql)
        for day in ("day_before", "day_after")
    ]
    return _any_of(population, rows, compared)


def dated(population: Population, rows: Rows) -> Bools:
    """Row -> whether a date in it, so many whole years on, is yesterday, today or tomorrow."""
    columns = population.query(
        f"SELECT column_name FROM (DESCRIBE {rows.source}) WHERE column_type IN ('DATE', 'TIMESTAMP')"  # noqa: S608 - the recipe's own SQL
    )
    # Two days a year apart lie within a day of 1 January: both years are tried.
    compared = [
        f'CAST("{name}" AS DATE) + to_years(CAST(date_diff(\'year\', "{name}", ${day}) AS INTEGER))'
        " BETWEEN $day_before AND $day_after"
        for name in columns["column_name"].to_pylist()
        for day in ("day_before", "day_after")
    ]
    return _any_of(population, rows, compared)


def changing(population: Population, relation: str, column: str) -> NDArray[np.int64]:
    """The values of a column in those rows of a relation that are not there the day before or the day after.

    `relation` is SQL; one that does not ask for the date never changes.
    """
    if not _AS_OF.search(relation):
        return np.zeros(0, dtype=np.int64)
    parts = []
    for day in ("day_before", "day_after"):
        now, then = (f"FROM ({sql})" for sql in (relation, _at(relation, day)))
        parts += [f"({now} EXCEPT {then})", f"({then} EXCEPT {now})"]
    rows = population.query(
        f'SELECT DISTINCT "{column}" AS row FROM ({" UNION ALL ".join(parts)}) ORDER BY ALL',  # noqa: S608 - the recipe's own SQL
        **_days(population),
    )
    found: NDArray[np.int64] = rows["row"].to_numpy().astype(np.int64)
    return found


def _any_of(population: Population, rows: Rows, conditions: Iterable[str]) -> Bools:
    written = " OR ".join(f"coalesce({condition}, false)" for condition in conditions) or "false"
    edges: Bools = population.query(rows.column(written), **_days(population))["value"].to_numpy()
    return edges


def _at(sql: str, day: str) -> str:
    return _AS_OF.sub(f"${day}", sql)


def _days(population: Population) -> dict[str, date]:
    as_of, day = population.meta.as_of, timedelta(days=1)
    return {"day_before": as_of - day, "day_after": as_of + day}
