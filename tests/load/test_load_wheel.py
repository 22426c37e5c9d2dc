"""Who is due when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.load.wheel import BEAT, Wheel

TIMES = st.lists(st.floats(0, 20), max_size=40)


@given(TIMES, st.lists(st.floats(0, 3), min_size=1, max_size=20))
def test_everybody_is_woken_once_and_never_early(wanted: list[float], steps: list[float]) -> None:
    """On the first beat at or after the time that was asked for, in whatever steps the clock is looked at."""
    wheel: Wheel[int] = Wheel(0.0)
    for number, at in enumerate(wanted):
        wheel.put(number, at)
    now, woken = 0.0, []
    for step in [*steps, 30.0]:
        before, now = now, now + step
        for number in wheel.due(now):
            assert wanted[number] <= now + 1e-9
            assert wanted[number] > before - 2 * BEAT
            woken.append(number)
    assert sorted(woken) == list(range(len(wanted)))
    assert len(wheel) == 0


def test_those_who_think_for_about_as_long_meet_on_a_beat() -> None:
    """Many requests meet at few moments, which is when a target mixes them up."""
    wheel: Wheel[str] = Wheel(0.0)
    for name, at in (("a", 1.01), ("b", 1.09), ("c", 1.11)):
        wheel.put(name, at)
    assert wheel.due(1.05) == []
    assert wheel.due(1.15) == ["a", "b"]
    assert wheel.due(1.25) == ["c"]


def test_somebody_who_is_late_is_due_on_the_next_beat() -> None:
    """A time that has passed already is no reason to wait for a turn of the wheel."""
    wheel: Wheel[str] = Wheel(0.0)
    wheel.due(5.0)
    wheel.put("late", 1.0)
    assert wheel.due(5.0) == []
    assert wheel.due(5.0 + BEAT + 0.001) == ["late"]
