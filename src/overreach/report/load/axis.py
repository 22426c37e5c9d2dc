"""Axes of the pictures of a load: latencies on a logarithmic one, time and rates on plain ones."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_LEFT, _RIGHT = 3.0, 97.0  # per cent
_ROUND = (1, 2, 5)
_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_WIDE = 100  # times; in a wider axis only powers of ten are named
_NEAR = 25  # per cent of a narrow picture, within which two names would touch
_TINY = 1e-9
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class LatencyAxis:
    """From one round number of seconds to another; round are 1, 2 and 5 times the powers of ten."""

    low: float
    high: float

    @classmethod
    def over(cls, seconds: Iterable[float]) -> Self:
        """The shortest that holds all of them, and a decade at least; from 10 ms to 1 s where there are none."""
        known = [each for each in seconds if each > 0]
        if not known:
            return cls(0.01, 1.0)
        low = _round_down(min(known))
        return cls(low, _round_up(max(*known, low * 10)))

    def share(self, seconds: float) -> float:
        """Where a latency stands, from 0 to 1; what is shorter than the axis stands at its beginning."""
        if seconds <= self.low:
            return 0.0
        return min(math.log(seconds / self.low) / math.log(self.high / self.low), 1.0)

    def at(self, seconds: float) -> float:
        """The same in per cent of the room there is."""
        return round(_LEFT + (_RIGHT - _LEFT) * self.share(seconds), 2)

    @property
    def marks(self) -> tuple[tuple[float, str], ...]:
        """(seconds, name) of the round numbers in it; only powers of ten where there would be many."""
        powers = range(math.floor(math.log10(self.low) + _TINY), math.ceil(math.log10(self.high) - _TINY) + 1)
        steps = _ROUND if self.high / self.low <= _WIDE else (1,)
        inside = (step * 10.0**power for power in powers for step in steps)
        return tuple((at, latency(at)) for at in inside if self.low * (1 - _TINY) <= at <= self.high * (1 + _TINY))

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """(place in per cent, name)."""
        return tuple((self.at(seconds), name) for seconds, name in self.marks)

    @property
    def sparse_ticks(self) -> tuple[tuple[float, str], ...]:
        """The same for a narrow picture: only the powers of ten have names, and the first mark if none is near."""
        powers = [self.at(seconds) for seconds, _ in self.marks if math.log10(seconds).is_integer()]
        named = {self.ticks[0][0], *powers} if powers[0] - self.ticks[0][0] > _NEAR else set(powers)
        return tuple((at, name if at in named else "") for at, name in self.ticks)


def latency(seconds: float) -> str:
    """Two or three figures and a unit: `0.4 ms`, `51 ms`, `1.2 s`; whole seconds from 100 on."""
    if seconds >= 1:
        return f"{seconds:,.0f} s" if seconds >= 99.5 else f"{seconds:.3g} s"  # noqa: PLR2004 - three figures
    thousandths = seconds * 1000
    return f"{thousandths:.0f} ms" if thousandths >= 9.95 else f"{thousandths:.2g} ms"  # noqa: PLR2004 - two figures


def clock(seconds: float) -> str:
    """A time since the beginning: `35 s`, `4:05`."""
    whole = round(seconds)
    return f"{whole} s" if whole < _MINUTE else f"{whole // _MINUTE}:{whole % _MINUTE:02}"


def moment(seconds: float) -> str:
    """The same to the hundredth of a second: `35.02 s`, `4:05.30`."""
    if round(seconds, 2) < _MINUTE:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds * 100), _MINUTE * 100)
    return f"{minutes}:{rest / 100:05.2f}"


def rate_ticks(most: float) -> tuple[int, ...]:
    """Two to five round figures from 0 on; the last one is at least `most`."""
    step = int(max(_round_up(most / 4), 1)) if most > 0 else 1
    return tuple(range(0, max(math.ceil(most / step), 1) * step + 1, step))


def time_ticks(seconds: int) -> tuple[int, ...]:
    """Round times from 0 on, at most nine of them, within so many seconds."""
    return tuple(range(0, seconds + 1, time_step(seconds, 8)))


def time_step(seconds: int, most: int) -> int:
    """The shortest round time of which at most so many fill `seconds`."""
    hours = math.ceil(seconds / most / _TIMES[-1]) * _TIMES[-1]
    return next((step for step in _TIMES if step * most >= seconds), hours)


def _round_up(value: float) -> float:
    power = math.floor(math.log10(value) + _TINY)
    above = [step * 10.0**each for each in (power, power + 1) for step in _ROUND]
    return next(each for each in above if each >= value * (1 - _TINY))


def _round_down(value: float) -> float:
    power = math.floor(math.log10(value) + _TINY)
    return next(step * 10.0**power for step in reversed(_ROUND) if step * 10.0**power <= value * (1 + _TINY))
