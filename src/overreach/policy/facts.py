"""Users and children as classes: rows that agree in every attribute the policy reads are one class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from overreach.model.errors import PolicyError
from overreach.model.population import Shape
from overreach.policy.codes import combine
from overreach.policy.columns import Column, column
from overreach.policy.expression import Entity
from overreach.policy.threads import in_threads

Ints = NDArray[np.int64]

ROW: Final = "row number"
"""Column of the row numbers; no Cedar attribute has a blank in its name."""


class People(Protocol):
    """The part of a population that policy and reach need."""

    @property
    def shape(self) -> Shape:
        """How its tables answer questions."""

    @property
    def users_count(self) -> int:
        """Number of users; their row numbers count from 0."""

    @property
    def children_count(self) -> int:
        """Number of children; their row numbers count from 0."""

    def query(self, sql: str) -> pa.Table:
        """Rows of a query over the tables; `$as_of` may stand in it."""


class Classes:
    """The classes of one side, and which class each row is in. Classes are never taken away."""

    def __init__(
        self,
        attributes: Sequence[str],
        of: NDArray[np.int32],
        facts: list[tuple[Any, ...]],
        entities: Mapping[str, str] | None = None,
    ) -> None:
        self.attributes = tuple(attributes)
        self.of = of
        """Row number -> class."""
        self.facts = facts
        """Class -> values of `attributes`; None for a missing one."""
        self.entities = dict(entities or {})
        """Attribute that is an entity -> its type; its values are names of such entities."""
        self._numbers = {values: number for number, values in enumerate(facts)}

    def __len__(self) -> int:
        return len(self.facts)

    def as_mapping(self, number: int) -> dict[str, Any]:
        """Attribute -> value of a class."""
        return dict(zip(self.attributes, self.facts[number], strict=True))

    def change(self, row: int, facts: Mapping[str, Any]) -> bool:
        """Put a row into the class of its old facts and these; whether that class is a new one."""
        new_facts = {**self.as_mapping(int(self.of[row])), **facts}
        values = tuple(new_facts[name] for name in self.attributes)
        new = values not in self._numbers
        if new:
            self._numbers[values] = len(self.facts)
            self.facts.append(values)
        self.of[row] = self._numbers[values]
        return new

    def columns(self, axis: int, entities: Mapping[str, str]) -> dict[str, Column]:
        """Columns of the facts along an axis; `entities` maps further attributes that are entities to their type."""
        found = {}
        entities = {**self.entities, **entities}
        for place, name in enumerate(self.attributes):
            values = [facts[place] for facts in self.facts]
            if name in entities:
                values = [None if value is None else Entity(entities[name], str(value)) for value in values]
            found[name] = column(values, axis)
        return found


def read_classes(
    people: People,
    table: str,
    facts: Mapping[str, str],
    attributes: Sequence[str],
    entities: Mapping[str, str] | None = None,
) -> Classes:
    """The classes of `users` or of `children` by the attributes named.

    `facts` maps a Cedar attribute to its SQL, `entities` those that are entities to their type. PolicyError where the
    population has no such attribute.
    """
    rows = read_numbered(people, table, facts, attributes)
    columns = in_threads(lambda name: _column(rows, name), attributes)
    of, codes = combine(rows.num_rows, ((each, len(known)) for each, known in columns))
    values = [known.to_pylist() for _, known in columns]
    rows_of = [tuple(values[at][code] for at, code in enumerate(row)) for row in codes.tolist()]
    return Classes(attributes, of, rows_of, entities)


def read_facts(
    people: People,
    table: str,
    facts: Mapping[str, str],
    attributes: Sequence[str],
    rows: Sequence[int] | None = None,
) -> pa.Table:
    """Facts of all rows, or of the rows named, in the order of their row numbers."""
    key, picked = _key(table), _picked(table, facts, attributes) or "true AS anyone"
    where = "" if rows is None else f" WHERE {key} IN ({', '.join(str(int(row)) for row in rows)})"
    return people.query(f"SELECT {picked} FROM ({_source(people, table)}){where} ORDER BY {key}")  # noqa: S608 - the recipe's own SQL


def read_numbered(people: People, table: str, facts: Mapping[str, str], attributes: Sequence[str]) -> pa.Table:
    """Facts of all rows in whatever order they come, each with its `ROW`: sorting a nation takes seconds."""
    picked = ", ".join(filter(None, [f'CAST({_key(table)} AS INTEGER) AS "{ROW}"', _picked(table, facts, attributes)]))
    return people.query(f"SELECT {picked} FROM ({_source(people, table)})")  # noqa: S608 - the recipe's own SQL


def coded(rows: pa.Table, name: str, known: pa.Array[Any]) -> NDArray[np.int32]:
    """Row number -> place of its value among the known ones, which are distinct; -1 where it is none of them."""
    codes = np.full(rows.num_rows, -1, dtype=np.int32)
    for batch in rows.select([ROW, name]).to_batches():
        codes[batch[0].to_numpy()] = pc.index_in(batch[1], value_set=known).fill_null(-1).to_numpy()
    return codes


def _column(rows: pa.Table, name: str) -> tuple[NDArray[np.int32], pa.Array[Any]]:
    """Codes of a column of facts, and the facts that they stand for, in the order of their first rows."""
    known = cast("pa.Array[Any]", rows[name].unique())  # an array, whatever the stubs say
    return coded(rows, name, known), known


def _key(table: str) -> str:
    return '"user"' if table == "users" else '"child"'


def _source(people: People, table: str) -> str:
    return people.shape.users if table == "users" else people.shape.children


def _picked(table: str, facts: Mapping[str, str], attributes: Sequence[str]) -> str:
    for name in attributes:
        if name not in facts:
            message = f"the policy reads `{name}`, which the population's {table} do not have"
            raise PolicyError(message, f"known: {', '.join(sorted(facts))}")
    return ", ".join(f'{facts[name]} AS "{name}"' for name in attributes)
