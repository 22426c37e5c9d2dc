"""Tables worked out from a population: made once, then kept in memory, or in a folder that processes share.

A file in the folder gets its name when all of it is on the disk, and says whose it is: what is half written, or made
from another population, is made again and never read. Whoever makes one holds a lock on the folder meanwhile, so that
a second process waits and then finds it. A kept file is mapped into memory and never changed.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import pyarrow as pa

from overreach.model.errors import PopulationError
from overreach.population.placing import SUFFIX, flush

LAYOUT: Final = 1
"""Of the tables; those of another layout are made again."""

_READ_AHEAD: Final = 1 << 22  # bytes at once

Batches = Sequence[pa.RecordBatch]
Maker = Callable[[], Iterator[pa.RecordBatch]]
"""Makes a table, batch after batch; at least one."""


class Shelf:
    """The tables kept of one population; safe to use from several threads and processes."""

    def __init__(self, folder: Path | None, digest: str) -> None:
        self.folder = None if folder is None else folder / digest[:32]
        """Where they are kept; None for memory."""
        self._digest = digest
        self._tables: dict[str, Batches] = {}
        self._lock = threading.RLock()

    def table(self, name: str, make: Maker) -> Batches:
        """The table of that name, made where it is not kept yet; PopulationError where the folder cannot be used."""
        with self._lock:
            if name not in self._tables:
                stamp = {"layout": str(LAYOUT), "population": self._digest, "table": name}
                self._tables[name] = self._in_memory(stamp, make) if self.folder is None else self._kept(stamp, make)
                # What the making took is given back now, not while somebody measures something else.
                pa.default_memory_pool().release_unused()
            return self._tables[name]

    def read_ahead(self) -> None:
        """Have the kept tables read from the disk now, in order: later a look-up at a time would wait for it."""
        for file in sorted(self.folder.glob("*.arrow")) if self.folder else ():
            with file.open("rb", buffering=0) as stored:
                buffer = bytearray(_READ_AHEAD)
                while stored.readinto(buffer):
                    pass

    def _in_memory(self, stamp: Mapping[str, str], make: Maker) -> Batches:
        memory = pa.BufferOutputStream()
        _write(memory, stamp, make())
        return _batches(pa.ipc.open_file(memory.getvalue()))

    def _kept(self, stamp: Mapping[str, str], make: Maker) -> Batches:
        assert self.folder is not None  # noqa: S101 - the caller looked: for the type checker
        file = self.folder / f"{stamp['table']}.arrow"
        try:
            return _opened(file, stamp) or self._made(file, stamp, make)
        except OSError as error:
            message = f"`{self.folder}` cannot keep look-ups: {(error.strerror or str(error)).lower()}"
            raise PopulationError(message, "make room on that disk, or choose another folder") from error

    def _made(self, file: Path, stamp: Mapping[str, str], make: Maker) -> Batches:
        file.parent.mkdir(parents=True, exist_ok=True)
        with _alone(file.parent):
            found = _opened(file, stamp)  # another process may have been faster
            if found:
                return found
            ready = file.parent / f"{uuid.uuid4().hex}{SUFFIX}"
            try:
                with pa.OSFile(str(ready), "wb") as sink:
                    _write(sink, stamp, make())
                flush(ready)
                ready.rename(file)
            finally:
                ready.unlink(missing_ok=True)
            flush(file.parent)
            return _batches(pa.ipc.open_file(pa.memory_map(str(file))))


def as_lists(arrays: Mapping[str, pa.Array[Any]]) -> pa.RecordBatch:
    """A batch of one row that holds each array as a list, without copying it."""
    lists = [pa.ListArray.from_arrays(pa.array([0, len(array)], pa.int32()), array) for array in arrays.values()]
    return pa.RecordBatch.from_arrays(lists, names=list(arrays))


def lists_of(batch: pa.RecordBatch) -> list[pa.Array[Any]]:
    """The arrays that `as_lists` was given, where they stand."""
    return [cast("pa.ListArray[Any]", column).values for column in batch.columns]


def _write(sink: pa.NativeFile, stamp: Mapping[str, str], batches: Iterator[pa.RecordBatch]) -> None:
    first = next(batches)
    with pa.ipc.new_file(sink, first.schema.with_metadata(dict(stamp))) as writer:
        for batch in itertools.chain([first], batches):
            writer.write_batch(batch)


def _opened(file: Path, stamp: Mapping[str, str]) -> Batches | None:
    """The batches of a file; None where there is none that can be trusted."""
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(file)))
        said = {key.decode(): value.decode() for key, value in (reader.schema.metadata or {}).items()}
        return _batches(reader) if said == stamp else None
    except (OSError, ValueError):
        return None


def _batches(reader: pa.ipc.RecordBatchFileReader) -> Batches:
    return [reader.get_batch(number) for number in range(reader.num_record_batches)]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from making tables in a folder, and take away what one that died there has left."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left in folder.glob(f"*{SUFFIX}"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)
