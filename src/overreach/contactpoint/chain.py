"""The chain of the log: what was changed, removed, put in or moved afterwards shows (R9).

The digest of row n is SHA-256 over the digest of row n-1 and row n as a JSON array; that of row 0 derives from the
population. Whoever may rewrite the whole table can forge the whole chain: therefore the newest digest is noted about
once a second in `DATABASE.heads`, a file that is only ever added to, one line `SEQUENCE DIGEST` each. A copy
of that file kept on another system proves what the log was; rows after its last line are proven by nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.storage import Storage, facts_of

HEAD_SECONDS = 1.0  # between two lines of the heads file

_ROWS = """SELECT sequence, time, user, operation, query, results, status, request_id, on_behalf_of, hash
FROM log ORDER BY sequence"""
_problems = logging.getLogger("overreach.contactpoint")


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row at which a log is not what was written."""

    sequence: int
    why: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What looking at a whole log gave."""

    rows: int
    """Rows up to the first broken one."""
    heads: int
    """Lines of the heads file, 0 without one: then nobody knows of rows cut off at the end."""
    broken: Broken | None


def genesis(digest: str) -> bytes:
    """The digest before the first row: 32 bytes that follow from the population's."""
    return hashlib.sha256(f"overreach log\n{digest}".encode()).digest()


def link(before: bytes, row: Sequence[object]) -> bytes:
    """The digest of a row, its values as the table has them; `before` is that of the row before: 32 bytes each."""
    return hashlib.sha256(before + orjson.dumps(row)).digest()


def heads_of(database: Path) -> Path:
    """The heads file of a database."""
    return database.with_name(f"{database.name}.heads")


class Heads:
    """Notes now and then how far the log has come; never what is not committed."""

    def __init__(self, storage: Storage, file: Path) -> None:
        self._storage = storage
        self._file = file
        self._newest: tuple[int, bytes] = (0, b"")
        self._waiting = False

    def follow(self, sequence: int, digest: bytes) -> None:
        """A row was written; it is noted within about a second, unless it is undone."""
        self._newest = sequence, digest
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(HEAD_SECONDS, self._propose)

    def note(self) -> None:
        """Note the newest row at once; for whoever writes no more, once it is committed."""
        if self._newest[0]:
            self._note(*self._newest)

    def _propose(self) -> None:
        self._waiting = False
        # By the next turn the row's own transaction is over, one way or the other.
        asyncio.get_running_loop().call_soon(self._note, *self._newest)

    def _note(self, sequence: int, digest: bytes) -> None:
        try:
            row = self._storage.run("SELECT hash FROM log WHERE sequence = ?", (sequence,)).fetchone()
            if row == (digest,):
                self._append(f"{sequence} {digest.hex()}\n")
        except (OSError, sqlite3.Error) as error:
            # What was answered is in the log all the same: only the proof against its owner is late.
            _problems.error("the head of the log cannot be noted in `%s`: %s", self._file, error)

    def _append(self, line: str) -> None:
        file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(file).st_size
            if os.write(file, line.encode()) < len(line):
                # The disk is full: half a line would spoil the next one, and with it the whole file.
                os.ftruncate(file, size)
        finally:
            os.close(file)


def verify(database: Path) -> Checked:
    """Look at every row of a database's log; RegistryError where there is no log to look at."""
    facts = facts_of(database)
    if facts is None:
        message = f"there is no database at `{database}`"
        raise RegistryError(message, "give the file that `overreach serve --database` made")
    noted = _noted(heads_of(database))
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        count, broken = _walk(connection.execute(_ROWS), genesis(facts["digest"]), dict(noted))
    except sqlite3.Error as error:
        message = f"the log of `{database}` cannot be read: {error}"
        raise RegistryError(message, "give a database of this version of the registry") from error
    finally:
        connection.close()
    if broken is None and noted and max(noted)[0] > count:
        broken = Broken(count + 1, f"rows up to {max(noted)[0]} were noted and are missing")
    return Checked(count, len(noted), broken)


def _walk(rows: sqlite3.Cursor, before: bytes, noted: dict[int, str]) -> tuple[int, Broken | None]:
    count = 0
    for *row, digest in rows:
        sequence = count + 1
        if row[0] != sequence:
            return count, Broken(sequence, "it is missing")
        if link(before, row) != digest:
            return count, Broken(sequence, "it does not continue the row before: one of them was changed or moved")
        if noted.get(sequence, digest.hex()) != digest.hex():
            return count, Broken(sequence, "another row was noted here: the log was written anew")
        before, count = digest, sequence
    return count, None


def _noted(file: Path) -> list[tuple[int, str]]:
    """Sequence and digest of every whole line."""
    try:
        lines = file.read_text(encoding="ascii", errors="replace").split("\n")[:-1]
        return [(int(sequence), digest) for sequence, digest in (line.split(" ") for line in lines)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        message = f"heads file `{file}` cannot be read"
        raise RegistryError(message, "put a whole copy of it there, or take it away") from error
