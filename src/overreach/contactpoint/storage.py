"""One connection to the database, and one commit for all requests of a loop turn.

A request reads and writes without awaiting anything in between, then awaits `settled`. The first statement
of a loop turn opens a transaction and asks for a commit at the turn's end: what was answered was committed
before, together with its row in the log. If the commit fails, nothing of the turn remains and every request
learns so.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path

from overreach.contactpoint.errors import RegistryError

BUSY_SECONDS = 2.0  # how long an outside writer (a restore) may hold the database
CACHE_KIB = (
    256 * 1024
)  # of pages, at most: the inner pages of a nation's tables are 90 MB and asked for by every look-up
# What SQLite says of a file that is no database, is a torn one, or has other tables.
_FOREIGN = frozenset({"SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR"})
CHECKPOINT_PAGES = 16 * 1024  # of the write-ahead log: a page that many requests change is then written back once
Values = Sequence[object] | Mapping[str, object]


class Durability(StrEnum):
    """What survives a loss of power: `normal` may lose the last answers, `full` none; no file is torn."""

    NORMAL = "normal"
    FULL = "full"


class Storage:
    """The registry's database."""

    def __init__(
        self, database: Path, durability: Durability = Durability.NORMAL, patience: float = BUSY_SECONDS
    ) -> None:
        # One event loop uses the connection; `cached_statements` holds every text that the registry knows.
        self._connection = sqlite3.connect(
            database, patience, isolation_level=None, cached_statements=512, check_same_thread=False
        )
        level = "FULL" if durability is Durability.FULL else "NORMAL"
        self._connection.executescript(
            f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {level}; PRAGMA cache_size = -{CACHE_KIB};"
            f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}"
        )
        # What was withdrawn may not stay legible in free space (R3).
        self._connection.execute("PRAGMA secure_delete = ON")
        self._waiting: list[asyncio.Future[None]] = []

    def run(self, statement: str, values: Values = ()) -> sqlite3.Cursor:
        """Run one statement in this turn's transaction; sqlite3.Error leaves."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_soon(self._commit)
        return self._connection.execute(statement, values)

    def run_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each row in this turn's transaction."""
        if rows:
            self.run(statement, rows[0])
            self._connection.executemany(statement, rows[1:])

    async def settled(self) -> None:
        """Return once this turn's transaction is committed; sqlite3.Error where it was rolled back."""
        if not self._connection.in_transaction:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    def roll_back(self, reason: sqlite3.Error) -> None:
        """Undo this turn's transaction; everybody who waits for it gets the reason."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        for waiter in self._take_waiting():
            waiter.set_exception(reason)

    def close(self) -> None:
        """Commit nothing more and let the file go."""
        self._connection.close()

    def _commit(self) -> None:
        if not self._connection.in_transaction:
            return
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.roll_back(error)
            return
        for waiter in self._take_waiting():
            waiter.set_result(None)

    def _take_waiting(self) -> list[asyncio.Future[None]]:
        waiting, self._waiting = self._waiting, []
        return [waiter for waiter in waiting if not waiter.done()]


def facts_of(database: Path) -> dict[str, str] | None:
    """What a database says of itself; None for a missing or empty file, RegistryError for a foreign one."""
    if not database.exists():
        return None
    if not database.is_file():
        # Loading would put a file in the place of whatever it is, a device too.
        message = f"`{database}` is not a file"
        raise RegistryError(message, "give a file that is there, or one to be made")
    if database.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            return dict(connection.execute("SELECT key, value FROM meta"))
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in _FOREIGN:
            message = f"`{database}` is not a database of the registry"
            raise RegistryError(message, "give another file, or remove this one") from error
        message = f"database `{database}` cannot be read: {error}"
        raise RegistryError(message, "copy it, and any -wal beside it, to a folder that you may write to") from error


def largest_row(database: Path) -> int:
    """The largest row number of a child in a database: about how many there are; sqlite3.Error leaves."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT max(child) FROM children").fetchone()[0] or 0)
