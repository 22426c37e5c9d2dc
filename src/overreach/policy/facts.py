"""Users and children as classes: rows that agree in every attribute the policy reads are one class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overreach.model.errors import PolicyError
from overreach.model.population import Shape
from overreach.policy.columns import Column, column
from overreach.policy.expression import Entity

Ints = NDArray[np.int64]


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

    def __init__(self, attributes: Sequence[str], of: NDArray[np.int32], facts: list[tuple[Any, ...]]) -> None:
        self.attributes = tuple(attributes)
        self.of = of
        """Row number -> class."""
        self.facts = facts
        """Class -> values of `attributes`; None for a missing one."""
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
        """Columns of the facts along an axis; `entities` maps attributes that are entities to their type."""
        found = {}
        for place, name in enumerate(self.attributes):
            values = [facts[place] for facts in self.facts]
            if name in entities:
                values = [None if value is None else Entity(entities[name], str(value)) for value in values]
            found[name] = column(values, axis)
        return found


def read_classes(people: People, table: str, facts: Mapping[str, str], attributes: Sequence[str]) -> Classes:
    """The classes of `users` or of `children` by the attributes named.

    `facts` maps a Cedar attribute to its SQL. PolicyError where the population has no such attribute.
    """
    rows = read_facts(people, table, facts, attributes)
    codes = np.zeros(rows.num_rows, dtype=np.int64)
    for name in attributes:
        coded = rows[name].combine_chunks().dictionary_encode(null_encoding="encode")
        place = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        # Renumbering after every attribute keeps the combined code far below 64 bits.
        _, codes = np.unique(codes * len(coded.dictionary) + place, return_inverse=True)
    _, first, of = np.unique(codes, return_index=True, return_inverse=True)
    chosen = rows.take(first.astype(np.int64)).to_pylist()
    return Classes(attributes, of.astype(np.int32), [tuple(row[name] for name in attributes) for row in chosen])


def read_facts(
    people: People,
    table: str,
    facts: Mapping[str, str],
    attributes: Sequence[str],
    rows: Sequence[int] | None = None,
) -> pa.Table:
    """Facts of all rows, or of the rows named, in the order of their row numbers."""
    for name in attributes:
        if name not in facts:
            message = f"the policy reads `{name}`, which the population's {table} do not have"
            raise PolicyError(message, f"known: {', '.join(sorted(facts))}")
    key, source = ('"user"', people.shape.users) if table == "users" else ('"child"', people.shape.children)
    picked = ", ".join([f'{facts[name]} AS "{name}"' for name in attributes] or ["true AS anyone"])
    where = "" if rows is None else f" WHERE {key} IN ({', '.join(str(int(row)) for row in rows)})"
    return people.query(f"SELECT {picked} FROM ({source}){where} ORDER BY {key}")  # noqa: S608 - the recipe's own SQL
