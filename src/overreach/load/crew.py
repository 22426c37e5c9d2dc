"""The crew: a few workers that carry out the steps of very many users, each when it is due.

A worker is a thread of the standard library, which Locust makes a greenlet, with a connection of its own. A user who
thinks is an entry on a timing wheel and nothing else.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from queue import SimpleQueue

from overreach.load.asking import OverError
from overreach.load.histogram import Histogram
from overreach.load.line import Line
from overreach.load.me import Me
from overreach.load.shift import Shift
from overreach.load.wheel import BEAT, Wheel
from overreach.model.errors import OverreachError

HANDS = 160
"""Workers, and so requests under way at once, all processes together."""
AHEAD = 4
"""Newcomers who may wait for each worker: enough that none is idle between two beats."""
AGAIN = 0.2  # seconds after which somebody without an answer tries again while others are still to come
SLOWER, SLOWEST, FASTER = 1.5, 16.0, 0.98  # how pauses grow where the target asks for patience, and shrink again


class Crew:
    """Wakes users when they are due and lets workers carry out their steps."""

    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        self._wheel: Wheel[Me] = Wheel(time.time())
        self._queue: SimpleQueue[tuple[Me, float] | None] = SimpleQueue()
        """Who is to work, and since when; None tells a worker to go home."""
        self._due: deque[Me] = deque()
        self._parked: list[tuple[Me, float]] = []
        self.newcomers: deque[Me] = deque()
        """Signed in and still without a first step."""
        self._late = Histogram()
        self._stretch = 1.0
        self._slowed = False
        shift.on_throttle = self._slow_down

    def start(self) -> None:
        """Begin to work; everything ends with the shift."""
        for work in [self._wake, *[self._work] * max(1, HANDS // self._shift.order.parts)]:
            threading.Thread(target=work, daemon=True).start()

    def _wake(self) -> None:
        """On every beat, hand out those who are due, and no more than the ceiling on the rate allows."""
        shift = self._shift
        hands = max(1, HANDS // shift.order.parts)
        per_second = shift.order.max_rate / shift.order.parts
        budget, before, last = 0.0, shift.book.summary.asked, time.monotonic()
        while not shift.over.wait(BEAT - time.time() % BEAT):
            now, asked = time.monotonic(), shift.book.summary.asked
            # What was not used up is lost but for one beat's worth: a ceiling is no average over a pause.
            spent, before, passed, last = asked - before, asked, now - last, now
            budget = min(budget - spent + per_second * passed, 2 * per_second * BEAT)
            self._begin_parked()
            self._due += self._wheel.due(time.time())
            room = int(budget) - self._queue.qsize()
            while self._due and room > 0:
                self._queue.put((self._due.popleft(), time.time()))
                room -= 1
            room = min(room, AHEAD * hands - self._queue.qsize())
            while self.newcomers and room > 0:
                self._queue.put((self.newcomers.popleft(), time.time()))
                room -= 1
            self._stretch = self._stretch if self._slowed else max(1.0, self._stretch * FASTER)
            self._slowed = False
        for _ in range(hands):
            self._queue.put(None)
        shift.book.summary.late = self._late.under(0.99)

    def _begin_parked(self) -> None:
        """Once everybody is up, let those who waited start one after the other."""
        if not self._parked or not self._shift.up.is_set():
            return
        now = time.time()
        for me, pause in self._parked:
            self._wheel.put(me, now + pause * random.random())  # noqa: S311 - habits, nothing secret
        self._parked.clear()

    def _work(self) -> None:
        line = Line(self._shift.order.address)
        while True:
            job = self._queue.get()
            if job is None or self._shift.over.is_set():
                break
            me, since = job
            self._late.add(time.time() - since)
            me.line = line
            try:
                pause = self._step(me)
            except OverError:
                break
            me.line = None
            self._put_down(me, pause)
        line.close()

    def _step(self, me: Me) -> float:
        """Carry out one step; seconds until the next one."""
        try:
            return _seconds(next(me.steps))
        except StopIteration:
            me.steps = me.habit.body(me)
            return me.think()
        except OverreachError as error:
            self._shift.stop(error)
            raise OverError from error
        except OverError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a habit is the pack's own code: whatever it raises is told
            self._shift.fail(f"{type(error).__name__} in `{me.habit.name}`")
            me.steps = me.habit.body(me)
            return me.think()

    def _put_down(self, me: Me, pause: float) -> None:
        now = time.time()
        if not self._shift.up.is_set():
            if me.answered:
                # Whoever is up early leaves the target to those who still come.
                self._parked.append((me, pause))
            else:
                self._wheel.put(me, max(now + AGAIN, me.wait_until))
            return
        self._wheel.put(me, max(now + pause * self._stretch, me.wait_until))

    def _slow_down(self) -> None:
        if not self._slowed:
            self._stretch = min(self._stretch * SLOWER, SLOWEST)
        self._slowed = True


def _seconds(pause: object) -> float:
    """What a habit yielded, as a pause; TypeError or ValueError where it is none."""
    if not isinstance(pause, int | float):
        message = f"a pause of {pause!r}"
        raise TypeError(message)
    if not 0.0 <= pause < math.inf:
        message = f"a pause of {pause} seconds"
        raise ValueError(message)
    return float(pause)
