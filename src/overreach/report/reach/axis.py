"""A logarithmic axis from nobody to millions of millions, in per cent of the room there is."""

from __future__ import annotations

import math
from dataclasses import dataclass

_NOTHING, _ONE, _END = 1.5, 7.0, 97.0  # per cent
_UNITS = (("tn", 10**12), ("bn", 10**9), ("m", 10**6), ("k", 10**3))
_LONG, _LONGEST = 6, 8  # decades; with more of them only every second one is named, or every third
_PLAIN = 1000


@dataclass(frozen=True, slots=True)
class LogAxis:
    """From 1 to `most`, and a place of its own for 0."""

    most: int

    @property
    def decades(self) -> int:
        """Powers of ten that it takes."""
        return max(1, math.ceil(math.log10(max(self.most, 1))))

    def at(self, count: float) -> float:
        """Where a count stands, in per cent."""
        if count < 1:
            return _NOTHING
        return round(_ONE + (_END - _ONE) * math.log10(count) / self.decades, 2)

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """(place, name) of the powers of ten; an empty name where there is no room for one."""
        every = 1 + (self.decades > _LONG) + (self.decades > _LONGEST)
        named = ((self.at(10**power), "" if power % every else short(10**power)) for power in range(self.decades + 1))
        return ((_NOTHING, "0"), *named)


def short(count: float) -> str:
    """Three figures and a unit: `999`, `51.1k`, `1.11bn`; whole numbers below 1,000 as they are."""
    for unit, size in _UNITS:
        if count >= size:
            scaled = count / size
            return f"{scaled:.3g}{unit}" if scaled < _PLAIN - 0.5 else f"{scaled:,.0f}{unit}"
    return f"{count:.4g}"
