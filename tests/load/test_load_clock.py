"""When a load begins and ends, over several processes."""

from __future__ import annotations

import pytest

from overreach.load import clock
from overreach.load.clock import OVER, UP, Clock, Standing
from overreach.load.record import Order


def ran(order: Order, *standing: Standing) -> tuple[list[str], Clock]:
    """What a clock said that heard this of its processes at once."""
    said: list[str] = []
    ticking = Clock(order, said.append)
    for part, each in enumerate(standing):
        ticking.hear(part, each)
    ticking.run()
    return said, ticking


def test_the_time_begins_when_everybody_of_all_processes_is_up() -> None:
    """Then it is over, and what is under way may end."""
    said, ticking = ran(Order(5, 0.05), Standing(3, 0, stopped=False), Standing(2, 0, stopped=False))
    assert said == [UP, OVER]
    assert not ticking.deaf


def test_a_process_that_must_stop_stops_all() -> None:
    """Nobody begins, and nobody waits."""
    said, _ = ran(Order(5, 1000.0), Standing(3, 7, stopped=True), Standing(2, 0, stopped=False))
    assert said == [OVER]


def test_a_load_without_any_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that says nothing is not waited for."""
    monkeypatch.setattr(clock, "DEAF", 0.1)
    said, ticking = ran(Order(5, 1000.0), Standing(0, 0, stopped=False))
    assert said == [OVER]
    assert ticking.deaf
