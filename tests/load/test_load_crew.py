"""The crew goes on whatever a habit does, and tells of it: a load that stands still in silence would look clean."""

from __future__ import annotations

import math
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from overreach.load.crew import Crew
from overreach.load.habit import Habit, Steps


class Shift:
    """What a crew needs of a shift."""

    def __init__(self) -> None:
        self.order = SimpleNamespace(parts=1, max_rate=1000.0, address="http://127.0.0.1:1")
        self.book = SimpleNamespace(summary=SimpleNamespace(asked=0, late=0.0))
        self.over, self.up = threading.Event(), threading.Event()
        self.failures: list[str] = []
        self.up.set()

    def fail(self, reason: str) -> None:
        """Note it."""
        self.failures.append(reason)


class Me:
    """Somebody with a habit."""

    def __init__(self, habit: Habit) -> None:
        self.habit, self.wait_until, self.answered, self.line = habit, 0.0, True, None
        self.steps = habit.body(self)  # type: ignore[arg-type] # what a habit needs of a user is there

    def think(self) -> float:
        """Longer than the test."""
        return 60.0


def leaves(_me: object) -> Steps:
    """A habit that ends its process."""
    yield 0.0
    raise SystemExit(0)


def yields(value: Any) -> Any:  # noqa: ANN401 - anything but a pause
    """A habit whose pauses are this."""

    def body(_me: object) -> Any:  # noqa: ANN401 - as above
        while True:
            yield value

    return body


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (leaves, "SystemExit in `odd`"),
        (yields("x"), "TypeError in `odd`"),
        (yields(None), "TypeError in `odd`"),
        (yields(math.nan), "ValueError in `odd`"),
        (yields(-1.0), "ValueError in `odd`"),
    ],
)
def test_a_habit_that_breaks_is_told_and_everybody_else_goes_on(body: Any, told: str) -> None:  # noqa: ANN401 - a habit
    """Whoever waits behind a broken habit still works: no worker is lost to it, and nobody's clock stops."""
    shift, worked = Shift(), threading.Event()

    def works(_me: object) -> Steps:
        yield 0.0
        yield 0.0
        worked.set()
        yield 60.0

    crew = Crew(shift)  # type: ignore[arg-type] # what it needs of a shift is there
    crew.newcomers.extend(Me(Habit("odd", "", body)) for _ in range(200))  # type: ignore[misc] # as above
    crew.newcomers.append(Me(Habit("plain", "", works)))  # type: ignore[arg-type] # as above
    crew.start()
    end = time.monotonic() + 20
    while time.monotonic() < end and not (worked.is_set() and told in shift.failures):
        time.sleep(0.01)
    shift.over.set()
    assert worked.is_set()
    assert set(shift.failures) == {told}
