"""The door: lets members in as Locust spawns users, a few ahead of those who work."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from overreach.load.me import Me
from overreach.load.shift import Shift
from overreach.model.errors import TargetError
from overreach.model.terms import Part
from overreach.target.identity import Session

BATCH = 200
"""Members whose sessions are opened together."""
AHEAD = 2000
"""Members who may wait inside for their first step."""
_LOOK = 0.02  # seconds


class Broker(Protocol):
    """Whoever opens sessions (`target.broker`)."""

    def lease(self, user: int, part: Part) -> Session | None:
        """The session of a user; None where the target refused; TargetError where another part holds it."""
        ...


class Door:
    """Opens the sessions of members, in order, for as many as were hired."""

    def __init__(self, shift: Shift, broker: Broker, members: Sequence[int], inside: deque[Me]) -> None:
        self._shift = shift
        self._broker = broker
        self._members: Iterator[int] = iter(members)
        self._inside = inside
        self._wanted = 0

    def hire(self) -> None:
        """One more user is to come."""
        self._wanted += 1

    def start(self) -> None:
        """Begin to let members in; ends with the shift."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._shift.over.is_set():
            room = min(self._wanted, BATCH, AHEAD - len(self._inside))
            if room <= 0:
                self._shift.over.wait(_LOOK)
                continue
            batch = list(islice(self._members, room))
            if not batch:
                self._shift.fail("no member left to take part")
                return
            for session in self._open(batch):
                self._inside.append(self._shift.employ(session))
                self._wanted -= 1

    def _open(self, users: Sequence[int]) -> Iterator[Session]:
        """Those of them who can work: not those whom the target refuses, or with whom another part works."""
        for user in users:
            try:
                session = self._broker.lease(user, Part.LOAD)
            except TargetError:
                continue
            if session is None:
                self._shift.book.summary.refused += 1
            else:
                yield session
