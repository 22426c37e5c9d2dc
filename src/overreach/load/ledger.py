"""What the users of a load sent, in columns: all that the target's log is compared with (R9).

A load makes hundreds of thousands of requests: none of them is an object of its own here. `load-USER-NUMBER` has the
key `USER << 32 | NUMBER`, and everything is in the order of keys.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overreach.load import record
from overreach.load.journal import EARLIER, NONE, VERDICTS, batches, names_of
from overreach.load.line import AGAIN
from overreach.model.terms import Verdict
from overreach.pack.config import Operation
from overreach.probe.logbook import owes_alert

Bools = NDArray[np.bool_]

_NUMBERED = re.compile(rf"load-(0|[1-9][0-9]{{0,9}})-([1-9][0-9]{{0,9}})({AGAIN})?")
_MOST = 1 << 32
_SIGNED_OUT, _BROKEN = 401, 500
_COLUMNS: Final[dict[str, Any]] = {
    "user": np.uint32, "number": np.uint32, "child": np.int32, "operation": np.uint8, "reason": np.uint8,
    "status": np.uint16, "verdict": np.uint8, "permitted": np.bool_,
}  # fmt: skip


def key_of(request_id: str) -> tuple[int, bool] | None:
    """The key in an id of the load's form, and whether the request was sent a second time; None for any other id."""
    form = _NUMBERED.fullmatch(request_id)
    if form is None or int(form[1]) >= _MOST or int(form[2]) >= _MOST:
        return None
    return int(form[1]) << 32 | int(form[2]), form[3] is not None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The answers of all processes, one element a request, by key; found children in a list of their own."""

    keys: NDArray[np.uint64]
    child: NDArray[np.int32]
    """Row number of the child asked about; -1 for none."""
    operation: NDArray[np.uint8]
    """Place in `operations`."""
    reason: NDArray[np.uint8]
    """Place in `reasons`, as in the journal."""
    status: NDArray[np.uint16]
    verdict: NDArray[np.uint8]
    """Place in `load.journal.VERDICTS`; 255 where the observation stands elsewhere in full."""
    permitted: Bools
    starts: NDArray[np.int64]
    counts: NDArray[np.int32]
    """Where the children whom an answer disclosed begin in `found`, and how many there are."""
    found: NDArray[np.uint32]
    asked: NDArray[np.uint32]
    """User -> the last number that the user sent, answered or not."""
    lost: Bools
    """User -> whether a process that worked for the user left no word of its end: it may have sent more."""
    operations: tuple[str, ...]
    reasons: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path, lost: Bools) -> Ledger:
        """The ledger of a load's folder (`load.record`); `lost` has an element for each user of the population."""
        names: dict[str, list[str]] = {"operation": [], "reason": [], "verdict": list(VERDICTS)}
        columns, counts, found = _gathered(folder, names)
        keys = columns["user"].astype(np.uint64) << np.uint64(32) | columns["number"]
        order = np.argsort(keys, kind="stable")
        starts = np.cumsum(counts, dtype=np.int64) - counts
        asked = _asked(folder, len(lost))
        np.maximum.at(asked, columns["user"], columns["number"])
        rest = {name: columns[name][order] for name in columns if name not in {"user", "number"}}
        return cls(
            **rest, keys=keys[order], starts=starts[order], counts=counts[order], found=found, asked=asked, lost=lost,
            operations=tuple(names["operation"]), reasons=tuple(names["reason"]),
        )  # fmt: skip

    def __len__(self) -> int:
        """Answers."""
        return len(self.keys)

    def user(self, place: int) -> int:
        """Row number of the user who sent a request."""
        return int(self.keys[place]) >> 32

    @property
    def users(self) -> NDArray[np.int64]:
        """Row number of the user of each request."""
        return (self.keys >> np.uint64(32)).astype(np.int64)

    def number(self, place: int) -> int:
        """The number of a request among its user's."""
        return int(self.keys[place]) & (_MOST - 1)

    def claim(self, place: int) -> tuple[str | None, bool]:
        """The reason that stood behind a request, and whether the request stated it itself."""
        reason = int(self.reason[place])
        return (None, True) if reason == NONE else (self.reasons[reason % EARLIER], reason < EARLIER)

    def children(self, place: int) -> list[int]:
        """Row numbers of the children whose existence an answer disclosed."""
        start = int(self.starts[place])
        children: list[int] = self.found[start : start + int(self.counts[place])].tolist()
        return children

    def owed_at(self, places: NDArray[np.int64]) -> Bools:
        """Whether the log must have a row: not where nothing was answered, nor where nobody was known to have asked.

        A target that cannot write its log answers nothing but that (5xx); one that does not know the session (401)
        has nobody to name.
        """
        status = self.status[places]
        silent = (self.counts[places] == 0) & ((status == _SIGNED_OUT) | (status >= _BROKEN))
        owed: Bools = ~(silent | (status == 0))
        return owed

    @property
    def owed(self) -> Bools:
        """The same for every answer; of two with one key the first stands for both."""
        owed: Bools = self.owed_at(np.arange(len(self.keys))) & ~self.twice
        return owed

    @property
    def twice(self) -> Bools:
        """Whether the request before has the same key: two processes worked for one user."""
        same = np.zeros(len(self.keys), dtype=np.bool_)
        same[1:] = self.keys[1:] == self.keys[:-1]
        return same

    def owe_alert(self, operations: Mapping[str, Operation]) -> Bools:
        """Whether an alert must name a request: it was acknowledged, and its operation owes one."""
        owed = np.zeros(len(self.keys), dtype=np.bool_)
        for status in np.unique(self.status).tolist():
            owing = [at for at, name in enumerate(self.operations) if owes_alert(operations[name], status)]
            owed |= (self.status == status) & np.isin(self.operation, owing)
        return owed & ~self.twice

    def verdicts(self) -> Counter[Verdict]:
        """Verdict -> answers, of those whose observation stands nowhere else."""
        counted = np.bincount(self.verdict, minlength=NONE + 1)
        return Counter({verdict: int(counted[number]) for number, verdict in enumerate(VERDICTS) if counted[number]})

    def permitted_by(self, roles: pa.ChunkedArray[Any]) -> Counter[str]:
        """Role -> answers that gave its members something permitted; `roles` has an element for each user."""
        coded = roles.combine_chunks().dictionary_encode()
        chosen = self.users[self.permitted & (self.verdict != NONE)]
        counted = np.bincount(coded.indices.to_numpy()[chosen], minlength=len(coded.dictionary))
        return Counter({str(role): int(count) for role, count in zip(coded.dictionary, counted, strict=True) if count})


