"""What a judge of answers looks up: the values of a child, the owners of a token, the fields of a request."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from overreach.model.canary import TokenKind
from overreach.model.terms import Facet

if TYPE_CHECKING:
    import pyarrow as pa

    from overreach.population.store import Population

_NOTHING: frozenset[str] = frozenset()


class Index:
    """Look-ups over one population, all through its shape; each is loaded when first asked for."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._values: dict[Facet, dict[int, frozenset[str]]] = {}
        self._owners: dict[TokenKind, dict[int, tuple[int, ...]]] = {}

    def facet_values(self, child: int, facet: Facet) -> frozenset[str]:
        """Every text that is this child's value of the facet; empty where it has none."""
        if facet not in self._values:
            self._values[facet] = self._load_values(facet)
        return self._values[facet].get(child, _NOTHING)

    def token_children(self, kind: TokenKind, row: int) -> tuple[int, ...]:
        """The children whom a token with that row number belongs to, ascending; often none or several."""
        if kind not in self._owners:
            self._owners[kind] = self._load_owners(kind)
        return self._owners[kind].get(row, ())

    def token_facet(self, kind: TokenKind) -> Facet | None:
        """The facet that a token of that kind proves; None where this population plants none."""
        owner = self._population.shape.token_owners.get(kind)
        return owner.facet if owner else None

    def child_by_number(self, number: str) -> int | None:
        """The child whose record number this is, whatever its case; None for a number never issued."""
        read = self._population.minter.read(number.lower())
        if read is None or read[0] is not TokenKind.RECORD:
            return None
        children = self.token_children(*read)
        return children[0] if children else None

    def user_fields(self, user: int) -> dict[str, Any]:
        """What requests need of a user, by the names of the shape."""
        return self._users[user]

    def child_fields(self, child: int) -> dict[str, str | None]:
        """What requests need of a child, as texts by the names of the shape; None for no such value."""
        return self._children[child]

    @cached_property
    def _users(self) -> list[dict[str, Any]]:
        return self._population.query(self._population.shape.user_fields).to_pylist()

    @cached_property
    def _children(self) -> list[dict[str, str | None]]:
        rows = self._population.query(self._population.shape.child_fields).to_pylist()
        return [{key: None if value is None else str(value) for key, value in row.items()} for row in rows]

    def _load_values(self, facet: Facet) -> dict[int, frozenset[str]]:
        sql = self._population.shape.facet_values.get(facet)
        if sql is None:
            return {}
        rows = self._population.query(
            f"SELECT child, value FROM ({sql}) WHERE value IS NOT NULL ORDER BY child"  # noqa: S608 - the shape's own SQL
        )
        values: list[Any] = rows.column("value").to_pylist()
        return {child: frozenset(values[start:end]) for child, start, end in _groups(rows, "child")}

    def _load_owners(self, kind: TokenKind) -> dict[int, tuple[int, ...]]:
        owner = self._population.shape.token_owners.get(kind)
        if owner is None:
            return {}
        rows = self._population.query(
            f'SELECT DISTINCT "row", child FROM ({owner.children}) ORDER BY "row", child'  # noqa: S608 - the shape's own SQL
        )
        children: list[Any] = rows.column("child").to_pylist()
        return {row: tuple(children[start:end]) for row, start, end in _groups(rows, "row")}


def _groups(rows: pa.Table, column: str) -> list[tuple[int, int, int]]:
    """(key, start, end) of each run of equal keys in a table sorted by that column."""
    keys = rows.column(column).to_numpy()
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, dtype=np.int64)
    ends = np.r_[starts[1:], len(keys)]
    return list(zip(keys[starts].tolist(), starts.tolist(), ends.tolist(), strict=True))
