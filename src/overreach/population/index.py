"""What a judge of answers looks up: the values of a child, the owners of a token, the fields of a request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from numpy.typing import NDArray

from overreach.model.canary import TokenKind
from overreach.model.terms import Facet
from overreach.population.kept import Shelf, as_lists, lists_of
from overreach.population.paging import pages
from overreach.population.texts import Fields, Values, fields_by_child, values_by_child
from overreach.population.token_rows import Pairs, pairs_by_row

if TYPE_CHECKING:
    from overreach.population.store import Population

_NOTHING: frozenset[str] = frozenset()


class Index:
    """Look-ups over one population, all through its shape; each is made when first asked for.

    `folder` is where they are kept for other processes and for the next time; without one, in memory. A population of
    millions needs a folder: its look-ups are mapped into memory from there, and only what is looked at is read.
    """

    def __init__(self, population: Population, folder: Path | None = None) -> None:
        self._population = population
        self._shelf = Shelf(folder, population.digest)
        self._values: dict[Facet, Values | None] = {}
        self._owners: dict[TokenKind, Pairs | None] = {}

    def prepare(self) -> None:
        """Make everything that can be asked for; only then is no look-up slow, in this process or in another."""
        for facet in self._population.shape.facet_values:
            self.facet_values(0, facet)
        for kind in self._population.shape.token_owners:
            self.token_children(kind, 0)
        _ = self._users, self._children
        self._shelf.read_ahead()

    def facet_values(self, child: int, facet: Facet) -> frozenset[str]:
        """Every text that is this child's value of the facet; empty where it has none."""
        if facet not in self._values:
            self._values[facet] = self._values_of(facet)
        values = self._values[facet]
        return _NOTHING if values is None else values.of(child)

    def token_children(self, kind: TokenKind, row: int) -> tuple[int, ...]:
        """The children whom a token with that row number belongs to, ascending; often none or several."""
        if kind not in self._owners:
            self._owners[kind] = self._owners_of(kind)
        owners = self._owners[kind]
        return () if owners is None else owners.of(row)

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
        return {name: column[user].as_py() for name, column in self._users}

    def child_fields(self, child: int, names: Collection[str] | None = None) -> dict[str, str | None]:
        """What requests need of a child, as texts by the names of the shape; None for no such value.

        `names` picks some of them.
        """
        return self._children.of(child, names)

    def arrays(self, name: str, make: Callable[[], Mapping[str, NDArray[Any]]]) -> Mapping[str, NDArray[Any]]:
        """The arrays of that name, which nothing but this population decides; read-only where they come from a folder.

        Without a folder they are what `make` gives: there is nobody to share them with.
        """
        if self._shelf.folder is None:
            return make()

        def made() -> Iterator[pa.RecordBatch]:
            yield as_lists({key: pa.array(array) for key, array in make().items()})

        (batch,) = self._shelf.table(f"arrays-{name}", made)
        return dict(zip(batch.schema.names, [array.to_numpy() for array in lists_of(batch)], strict=True))

    @cached_property
    def _users(self) -> list[tuple[str, pa.Array[Any]]]:
        (batch,) = self._shelf.table("users", self._make_users)
        return list(zip(batch.schema.names, batch.columns, strict=True))

    @cached_property
    def _children(self) -> Fields:
        people = self._population

        def make() -> Iterator[pa.RecordBatch]:
            rows = pages(people.query, people.shape.child_fields, people.children_count)
            return fields_by_child(rows, people.children_count)

        return Fields(self._shelf.table("children", make))

    def _values_of(self, facet: Facet) -> Values | None:
        people, sql = self._population, self._population.shape.facet_values.get(facet)
        if sql is None:
            return None
        known = f"SELECT child, value FROM ({sql}) WHERE value IS NOT NULL"  # noqa: S608 - the shape's own SQL

        def make() -> Iterator[pa.RecordBatch]:
            return values_by_child(pages(people.query, known, people.children_count))

        return Values(self._shelf.table(f"values-{facet.value}", make))

    def _owners_of(self, kind: TokenKind) -> Pairs | None:
        people, owner = self._population, self._population.shape.token_owners.get(kind)
        if owner is None:
            return None
        picked = 'CAST("row" AS BIGINT) AS "row", CAST(child AS BIGINT) AS child'
        known = f'"row" >= 0 AND child BETWEEN 0 AND {people.children_count - 1}'
        sql = f"SELECT {picked} FROM ({owner.children}) WHERE {known}"  # noqa: S608 - the shape's own SQL

        def make() -> Iterator[pa.RecordBatch]:
            yield pairs_by_row(people.query(sql), people.children_count)

        return Pairs(self._shelf.table(f"owners-{kind.name.lower()}", make))

    def _make_users(self) -> Iterator[pa.RecordBatch]:
        # As the shape has it: within another query it would lose its order.
        rows = self._population.query(self._population.shape.user_fields)
        yield pa.RecordBatch.from_arrays([column.combine_chunks() for column in rows.columns], schema=rows.schema)
