"""How long a worker may go on without hearing of its master: kept where both of its processes see it.

Whoever was paused finds its lease over before it asks anything, whatever waits for it in its sockets: by then its users
may work elsewhere.
"""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

SECONDS = 5.0
"""From the moment at which a question was sent that the master has answered."""
LOST_AFTER = 7.0
"""Seconds of silence after which the master gives a worker up: longer than any lease lasts."""
GONE_AFTER = 5.2
"""The same of a worker that has hung up: its lease is over by then, whatever became of its other process."""
_UNTIL = struct.Struct("d")


class Lease:
    """A moment of the machine's monotonic clock, in a file of eight bytes; made where there is none."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(_UNTIL.pack(0.0))
        with file.open("r+b") as open_file:
            self._map = mmap.mmap(open_file.fileno(), _UNTIL.size)

    def extend(self, asked: float) -> None:
        """Let it last from the moment `asked`, of `time.monotonic`."""
        _UNTIL.pack_into(self._map, 0, asked + SECONDS)

    def holds(self) -> bool:
        """Whether the worker may still ask the target."""
        until: float = _UNTIL.unpack_from(self._map)[0]
        return time.monotonic() < until
