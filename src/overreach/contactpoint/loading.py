"""From a population folder to a database of the registry."""

from __future__ import annotations

import fcntl
import gc
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import accumulate
from pathlib import Path

from overreach.contactpoint import schema
from overreach.contactpoint.contents import CONTENTS
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.folder import Folder

_LISTENS_AFTER = 1_000_000  # steps of SQLite between two moments in which a signal is heard
# Until the last step the file is nobody's database: speed counts, a crash loses nothing.
_SETTINGS = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE"
_FILLING = "PRAGMA cache_size = -65536"  # KiB
# As much as this is sorted at once: what fits into the processor's own memory takes half the time of what does not.
_INDEXING = "PRAGMA cache_size = -2048"
_ROW = "INSERT INTO {} ({}) VALUES ({})"
_MISSING = -0.5  # stands for NULL on the way: columns hold whole numbers and text, which never equal it
_INDEXED = re.compile(r" ON (\w+)")
Progress = Callable[[int, int], None]


def load(folder: Folder, database: Path, secret_mark: str, progress: Progress) -> None:
    """Write a new database, whole or not at all; `secret_mark` ties it to the run's secret.

    `progress` is told how much is done, of how much: about the number of rows. Memory does not grow with the
    population; sorting the indexes takes room in SQLite's folder of temporary files (`SQLITE_TMPDIR`).
    """
    partial = database.with_name(f"{database.name}.loading")
    partial.unlink(missing_ok=True)
    try:
        partial.touch(mode=0o600)  # its owner's only, as are SQLite's files beside it
        with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
            _write(folder, connection, secret_mark, progress)
        # It may be copied for weeks, long after a loss of power.
        _on_disk(partial)
        partial.replace(database)
        _on_disk(database.parent)
    except OSError as error:
        message = f"population `{folder.path}` cannot be loaded into `{database}`: {error}"
        raise RegistryError(message, _remedy(error)) from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            # The signal came while SQLite was at work, which tells it in this way.
            raise KeyboardInterrupt from None
        message = f"population `{folder.path}` cannot be loaded into `{database}`: {error}"
        raise RegistryError(message, _remedy(error)) from error
    finally:
        partial.unlink(missing_ok=True)


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """While nobody else loads this database: they wait."""
    with database.with_name(f"{database.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copy(pristine: Path, database: Path) -> None:
    """Write a new database, whole or not at all, as a copy of one that nobody has worked with: as if loaded now."""
    partial = database.with_name(f"{database.name}.loading")
    try:
        with closing(sqlite3.connect(pristine, isolation_level=None)) as connection:
            if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                message = f"database `{pristine}` has been worked with"
                raise RegistryError(message, "give one that was only ever copied, or a file that is not there yet")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        shutil.copyfile(pristine, partial)
        with pristine.open("rb") as source:
            # Memory is for the copy, which is going to be read.
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
            # Registry time begins with the loading.
            connection.execute("UPDATE meta SET value = ? WHERE key = 'loaded'", (repr(time.time()),))
        partial.replace(database)
    except (OSError, sqlite3.Error) as error:
        message = f"database `{pristine}` cannot be copied to `{database}`: {error}"
        raise RegistryError(message, _remedy(error)) from error
    finally:
        partial.unlink(missing_ok=True)


def _write(folder: Folder, connection: sqlite3.Connection, secret_mark: str, progress: Progress) -> None:
    connection.executescript(f"{_SETTINGS}; {_FILLING}")
    connection.executescript(schema.REFERENCE + schema.STATE)
    # An index of a large table takes a minute: Python hears of a signal only when it is called.
    connection.set_progress_handler(lambda: 0, _LISTENS_AFTER)
    rows = sum(folder.counts.get(table, 0) for table in CONTENTS)
    total = 2 * rows  # the indexes take about as long as the rows
    connection.execute("BEGIN")
    with _no_collection():
        for done in _fill(folder, connection):
            # A table may be made of another one: the population does not count its rows.
            progress(min(done, rows), total)
    facts = {
        "digest": folder.digest,
        "as_of": folder.as_of.isoformat(),
        "loaded": repr(time.time()),
        "secret": secret_mark,
        "layout": schema.LAYOUT,
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
    connection.execute("COMMIT")
    steps = list(_statements(schema.INDEXES))
    connection.execute(_INDEXING)
    weights = [_weight(statement, folder) for statement in steps]
    for statement, sofar in zip(steps, accumulate(weights), strict=True):
        connection.execute(statement)
        progress(rows + (total - rows) * sofar // sum(weights), total)


def _fill(folder: Folder, connection: sqlite3.Connection) -> Iterator[int]:
    """Fill every table; after each batch, the rows so far."""
    done = 0
    for table, content in CONTENTS.items():
        insert = _insert(table, connection.execute(f"PRAGMA table_info({table})").fetchall())
        for columns in content(folder):
            connection.executemany(insert, zip(*map(_bound, columns), strict=True))
            done += len(columns[0])
            yield done


def _insert(table: str, columns: Sequence[tuple[int, str, str, int, str | None, int]]) -> str:
    """The statement that inserts a row, but for the columns that have a default; NULL is handed over as `_MISSING`."""
    filled = [(name, never) for _, name, _, never, default, _ in columns if default is None]
    names = ", ".join(name for name, _ in filled)
    values = ", ".join("?" if never else f"nullif(?, {_MISSING})" for _, never in filled)
    return _ROW.format(table, names, values)


def _bound(column: Sequence[object]) -> Sequence[object]:
    """The column as it is handed over: for None Python looks up an adapter, which takes longer than all the rest."""
    return [_MISSING if value is None else value for value in column] if None in column else column


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for cycles: rows make none, and there are very many of them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _weight(statement: str, folder: Folder) -> int:
    """How long a statement about indexes takes, beside the others."""
    indexed = _INDEXED.search(statement)
    return 1 + (folder.counts.get(indexed[1], 0) if indexed else max(folder.counts.values()))


def _statements(script: str) -> Iterable[str]:
    """The statements of a script, one by one."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if part.strip() and sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _remedy(error: sqlite3.Error | OSError) -> str:
    # A file that may not grow is an error of writing to SQLite, not a full disk.
    name = getattr(error, "sqlite_errorname", "")
    if isinstance(error, OSError) or name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return "make room on that disk, or give another database"
    return "generate the population again, or give another database"
