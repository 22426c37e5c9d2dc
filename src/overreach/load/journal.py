"""Every answer and everybody who asked, in columns: Arrow stream files, a batch every few thousand rows.

`answers-PART.arrow`, one row an answer, in the order in which they came:

    time        float64  seconds since the epoch at which the request was sent
    seconds     float32  until the last byte of the answer
    user        uint32   row number in the population
    number      uint32   the request was `load-USER-NUMBER`, its `X-Request-ID`
    child       int32    row number of the child asked about; -1 for none
    operation   uint8    place in the schema's metadata `operations`, a JSON list of names
    reason      uint8    place in the metadata `reasons`; 255 for none; +128 where it was stated before, not carried
    status      uint16   HTTP status; 0 where no whole head of an answer came
    verdict     uint8    place in the metadata `verdicts`; 255 where the observation stands elsewhere in full
    permitted   bool     something was disclosed, and all of it was permitted
    found       list     row numbers of the children whose existence the answer disclosed, uint32

A row of status 401 that is `held` is the refusal of somebody who had signed out: the log need not know of it. Any other
401 is unproven. A process that is killed leaves the batches that it had written; a batch that was cut off is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from overreach.model.terms import Verdict

BATCH = 4096
"""Rows that a killed process loses at most."""
NONE = 255
_SIGNED_OUT = 401
EARLIER = 128
VERDICTS: Final = tuple(Verdict)
COLUMNS: Final[tuple[tuple[str, pa.DataType], ...]] = (
    ("time", pa.float64()),
    ("seconds", pa.float32()),
    ("user", pa.uint32()),
    ("number", pa.uint32()),
    ("child", pa.int32()),
    ("operation", pa.uint8()),
    ("reason", pa.uint8()),
    ("status", pa.uint16()),
    ("verdict", pa.uint8()),
    ("permitted", pa.bool_()),
    ("found", pa.list_(pa.uint32())),
)
_FIELDS: Final = [pa.field(name, kind) for name, kind in COLUMNS]
_PEOPLE: Final[tuple[tuple[str, pa.DataType], ...]] = (
    ("user", pa.uint32()),
    ("habit", pa.string()),
    ("misuses_since", pa.float64()),
    ("asked", pa.uint32()),
)
PEOPLE: Final = pa.schema([pa.field(name, kind) for name, kind in _PEOPLE])


@dataclass(frozen=True, slots=True)
class Row:
    """One answer, in the order of `COLUMNS`."""

    time: float
    seconds: float
    user: int
    number: int
    child: int | None
    operation: str
    reason: str | None
    carried: bool
    """Whether the request stated the reason itself."""
    status: int
    verdict: Verdict | None
    """None where the observation stands elsewhere in full, or is still to be judged."""
    permitted: bool
    found: Sequence[int]

    @property
    def left(self) -> bool:
        """Whether it is the refusal of somebody who had signed out: of a stranger's request the log says nothing."""
        return self.status == _SIGNED_OUT and self.verdict is Verdict.HELD


class Journal:
    """Writes the answers of one process; rows are kept until there is a batch of them."""

    def __init__(self, file: Path, operations: Sequence[str], reasons: Sequence[str]) -> None:
        self._operations = {name: number for number, name in enumerate(operations)}
        self._reasons: dict[str | None, int] = {reason: number for number, reason in enumerate(reasons)}
        self._verdicts: dict[Verdict | None, int] = {verdict: number for number, verdict in enumerate(VERDICTS)}
        self._verdicts[None] = NONE
        metadata = {"operations": list(operations), "reasons": list(reasons), "verdicts": list(VERDICTS)}
        self._schema = pa.schema(_FIELDS, {name: orjson.dumps(value) for name, value in metadata.items()})
        self._writer = pa.ipc.new_stream(str(file), self._schema)
        self._rows: list[tuple[Any, ...]] = []

    def add(self, row: Row) -> None:
        """Note one answer."""
        reason = NONE
        if row.reason is not None:
            reason = self._reasons[row.reason] + (0 if row.carried else EARLIER)
        self._rows.append((
            *(row.time, row.seconds, row.user, row.number, -1 if row.child is None else row.child),
            *(self._operations[row.operation], reason, row.status, self._verdicts[row.verdict]),
            *(row.permitted, row.found),
        ))  # fmt: skip
        if len(self._rows) >= BATCH:
            self.flush()

    def close(self) -> None:
        """Write what is left, and the end of the stream."""
        self.flush()
        self._writer.close()

    def flush(self) -> None:
        """Write the rows that wait for a whole batch."""
        if self._rows:
            columns = [pa.array(c, kind) for c, (_, kind) in zip(zip(*self._rows, strict=True), COLUMNS, strict=True)]
            self._writer.write_batch(pa.record_batch(columns, schema=self._schema))
            self._rows.clear()


def read_answers(file: Path) -> Iterator[Row]:
    """The rows of a file; nothing of a batch that was cut off."""
    for batch in batches(file):
        names, reasons, verdicts = names_of(batch)
        for time, seconds, user, number, child, operation, reason, status, verdict, permitted, found in zip(
            *(column.to_pylist() for column in batch.columns), strict=True
        ):
            yield Row(
                *(time, seconds, user, number, None if child < 0 else child, names[operation]),
                *(None if reason == NONE else reasons[reason % EARLIER], reason < EARLIER, status),
                *(None if verdict == NONE else Verdict(verdicts[verdict]), permitted, found),
            )


_LISTS = (b"operations", b"reasons", b"verdicts")


def names_of(batch: pa.RecordBatch) -> tuple[list[str], list[str], list[str]]:
    """The operations, reasons and verdicts that the numbers in a batch of answers stand for."""
    operations, reasons, verdicts = (orjson.loads(batch.schema.metadata[key]) for key in _LISTS)
    return operations, reasons, verdicts


def write_people(file: Path, rows: Sequence[tuple[int, str, float | None, int]]) -> None:
    """Note who took part: user, habit, seconds since the epoch at which it began to misuse the target, last number."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(PEOPLE)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, PEOPLE.types, strict=True)]
    with pa.ipc.new_stream(str(file), PEOPLE) as writer:
        writer.write_batch(pa.record_batch(arrays, schema=PEOPLE))


def read_people(file: Path) -> list[dict[str, Any]]:
    """The rows of `write_people`."""
    return [row for batch in batches(file) for row in batch.to_pylist()]


def batches(file: Path) -> Iterator[pa.RecordBatch]:
    """The whole batches of a file, mapped into memory; nothing of one that was cut off."""
    with pa.memory_map(str(file)) as mapped:
        try:
            reader = pa.ipc.open_stream(mapped)
            while True:
                yield reader.read_next_batch()
        except (StopIteration, pa.ArrowInvalid, OSError):
            return


def read_moments(file: Path) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.float64]]]:
    """Batch by batch: `request_key` of each answer, and when it was sent and answered (seconds since the epoch)."""
    for batch in batches(file):
        user, number, sent, took = (batch.column(name).to_numpy() for name in ("user", "number", "time", "seconds"))
        yield request_key(user, number), np.column_stack((sent, sent + took))


def request_key(user: ArrayLike, number: ArrayLike) -> NDArray[np.uint64]:
    """The request `load-USER-NUMBER` as one number."""
    return np.asarray(user, np.uint64) << np.uint64(32) | np.asarray(number, np.uint64)
