"""Where the bars and marks of a measure stand: upright for numbers, lying for names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overreach.report.describe import telling
from overreach.report.describe.description import Category, Distribution
from overreach.report.wording import number, words

TOP, BASE = 14.0, 174.0
"""Of upright bars, in pixels from the upper edge of the drawing."""
MOST_BARS = 40
"""Upright bars; more numbers than these are put together."""
_LABELLED = 20  # upright bars with a label each
_FEW = 12  # upright bars with a figure each, and lying ones in one column
_STEPS = (1.0, 2.0, 2.5, 5.0)
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One category; `start` and `length` in pixels when upright, else in per cent of the room for bars."""

    label: str
    length: float
    mark: float | None
    """Where the figures' share is, on the same scale; None without figures."""
    share: str
    expected: str
    words: str
    """The bar in words."""


@dataclass(frozen=True, slots=True)
class Upright:
    """Bars side by side in the order of their numbers."""

    bars: tuple[Bar, ...]
    slot: float
    """Per cent of the width that each bar has."""
    ticks: tuple[tuple[float, str], ...]
    """(y, share) of the lines to read the bars by."""
    every: int
    """Every so many bars there is a label below."""
    few: bool


@dataclass(frozen=True, slots=True)
class Lying:
    """Bars one below the other, each behind its name."""

    bars: tuple[Bar, ...]
    few: bool


def plot(distribution: Distribution) -> Upright | Lying:
    """Upright bars where most categories are whole numbers."""
    numbers = [one for one in distribution.categories if one.number is not None]
    unit = distribution.measure.unit
    if 2 * len(numbers) > len(distribution.categories) and len(numbers) > 1:
        named = [one for one in distribution.categories if one.number is None]
        return _upright([*_filled(numbers), *named], unit)
    return _lying(distribution.categories, unit)


def in_words(distribution: Distribution) -> str:
    """The picture for whoever does not see it; the table behind it has every figure."""
    if not distribution.categories:
        return f"{distribution.measure.title}: nothing was counted."
    most = max(distribution.categories, key=lambda one: one.count)
    least = min(distribution.categories, key=lambda one: one.count)
    found = (
        f"{distribution.measure.title}: bars of {len(distribution.categories)} categories."
        f" Most: {words(most.name)} with {telling.share(most.share)};"
        f" least: {words(least.name)} with {telling.share(least.share)}."
    )
    furthest = distribution.widest
    if furthest is None:
        return found
    return (
        f"{found} Furthest from the figures: {words(furthest.name)}, {telling.share(furthest.share)} counted and"
        f" {telling.share(furthest.expected)} in the figures."
    )


def _filled(numbers: Sequence[Category]) -> list[Category]:
    """The numbers in order, with those between them that nobody has; put together where they are many."""
    by_number = {one.number: one for one in numbers if one.number is not None}
    low, high = min(by_number), max(by_number)
    width = _bin_width(high - low + 1)
    first = low // width * width
    bins: dict[int, list[Category]] = {start: [] for start in range(first, high + 1, width)}
    for value, one in by_number.items():
        bins[first + (value - first) // width * width].append(one)
    compared = next(iter(numbers)).expected is not None
    return [_together(start, width, members, compared=compared) for start, members in bins.items()]


def _bin_width(span: int) -> int:
    """The least round width with which the bars stay fewer than `MOST_BARS`."""
    return next(width for width in _round_widths() if -(-span // width) < MOST_BARS)


def _round_widths() -> Iterator[int]:
    for power in itertools.count():
        yield from (10**power, 2 * 10**power, 5 * 10**power)


def _together(start: int, width: int, members: Sequence[Category], *, compared: bool) -> Category:
    return Category(
        name=str(start) if width == 1 else f"{start}-{start + width - 1}",
        count=sum(one.count for one in members),
        share=sum(one.share for one in members),
        weight=sum(one.weight or 0 for one in members) if compared else None,
        expected=sum(one.expected or 0.0 for one in members) if compared else None,
    )


def _most(categories: Sequence[Category]) -> float:
    return max((max(one.share, one.expected or 0.0) for one in categories), default=0.0)


def _upright(categories: Sequence[Category], unit: str) -> Upright:
    step = _step(_most(categories))
    high = step * _TICKS
    while high - step >= _most(categories) and high > step:
        high -= step
    room = BASE - TOP
    lines = range(round(high / step) + 1)
    return Upright(
        bars=tuple(_bar(one, unit, room / high) for one in categories),
        slot=100 / len(categories),
        ticks=tuple((round(BASE - line * step / high * room, 2), _tick(line * step)) for line in lines),
        every=-(-len(categories) // _LABELLED),
        few=len(categories) <= _FEW,
    )


def _step(most: float) -> float:
    """Between the lines of the axis: round, and `_TICKS` of them reach over the longest bar."""
    steps = (base * 10.0**power for power in range(-6, 1) for base in _STEPS)
    return next(step for step in steps if step * _TICKS >= most)


def _tick(share: float) -> str:
    return f"{share * 100:.4g} %"


def _lying(categories: Sequence[Category], unit: str) -> Lying:
    most = _most(categories)
    return Lying(tuple(_bar(one, unit, 98 / most if most else 0.0) for one in categories), len(categories) <= _FEW)


def _bar(category: Category, unit: str, scale: float) -> Bar:
    told = f"{words(category.name)}: {number(category.count)} {unit}, {telling.share(category.share)}"
    if category.expected is not None:
        told += f"; {telling.share(category.expected)} in the figures"
    return Bar(
        label=words(category.name),
        length=round(category.share * scale, 2),
        mark=None if category.expected is None else round(category.expected * scale, 2),
        share=telling.share(category.share),
        expected=telling.share(category.expected),
        words=told,
    )
