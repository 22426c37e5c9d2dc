"""The clock of a whole load: begins the ordered time when everybody is up in every process, and ends it.

Runs in the one process that coordinates: Locust's master, or the only one. Processes tell it how they stand; it gives
the word to all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from overreach.load.line import TIMEOUT
from overreach.load.record import Order

DEAF = 30.0  # seconds without any answer after which the shift is given up
STALLED = 30.0  # seconds without another first answer after which it begins without those who have none
SILENT = 10.0  # seconds after which a process of which nothing is heard is not waited for
LOOK = 0.05  # seconds
UP, OVER = "up", "over"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one process stands."""

    answered: int
    """Users who have had an answer."""
    waiting: int
    """Requests under way."""
    stopped: bool
    """Whether the run must stop."""


class Clock:
    """Hears of every process, and says `up` and `over` to all."""

    def __init__(self, order: Order, say: Callable[[str], None]) -> None:
        self._order = order
        self._say = say
        self._standing: dict[int, Standing] = {}
        self._heard: dict[int, float] = {}
        self.deaf = False
        """Whether the shift was given up because nobody had an answer."""

    def hear(self, part: int, standing: Standing) -> None:
        """Take note of how a process stands."""
        self._standing[part] = standing
        self._heard[part] = time.monotonic()

    def run(self) -> None:
        """Wait for everybody, let them work, wait for what is under way."""
        self._gather()
        if self.answered and not self._stopped:
            self._say(UP)
            self._pass(self._order.seconds, lambda: self._stopped)
        self._say(OVER)
        self._pass(TIMEOUT, lambda: self._stopped or not any(each.waiting for each in self._present))

    @property
    def answered(self) -> int:
        """Users of all processes who have had an answer."""
        return sum(each.answered for each in self._present)

    @property
    def _present(self) -> list[Standing]:
        """How those stand who were heard of lately: a worker may be lost, and its users are elsewhere then."""
        now = time.monotonic()
        return [standing for part, standing in self._standing.items() if now - self._heard[part] < SILENT]

    @property
    def _stopped(self) -> bool:
        return any(each.stopped for each in self._standing.values())

    def _gather(self) -> None:
        best, since = 0, time.monotonic()
        while self.answered < self._order.users and not self._stopped:
            if self.answered > best:
                best, since = self.answered, time.monotonic()
            if time.monotonic() - since > (STALLED if best else DEAF):
                self.deaf = not best
                return
            _wait(LOOK)

    def _pass(self, seconds: float, done: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not done():
            _wait(LOOK)


def _wait(seconds: float) -> None:
    """Sleep on an event, which Locust makes cooperative."""
    threading.Event().wait(seconds)
