"""Counting a population: its tables, each measure of its manifest in one query, and its cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from overreach.model.errors import PopulationError
from overreach.population.manifest import Manifest
from overreach.population.store import Population
from overreach.report.describe.description import Category, Cohort, Description, Distribution, TableSize

COHORTS = "cohorts"
"""Name of the table of arranged cases, and key of the measure that names the cohorts there should be."""
NOT_STATED = "not stated"
"""Category of rows where the value is null."""
MOST_CATEGORIES = 1_000
_MEND = "mend its SQL in the recipe, then generate again"
MOST_NOTES = 8
"""Different notes of one cohort that are told; further ones are only counted."""


def describe(population: Population) -> Description:
    """Everything there is to say; each measure is one query, and no table is held in memory.

    Raises PopulationError, naming the measure, where its SQL fails or does not give categories and counts.
    """
    meta = population.meta
    required = meta.measures[COHORTS].figures if COHORTS in meta.measures else {}
    cohorts = _cohorts(population)
    if required and cohorts is None:
        cohorts = ()
    present = {cohort.name for cohort in cohorts or ()}
    return Description(
        path=population.path,
        recipe=meta.recipe,
        children=meta.children,
        users=meta.users,
        seed=meta.seed,
        as_of=meta.as_of,
        digest=meta.digest,
        tables=_tables(meta),
        distributions=tuple(_distribution(population, key) for key in meta.measures if key != COHORTS),
        cohorts=cohorts,
        missing_cohorts=tuple(name for name in required if name not in present),
    )


def _tables(meta: Manifest) -> tuple[TableSize, ...]:
    return tuple(
        TableSize(name, meta.rows(name), sum(meta.files[file].size for file in files), len(files))
        for name, files in meta.tables().items()
    )


def _distribution(population: Population, key: str) -> Distribution:
    measure = population.meta.measures[key]
    # The line break ends a comment that the SQL may end with.
    sql = f"SELECT category, count FROM ({measure.counted.rstrip('; ')}\n) LIMIT {MOST_CATEGORIES + 1}"  # noqa: S608 - the manifest's own SQL
    counts: dict[str, int] = {}
    for row in _asked(population, sql, f"measure `{key}`"):
        name, count = _named(row["category"]), _whole(row["count"])
        if name in counts or count is None:
            wrong = f"the count `{row['count']}`" if count is None else "two counts"
            message = f"measure `{key}` cannot be counted: its query gives {wrong} for `{name}`"
            raise PopulationError(message, _MEND)
        counts[name] = count
    if len(counts) > MOST_CATEGORIES:
        message = f"measure `{key}` has more than {MOST_CATEGORIES:,} categories"
        raise PopulationError(message, "group them in its SQL, then generate again")
    return Distribution(key, measure, _categories(counts, measure.figures))


def _categories(counts: Mapping[str, int], figures: Mapping[str, int]) -> tuple[Category, ...]:
    counted, weighed = sum(counts.values()), sum(figures.values())
    only_figures = [name for name in figures if name not in counts]
    found = []
    for name in [*counts, *only_figures]:
        count, weight = counts.get(name, 0), figures.get(name, 0) if weighed else None
        share = count / counted if counted else 0.0
        found.append(Category(name, count, share, weight, None if weight is None else weight / weighed))
    if only_figures:
        found.sort(key=lambda one: (one.number is None, one.number or 0))
    return tuple(found)


def _cohorts(population: Population) -> tuple[Cohort, ...] | None:
    if COHORTS not in population.tables:
        return None
    what = f"table `{COHORTS}`"
    columns = [row["column_name"] for row in _asked(population, f"DESCRIBE {COHORTS}", what)]
    if "cohort" not in columns:
        return None
    others = [name for name in columns if name not in {"cohort", "note"}]
    notes = "list(DISTINCT CAST(note AS TEXT) ORDER BY CAST(note AS TEXT))" if "note" in columns else "[]"
    counted = "".join(f", count(DISTINCT {_quoted(name)}) AS {_quoted(name)}" for name in others)
    sql = f"""SELECT cohort AS "the cohort", count(*) AS "the cases", {notes} AS "the notes"{counted}
              FROM {COHORTS} GROUP BY cohort ORDER BY cohort"""  # noqa: S608 - names of the population's own columns
    return tuple(_cohort(row, others) for row in _asked(population, sql, what))


def _cohort(row: Mapping[str, Any], columns: list[str]) -> Cohort:
    notes = [note for note in row["the notes"] or () if note is not None]
    return Cohort(
        name=_named(row["the cohort"]),
        cases=row["the cases"],
        different={name: row[name] for name in columns},
        notes=tuple(notes[:MOST_NOTES]),
        further_notes=max(0, len(notes) - MOST_NOTES),
    )


def _asked(population: Population, sql: str, what: str) -> list[dict[str, Any]]:
    try:
        return population.query(sql).to_pylist()
    except duckdb.Error as error:
        reason = " ".join(str(error).split("\n\n", maxsplit=1)[0].split())
        message = f"{what} cannot be counted: {reason}"
        raise PopulationError(message, _MEND) from error


def _whole(value: Any) -> int | None:  # noqa: ANN401 - whatever a query gives
    """A count as an integer, be it a decimal in the database; None for anything else."""
    try:
        count = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return count if count == value and count >= 0 else None


def _named(value: object) -> str:
    """A category as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return NOT_STATED if value is None else str(value)


def _quoted(name: str) -> str:
    """The name of a column as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
