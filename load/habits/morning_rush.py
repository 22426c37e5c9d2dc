"""The morning rush: the practitioner's work, four times as fast when everybody has just come in."""

from __future__ import annotations

from math import exp

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

PEAK, WIDTH, HIGHER = 0.3, 0.1, 3.0  # when, as a share of the shift; how long; by how much


@habit("morning_rush")
def morning_rush(me: Me) -> Steps:
    """Search by name, view with a reason, on to the next; the nearer to the peak the less thinking."""
    while True:
        child = me.near()
        me.ask("search by name", child)
        yield me.think() / pace(me.elapsed())
        me.ask("view", child, me.reason())
        yield me.think() / pace(me.elapsed())


def pace(elapsed: float) -> float:
    """How many times as fast as usual people work when this share of the shift is over."""
    return 1.0 + HIGHER * exp(-(((elapsed - PEAK) / WIDTH) ** 2))
