"""How many users could open one child's record: the figures in words, and the bars of the histogram."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.model.review import Exposure

#: Lower edges of the bins after the bin of 0: three a decade, equal steps on a log axis to the eye.
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Figures:
    """One exposure in five figures."""

    children: int
    least: int
    """Fewest users for one child."""
    median: float
    most: int
    nobody: int
    """Children whom no user could open."""


def figures(exposure: Exposure) -> Figures:
    """Median and most users for one child; children whom nobody could open count with 0 users."""
    counts = sorted(count for count in exposure.counts if count[1] > 0)
    total = sum(children for _, children in counts)
    least, most = (counts[0][0], counts[-1][0]) if counts else (0, 0)
    nobody = sum(children for users, children in counts if users == 0)
    return Figures(total, least, _median(counts, total), most, nobody)


def _median(counts: list[tuple[int, int]], total: int) -> float:
    if not total:
        return 0.0
    return (_at(counts, (total - 1) // 2) + _at(counts, total // 2)) / 2


def _at(counts: list[tuple[int, int]], place: int) -> int:
    """Users of the child at a place of the ordered list that the counts stand for."""
    for users, children in counts:
        place -= children
        if place < 0:
            return users
    return counts[-1][0]


def edges(most: int) -> list[int]:
    """Lower edges of the bins that cover 0 to `most`: 0, 1, 2, 5, 10, 20, 50 and so on."""
    found, decade = [0], 1
    while decade <= max(most, 1):
        found += [step * decade for step in _STEPS if step * decade <= max(most, 1)]
        decade *= 10
    return found


def bins(exposure: Exposure, lower: list[int]) -> list[int]:
    """Children in each bin; `lower` as from `edges`."""
    counted = [0] * len(lower)
    for users, children in exposure.counts:
        counted[sum(edge <= users for edge in lower) - 1] += children
    return counted


def bin_label(lower: list[int], place: int) -> str:
    """A bin in words: `0`, `1`, `2-4`, `50 or more`."""
    low = lower[place]
    if place + 1 == len(lower):
        return f"{low:,} or more" if low > 1 else f"{low}"
    high = lower[place + 1] - 1
    return f"{low:,}" if high == low else f"{low:,}-{high:,}"
