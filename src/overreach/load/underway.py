"""What was under way beside an answer, by the journals of all processes: for what is judged only after the load."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overreach.load import record
from overreach.load.journal import batches, names_of
from overreach.load.sightings import Neighbour

_COLUMNS = ("time", "seconds", "user", "number", "child", "operation")


class UnderWay:
    """Every request of a load, by when it was sent; the journals are read when it is first asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def beside(self, request_id: str, began: float, ended: float) -> Iterator[Neighbour]:
        """The others that were sent before one of these times and answered after the other, in order of sending.

        Seconds since the epoch; `request_id` is that of the answer itself.
        """
        names, columns, longest = self._requests
        sent, took = columns[:2]
        # Nothing that was sent earlier than the slowest answer took can have been under way still.
        first = int(np.searchsorted(sent, began - longest))
        last = int(np.searchsorted(sent, ended, side="right"))
        for place in first + np.flatnonzero(sent[first:last] + took[first:last] >= began):
            time, _, user, number, child, operation = (column[place].item() for column in columns)
            neighbour = Neighbour(f"load-{user}-{number}", names[operation], user, None if child < 0 else child, time)
            if neighbour.request_id != request_id:
                yield neighbour

    @cached_property
    def _requests(self) -> tuple[list[str], list[NDArray[Any]], float]:
        """Names of operations, the columns in order of sending, and the longest that any took."""
        names: list[str] = []
        found: list[list[NDArray[Any]]] = [[] for _ in _COLUMNS]
        for file in record.files(self._folder, record.ANSWERS):
            for batch in batches(file):
                names = names_of(batch)[0]
                for column, name in zip(found, _COLUMNS, strict=True):
                    column.append(batch.column(name).to_numpy())
        columns = [np.concatenate(column) if column else np.zeros(0) for column in found]
        order = np.argsort(columns[0], kind="stable")
        return names, [column[order] for column in columns], float(columns[1].max(initial=0.0))
