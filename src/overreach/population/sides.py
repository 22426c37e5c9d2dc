"""The users or the children of a population as columns: class, edges, cohorts, and how plain each of them is.

Nothing is done row by row, and nothing before it is asked for: a nation's people cost a few arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overreach.model.errors import PopulationError
from overreach.policy.facts import Classes
from overreach.population.edges import Edge, Rows, changing, dated, turning
from overreach.population.store import Population

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

PLAIN, ON_EDGE, IN_COHORT = range(3)
"""How plain somebody is; ascending order."""
LEVELS = 3


class Side:
    """The users or the children."""

    def __init__(self, population: Population, rows: Rows, classes: Classes, facts: Mapping[str, str]) -> None:
        self.noun = rows.key
        self._rows = rows
        self.classes = classes
        self.class_of = classes.of.copy()
        """Row -> class of the policy, at the start: a live stage moves its children about."""
        self.class_count = len(classes)
        self._population = population
        self._facts = facts
        self._fields = population.shape.user_fields if rows.key == "user" else population.shape.child_fields

    def __len__(self) -> int:
        return len(self.class_of)

    @cached_property
    def edges(self) -> NDArray[np.uint8]:
        """Row -> mask of its edges (`Edge.bit`)."""
        shape, size = self._population.shape, np.bincount(self.class_of, minlength=self.class_count)
        turns = turning(self._population, self._rows, self._facts)
        for relation in (shape.areas, shape.involved) if self.noun == "user" else (shape.involved,):
            turns = turns | self._marked(changing(self._population, relation, self.noun))
        holds = {
            Edge.TURNING: turns,
            Edge.DATED: dated(self._population, self._rows),
            Edge.SOLE: self._involvements() == 1,
            Edge.ALONE: size[self.class_of] == 1,
        }
        masks = np.zeros(len(self), dtype=np.uint8)
        for edge, rows in holds.items():
            masks |= rows.astype(np.uint8) * np.uint8(edge.bit)
        return masks

    @cached_property
    def level(self) -> NDArray[np.int8]:
        """Row -> plain, at an edge, or in a cohort."""
        level = np.where(self.edges & ~np.uint8(Edge.ALONE.bit), ON_EDGE, PLAIN)
        level[self.in_cohort(None)] = IN_COHORT
        return level.astype(np.int8)

    @cached_property
    def rank(self) -> NDArray[np.int16]:
        """Row -> the lower the plainer, within a class: cohort, edge, then facts that are not the commonest."""
        unread = [name for name in self._facts if name not in self.classes.attributes]
        unread = [name for name in unread if name != self._population.shape.area_attribute[1]]
        odd = np.zeros(len(self), dtype=np.int16)
        if unread:
            terms = (
                f"(({sql}) IS DISTINCT FROM (SELECT mode({sql}) FROM ({self._rows.source})))::INTEGER"  # noqa: S608 - the recipe's own SQL
                for sql in map(self._facts.__getitem__, unread)
            )
            odd = self._column(" + ".join(terms)).to_numpy().astype(np.int16)
        return self.level.astype(np.int16) * np.int16(len(unread) + 1) + odd

    @cached_property
    def distance(self) -> Ints:
        """Class -> how many of its facts are not the commonest of all rows."""
        size = np.bincount(self.class_of, minlength=self.class_count)
        found = np.zeros(self.class_count, dtype=np.int64)
        for place in range(len(self.classes.attributes)):
            values = [facts[place] for facts in self.classes.facts[: self.class_count]]
            rows: dict[Any, int] = {}
            for value, many in zip(values, size.tolist(), strict=True):
                rows[value] = rows.get(value, 0) + many
            commonest = max(rows, key=rows.__getitem__, default=None)
            found += np.array([value != commonest for value in values], dtype=np.int64)
        return found

    def check_fact(self, name: str) -> None:
        """PopulationError for a fact that nobody has; it lists the known ones."""
        if name not in self._facts:
            message = f"no fact of a {self.noun} is called `{name}`"
            raise PopulationError(message, f"known: {', '.join(sorted(self._facts))}")

    def check_field(self, name: str) -> None:
        """PopulationError for a field that requests do not use; it lists the known ones."""
        known = self._population.query(f"SELECT * FROM ({self._fields}) LIMIT 0").column_names  # noqa: S608 - the recipe's own SQL
        if name not in known:
            message = f"no field of a {self.noun} is called `{name}`"
            raise PopulationError(message, f"known: {', '.join(known)}")

    def with_class(self, holds: Sequence[bool] | Bools) -> Bools:
        """The rows whose class is one of those."""
        found: Bools = np.asarray(holds, dtype=np.bool_)[self.class_of]
        return found

    def facts(self, row: int) -> dict[str, object]:
        """The facts of a row that the policy reads, at the start, by their names in Cedar."""
        return self.classes.as_mapping(int(self.class_of[row]))

    def fact_of(self, row: int, name: str) -> object:
        """A fact of one row, at the start; PopulationError as `check_fact`."""
        self.check_fact(name)
        if name in self.classes.attributes:
            return self.classes.facts[self.class_of[row]][self.classes.attributes.index(name)]
        found: list[object] = self._population.query(
            f'SELECT {self._facts[name]} AS value FROM ({self._rows.source}) WHERE "{self.noun}" = $row',  # noqa: S608 - the recipe's own SQL
            row=row,
        )["value"].to_pylist()
        return found[0]

    def with_fact(self, name: str, wanted: object) -> Bools:
        """The rows of whom a fact holds; PopulationError as `check_fact`."""
        self.check_fact(name)
        if name in self.classes.attributes:
            place = self.classes.attributes.index(name)
            return self.with_class([facts[place] == wanted for facts in self.classes.facts[: self.class_count]])
        found: Bools = self._column(f"({self._facts[name]}) IS NOT DISTINCT FROM $wanted", wanted=wanted).to_numpy()
        return found

    def with_field(self, name: str, wanted: str | None = None) -> Bools:
        """The rows with that value, or any, in a field that requests use; PopulationError as `check_field`."""
        self.check_field(name)
        holds = f'"{name}" IS NOT NULL' if wanted is None else f'"{name}" IS NOT DISTINCT FROM $wanted'
        named = {} if wanted is None else {"wanted": wanted}
        rows = self._population.query(f'SELECT "{self.noun}" AS row FROM ({self._fields}) WHERE {holds}', **named)  # noqa: S608 - the recipe's own SQL
        return self._marked(rows["row"].to_numpy())

    def in_cohort(self, name: str | None) -> Bools:
        """The rows in a cohort, or in any."""
        rows = cohort_rows(self._population, name)[self.noun]
        return self._marked(rows[rows >= 0])

    def _marked(self, rows: Ints) -> Bools:
        marks = np.zeros(len(self), dtype=np.bool_)
        marks[rows] = True
        return marks

    def _involvements(self) -> Ints:
        """Row -> how many involvements it has."""
        sql = self._population.shape.involved
        rows = self._population.query(
            f'SELECT "{self.noun}" AS row, count(*) AS many FROM ({sql}) GROUP BY ALL'  # noqa: S608 - the recipe's own SQL
        )
        counts = np.zeros(len(self), dtype=np.int64)
        counts[rows["row"].to_numpy()] = rows["many"].to_numpy()
        return counts

    def _column(self, sql: str, **named: object) -> pa.ChunkedArray[Any]:
        try:
            rows = self._population.query(self._rows.column(sql), **named)
        except duckdb.ConversionException as error:
            message = f"`{named.get('wanted')}` is no value of that fact"
            raise PopulationError(message, "give a value of its type") from error
        return rows["value"]


@lru_cache(maxsize=64)
def cohort_rows(population: Population, name: str | None) -> dict[str, Ints]:
    """`user` and `child` of the rows of a cohort, or of all, -1 for nobody; PopulationError lists the known ones."""
    if "cohorts" not in population.tables:
        if name is not None:
            message = f"no cohort is called `{name}`"
            raise PopulationError(message, "this population lists no cohorts")
        return {"user": np.zeros(0, dtype=np.int64), "child": np.zeros(0, dtype=np.int64)}
    where = "" if name is None else " WHERE cohort = $cohort"
    named: dict[str, str] = {} if name is None else {"cohort": name}
    rows = population.query(
        f'SELECT coalesce("user", -1) AS "user", coalesce(child, -1) AS child FROM cohorts{where}',  # noqa: S608 - written here
        **named,
    )
    if name is not None and not rows.num_rows:
        known = population.query("SELECT DISTINCT cohort FROM cohorts ORDER BY ALL")["cohort"].to_pylist()
        message = f"no cohort is called `{name}`"
        raise PopulationError(message, f"known: {', '.join(map(str, known))}")
    return {column: rows[column].to_numpy().astype(np.int64) for column in ("user", "child")}
