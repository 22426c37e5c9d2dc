"""A load over time: rate, latency, and what was found, on one axis.

A second is a column, as long as there are at most `COLUMNS` of them; beyond that a column is several seconds, and shows
the least and the most of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from overreach.model.underload import Second, Sighting, UnderLoad
from overreach.report.load.axis import LatencyAxis, clock, latency, rate_ticks, time_step, time_ticks
from overreach.report.wording import number

COLUMNS = 600
HIGH = 100
"""Of a field, in the units of its view box; a column is one unit wide."""
_GAPS_UP_TO = 150  # columns that leave room for a gap between two of them
_GAP = 0.18
_COUNTED_UP_TO = 60  # columns that leave room for a figure at each mark
_ROWS = 24  # of the table beside the picture, at most
_LANES = (("overreach", "overreach"), ("unproven", "unproven"), ("throttled", "told to wait"))


@dataclass(frozen=True, slots=True)
class Span:
    """Some seconds, taken together."""

    start: int
    end: int
    """The first second that does not belong to it."""
    phase: str
    """`ramp`, `all up`, or both."""
    answers: int
    rate: tuple[int, int]
    """Least and most answers in a second."""
    overreach: int
    unproven: int
    throttled: int
    p50: tuple[float, float] | None
    """Least and most of the seconds' figures; None where nothing was answered. Likewise `p95` and `p99`."""
    p95: tuple[float, float] | None
    p99: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A named place; in per cent from the left, or in the units of a field from above."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """A sign on a lane."""

    at: float
    """Per cent."""
    words: str
    count: str
    """The figure beside it; empty where there is no room."""
    row: int
    """Row of the table that it leads to; 0 for none."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Everything of one sort."""

    sort: str
    name: str
    total: int
    marks: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture, and the table beside it."""

    columns: int
    each: int
    """Seconds in a column."""
    up: float | None
    """Where everybody is up, in per cent; None where that never came."""
    times: tuple[Tick, ...]
    rates: tuple[Tick, ...]
    ramp: str
    """Path of the columns before everybody was up: as high as the calmest second. Likewise `steady`."""
    steady: str
    ramp_most: str
    """The same as high as the busiest second, where a column has several."""
    steady_most: str
    latencies: tuple[Tick, ...]
    band: str
    """Path from the lowest 50 % to the highest 99 %."""
    p95: str
    lanes: tuple[Lane, ...]
    spans: tuple[Span, ...]
    told: str
    """The picture in words."""


def timeline(load: UnderLoad) -> Timeline:
    """The whole load on one axis."""
    seconds = _every_second(load.seconds)
    total = max(len(seconds), 1)
    each = -(-total // COLUMNS)
    columns = _spans(seconds, each, load.up_at)
    axis = LatencyAxis.over(figure for second in load.seconds for figure in (second.p50, second.p99))
    ticks = rate_ticks(max((second.answers for second in seconds), default=0))
    wide = max(len(columns), 1) * each  # the last column may stand for more seconds than there were

    def bars(pick: Callable[[Span], int], *, ramp: bool) -> str:
        shown = [(place, pick(column)) for place, column in enumerate(columns) if (column.phase == "ramp") is ramp]
        return _bars(((place, HIGH * (1 - value / ticks[-1]), HIGH) for place, value in shown if value), len(columns))

    return Timeline(
        columns=len(columns),
        each=each,
        up=None if load.up_at is None else round(min(load.up_at / wide, 1) * 100, 3),
        times=tuple(Tick(round(at / wide * 100, 3), clock(at)) for at in time_ticks(total)),
        rates=tuple(Tick(round(HIGH * (1 - tick / ticks[-1]), 2), number(tick)) for tick in ticks),
        ramp=bars(lambda column: column.rate[0], ramp=True),
        steady=bars(lambda column: column.rate[0], ramp=False),
        ramp_most=bars(lambda column: column.rate[1], ramp=True) if each > 1 else "",
        steady_most=bars(lambda column: column.rate[1], ramp=False) if each > 1 else "",
        latencies=tuple(Tick(_down(axis, at), name) for at, name in axis.marks),
        band=_bars(_latencies(columns, axis, lambda column: column.p50, lambda column: column.p99), len(columns)),
        p95=_bars(_latencies(columns, axis, lambda column: column.p95, lambda column: column.p95), len(columns)),
        lanes=tuple(_lanes(columns, load.sightings)),
        spans=tuple(_spans(seconds, time_step(total, _ROWS), load.up_at)),
        told=_told(load, total),
    )


def _every_second(seconds: Iterable[Second]) -> list[Second]:
    """With those in which nothing happened."""
    known = {second.second: second for second in seconds}
    nothing = (Second(at, 0, 0, 0, 0, 0.0, 0.0, 0.0) for at in range(max(known, default=-1) + 1))
    return [known.get(second.second, second) for second in nothing]


def _spans(seconds: Sequence[Second], each: int, up_at: float | None) -> list[Span]:
    return [_span(seconds[start : start + each], up_at) for start in range(0, len(seconds), each)]


def _span(seconds: Sequence[Second], up_at: float | None) -> Span:
    start, end = seconds[0].second, seconds[-1].second + 1
    rates = [second.answers for second in seconds]
    answered = [second for second in seconds if second.answers]
    return Span(
        start=start,
        end=end,
        phase="ramp" if up_at is None or up_at >= end else "all up" if up_at <= start else "ramp, all up",
        answers=sum(rates),
        rate=(min(rates), max(rates)),
        overreach=sum(second.overreach for second in seconds),
        unproven=sum(second.unproven for second in seconds),
        throttled=sum(second.throttled for second in seconds),
        p50=_least_and_most(second.p50 for second in answered),
        p95=_least_and_most(second.p95 for second in answered),
        p99=_least_and_most(second.p99 for second in answered),
    )


def _least_and_most(figures: Iterable[float]) -> tuple[float, float] | None:
    known = list(figures)
    return (min(known), max(known)) if known else None


def _down(axis: LatencyAxis, seconds: float) -> float:
    """Slow is high."""
    return round(HIGH * (1 - axis.share(seconds)), 2)


def _latencies(
    columns: Iterable[Span],
    axis: LatencyAxis,
    low: Callable[[Span], tuple[float, float] | None],
    high: Callable[[Span], tuple[float, float] | None],
) -> Iterable[tuple[int, float, float]]:
    for place, column in enumerate(columns):
        least, most = low(column), high(column)
        if least is not None and most is not None:
            yield place, _down(axis, most[1]), _down(axis, least[0])


def _bars(bars: Iterable[tuple[int, float, float]], columns: int) -> str:
    """A path of (column, upper edge, lower edge)."""
    gap = _GAP if columns <= _GAPS_UP_TO else 0.0
    return "".join(f"M{place} {lower:.2f}V{upper:.2f}h{1 - gap:g}V{lower:.2f}z" for place, upper, lower in bars)


def _lanes(columns: Sequence[Span], sightings: Sequence[Sighting]) -> Iterable[Lane]:
    rows: dict[int, int] = {}
    for row, sighting in enumerate(sightings, start=1):
        rows.setdefault(int(sighting.at), row)
    for sort, name in _LANES:
        counted = [(place, column, getattr(column, sort)) for place, column in enumerate(columns)]
        marks = tuple(
            Found(
                at=round((place + 0.5) / len(columns) * 100, 3),
                words=f"{_when(column)}: {number(count)} {name}",
                count=number(count) if len(columns) <= _COUNTED_UP_TO else "",
                row=_row(rows, column) if sort == "overreach" else 0,
            )
            for place, column, count in counted
            if count
        )
        yield Lane(sort, name, sum(count for _, _, count in counted), marks)


def _row(rows: dict[int, int], column: Span) -> int:
    return next((rows[second] for second in range(column.start, column.end) if second in rows), 0)


def _when(span: Span) -> str:
    return clock(span.start) if span.end - span.start == 1 else f"{clock(span.start)} to {clock(span.end)}"


def _told(load: UnderLoad, total: int) -> str:
    words = [f"{number(load.requests)} answers in {clock(total)}."]
    up_at = load.up_at
    # A second without any answer is one of them.
    steady = [each for each in _every_second(load.seconds) if up_at is not None and each.second >= up_at]
    if load.up_at is not None:
        words.append(f"Everybody is up after {clock(load.up_at)}.")
    if steady:
        rates = [second.answers for second in steady]
        slow = [second.p95 for second in steady if second.answers] or [0.0]
        words.append(
            f"From then on {number(min(rates))} to {number(max(rates))} answers a second, half of the seconds at least"
            f" {number(int(median(rates)))}; 95 % of a second's answers within {latency(min(slow))} to"
            f" {latency(max(slow))}."
        )
    counts = [(sum(getattr(second, sort) for second in load.seconds), name) for sort, name in _LANES]
    words.append(f"{', '.join(f'{number(count)} {name}' for count, name in counts)}.")
    marked = [second.second for second in load.seconds if second.overreach]
    if marked:
        words.append(f"Overreach in {number(len(marked))} of the seconds, first at {clock(marked[0])}.")
    return " ".join(words)
