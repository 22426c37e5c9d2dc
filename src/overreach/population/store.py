"""A population as the engine reads it: tables, SQL over them, and the shape that links them to policy."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from overreach.model.canary import Minter, TokenKind
from overreach.model.errors import PopulationError
from overreach.model.population import Shape
from overreach.model.terms import Facet
from overreach.population.index import Index
from overreach.population.manifest import Manifest
from overreach.population.unfinished import refuse_unfinished

HASHED_BELOW = 100_000_000
"""Bytes: a smaller folder has the hashes of its files checked on opening; a larger one only their sizes."""


class Population:
    """A whole population folder, checked on opening; safe to read from several threads."""

    def __init__(self, path: Path, meta: Manifest, lookups: Path | None = None) -> None:
        self.path = path
        self.meta = meta
        self.lookups = lookups
        self.minter = Minter(meta.seed)
        self._tables: dict[str, pa.Table] = {}
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path, lookups: Path | None = None) -> Population:
        """The population in `path`; `lookups` is the folder where its index keeps what it makes, None for memory.

        Raises PopulationError for a folder that is half written, was changed, or has an unknown layout.
        """
        refuse_unfinished(path)
        if lookups is not None and lookups.resolve().is_relative_to(path.resolve()):
            message = f"`{lookups}` lies in the population's own folder, which is never changed"
            raise PopulationError(message, "choose a folder outside of it")
        meta = Manifest.read(path)
        size = sum(entry.size for entry in meta.files.values())
        meta.check(path, hashes=size < HASHED_BELOW)
        return cls(path, meta, lookups)

    @property
    def shape(self) -> Shape:
        """How the tables answer the engine's questions."""
        return self.meta.shape

    @property
    def digest(self) -> str:
        """SHA-256 over names and hashes of the tables: equal populations have equal digests."""
        return self.meta.digest

    @property
    def children_count(self) -> int:
        """How many children; their row numbers are 0 to this, exclusive."""
        return self.meta.children

    @property
    def users_count(self) -> int:
        """How many users; their row numbers are 0 to this, exclusive."""
        return self.meta.users

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(self.meta.tables())

    @cached_property
    def index(self) -> Index:
        """Look-ups by child, user and token; each built when first asked for."""
        return Index(self, self.lookups)

    def table(self, name: str) -> pa.Table:
        """A table, read once; PopulationError lists the known ones."""
        with self._lock:
            if name not in self._tables:
                if name not in self.tables:
                    message = f"`{self.path}` has no table `{name}`"
                    raise PopulationError(message, f"known: {', '.join(self.tables)}")
                parts = [pq.read_table(self.path / file) for file in self.meta.tables()[name]]
                self._tables[name] = pa.concat_tables(parts)
            return self._tables[name]

    def query(self, sql: str, **params: Any) -> pa.Table:  # noqa: ANN401 - whatever DuckDB can bind
        """Run SQL over the tables; `$as_of` stands for the population's date, `$name` for a parameter.

        Without ORDER BY, rows come in the order of the tables they are read from.
        """
        statements = duckdb.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            message = "a population answers one SELECT at a time"
            raise PopulationError(message, "generate it again: overreach generate RECIPE --out DIR")
        asked = set(re.findall(r"\$(\w+)", sql))
        # DuckDB refuses a parameter that a statement does not name.
        values = {name: value for name, value in ({"as_of": self.meta.as_of} | params).items() if name in asked}
        with self._lock, _interrupts():
            result: pa.Table = self._database.sql(sql, params=values or None).to_arrow_table()
        return result

    def facet_values(self, child: int, facet: Facet) -> frozenset[str]:
        """Every text that is this child's value of the facet; empty where it has none."""
        return self.index.facet_values(child, facet)

    def token_children(self, kind: TokenKind, row: int) -> tuple[int, ...]:
        """The children whom a token with that row number belongs to, ascending; empty where there are none."""
        return self.index.token_children(kind, row)

    def child_by_number(self, number: str) -> int | None:
        """Row number of the child with that record number, whatever its case; None for nobody's."""
        return self.index.child_by_number(number)

    def user_fields(self, user: int) -> dict[str, Any]:
        """What requests and reports need of a user."""
        return self.index.user_fields(user)

    def child_fields(self, child: int, names: Collection[str] | None = None) -> dict[str, str | None]:
        """What requests need of a child, or `names` of it; None where it has no such value."""
        return self.index.child_fields(child, names)

    def close(self) -> None:
        """Let go of the database and its threads, which a forked process would not have; a query opens another."""
        with self._lock:
            vars(self).pop("_database", None)

    @cached_property
    def _database(self) -> duckdb.DuckDBPyConnection:
        database = duckdb.connect(":memory:")
        # SQL comes from a manifest: it may read the tables and nothing else of this machine.
        folder = str(self.path.resolve())
        database.execute("SET allowed_directories = [$folder]".replace("$folder", _quoted(folder)))
        database.execute("SET enable_external_access = false; SET lock_configuration = true")
        for name, files in self.meta.tables().items():
            listed = ", ".join(_quoted(f"{folder}/{file}") for file in files)
            database.execute(f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet([{listed}])')  # noqa: S608 - names of the manifest's own files
        return database


@contextmanager
def _interrupts() -> Iterator[None]:
    """DuckDB stops for an interrupt, but tells it as a mere RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from error


def _quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
