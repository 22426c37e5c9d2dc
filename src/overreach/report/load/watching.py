"""What the target's alerts made of those who misused it: named or not, how soon, and who was accused wrongly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from overreach.model.underload import Watched, Watchers
from overreach.report.load.axis import LatencyAxis, latency
from overreach.report.reach.strips import MIDDLE, Block, Mark, Strip, Strips
from overreach.report.wording import number, words


@dataclass(frozen=True, slots=True)
class Watching:
    """Misuse and honest work apart, each with the most people first."""

    watchers: Watchers
    misuse: tuple[Watched, ...]
    honest: tuple[Watched, ...]
    named_at_all: int
    """Misusers named and honest users accused."""
    soon: Strips
    """Time from the beginning to the first alert, for each kind of misuse of which somebody was named."""


def watching(watchers: Watchers) -> Watching:
    """The figures in order, and the picture."""
    ordered = sorted(watchers.habits, key=lambda one: (-one.people, one.habit))
    misuse = tuple(one for one in ordered if one.misuse)
    return Watching(
        watchers,
        misuse,
        tuple(one for one in ordered if not one.misuse),
        watchers.named + watchers.honest_accused,
        _soon(misuse),
    )


def _soon(misuse: Iterable[Watched]) -> Strips:
    timed = [(one, one.seconds) for one in misuse if one.seconds is not None]
    timed.sort(key=lambda each: each[1][1])
    axis = LatencyAxis.over(second for _, seconds in timed for second in seconds)
    strips = tuple(_strip(one, seconds, axis) for one, seconds in timed)
    told = "; ".join(strip.words for strip in strips)
    return Strips("From the first misuse to the first alert", axis.ticks, strips, f"Time to an alert. {told}")


def _strip(one: Watched, seconds: tuple[float, float, float], axis: LatencyAxis) -> Strip:
    least, half, most = (axis.at(each) for each in seconds)
    line = Block(least, round(most - least, 2), MIDDLE - 1.5, 3, "span")
    said = ", ".join(latency(each) for each in seconds)
    told = f"{words(one.habit)}: least, median and most {said}; {number(one.named)} of {number(one.began)} named"
    return Strip(one.habit, (line,), (Mark(half, "g-open", 11),), f"{latency(seconds[1])} | {_of(one)}", told)


def _of(one: Watched) -> str:
    return f"{number(one.named)} of {number(one.began)}"
