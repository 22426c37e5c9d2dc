"""The record of a worker on its way to the master, while it grows.

A courier sends what was added to each file since it last looked, and says up to which moment everything has been sent;
a shelf adds it to files of the same names. A worker that is killed loses what was written after that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from overreach.load import record
from overreach.model.errors import OverreachError

CHUNK = 1 << 20
"""Bytes sent at once."""
GROWING = (
    record.CHANGES, record.HELD, record.OBSERVATIONS, record.NEIGHBOURS, record.ANSWERS, record.PEOPLE,
)  # fmt: skip
REPLACED = (record.LIVE, record.SUMMARY)

Ask = Callable[[dict[str, Any], bytes], object]
"""Sends a message with the bytes that go with it, and waits until it has arrived."""


class Courier:
    """Sends the files of one part from a folder."""

    def __init__(self, folder: Path, part: int, ask: Ask) -> None:
        self._folder = folder
        self._part = part
        self._ask = ask
        self._sent: dict[str, int] = {}
        self._said = b""

    def carry(self) -> None:
        """Send what was added, then what the part says of itself."""
        live = self._read(record.LIVE)
        for name in GROWING:
            self._grown(name.format(self._part))
        if live and live != self._said:
            self._whole(record.LIVE, live)
            self._ask({"do": "mark", "time": orjson.loads(live)["flushed"]}, b"")
            self._said = live

    def finish(self) -> bool:
        """Send all that is left; whether the part came to its end."""
        self.carry()
        summary = self._read(record.SUMMARY)
        if summary:
            self._whole(record.SUMMARY, summary)
        return bool(summary)

    def _read(self, name: str) -> bytes:
        file = self._folder / name.format(self._part)
        return file.read_bytes() if file.exists() else b""

    def _whole(self, name: str, text: bytes) -> None:
        self._ask({"do": "whole", "name": name.format(self._part)}, text)

    def _grown(self, name: str) -> None:
        file = self._folder / name
        if not file.exists():
            return
        with file.open("rb") as open_file:
            open_file.seek(self._sent.setdefault(name, 0))
            while some := open_file.read(CHUNK):
                self._ask({"do": "grown", "name": name, "offset": self._sent[name]}, some)
                self._sent[name] += len(some)


class Shelf:
    """Keeps the files of one part in a folder, as they come."""

    def __init__(self, folder: Path, part: int) -> None:
        self._folder = folder
        self._growing = frozenset(name.format(part) for name in GROWING)
        self._replaced = frozenset(name.format(part) for name in REPLACED)

    def grow(self, name: str, offset: int, some: bytes) -> None:
        """Add to a file; OverreachError where the part has no such file, or something is missing before it."""
        file = self._file(name, self._growing)
        size = file.stat().st_size if file.exists() else 0
        if offset != size:
            message = f"`{name}` goes on at byte `{offset}`, and {size} have come"
            raise OverreachError(message, "this is a defect of Overreach: that worker's record cannot be used")
        with file.open("ab") as open_file:
            open_file.write(some)

    def put(self, name: str, text: bytes) -> None:
        """Write a file in one step."""
        file = self._file(name, self._replaced)
        part = file.with_suffix(".part")
        part.write_bytes(text)
        part.replace(file)

    def _file(self, name: str, known: frozenset[str]) -> Path:
        if name not in known:
            message = f"a worker sends a file `{name[:64]}` that is not its own"
            raise OverreachError(message, "this is a defect of Overreach, or no worker of yours")
        return self._folder / name