def _gathered(
    folder: Path, known: Mapping[str, list[str]]
) -> tuple[dict[str, NDArray[Any]], NDArray[np.int32], NDArray[np.uint32]]:
    """The columns of all files in the order of the files, how many children each row found, and these.

    `known` has the names of what is numbered; those that a file adds are added to it.
    """
    columns: dict[str, list[NDArray[Any]]] = {name: [np.empty(0, kind)] for name, kind in _COLUMNS.items()}
    counts, found = [np.empty(0, np.int32)], [np.empty(0, np.uint32)]
    for file in record.files(folder, record.ANSWERS):
        for batch in batches(file):
            tables = {name: _places(told, known[name]) for name, told in zip(known, names_of(batch), strict=True)}
            for name, gathered in columns.items():
                column = batch.column(name).to_numpy(zero_copy_only=False)
                gathered.append(tables[name][column] if name in tables else column)
            lists: Any = batch.column("found")
            counts.append(np.diff(lists.offsets.to_numpy()))
            found.append(lists.flatten().to_numpy())
    return {name: np.concatenate(each) for name, each in columns.items()}, np.concatenate(counts), np.concatenate(found)


def _places(names: Sequence[str], known: list[str]) -> NDArray[np.uint8]:
    """Number in a file -> number here; the mark of a reason stated before stays where it is."""
    table = np.full(NONE + 1, NONE, dtype=np.uint8)
    known += [name for name in names if name not in known]
    for number, name in enumerate(names):
        place = known.index(name)
        table[number], table[number | EARLIER] = place, place | EARLIER
    table[NONE] = NONE
    return table


def _asked(folder: Path, users: int) -> NDArray[np.uint32]:
    asked = np.zeros(users, dtype=np.uint32)
    for file in record.files(folder, record.PEOPLE):
        for batch in batches(file):
            np.maximum.at(asked, batch.column("user").to_numpy(), batch.column("asked").to_numpy())
    return asked
