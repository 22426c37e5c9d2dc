"""The exposure histograms as inline SVG: other children upwards, shielded ones downwards, from one log axis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overreach.model.review import Exposure
from overreach.model.terms import Facet
from overreach.report.exposure import Figures, bin_label, bins, edges, figures
from overreach.report.matrix import SHIELDED
from overreach.report.reach.axis import short

WIDTH, HEIGHT = 500, 262
UP, DOWN, ROOM = 122, 146, 92
"""Feet of the bars upwards and downwards, and the longest bar."""
ALL, OTHERS = "all", "other"
_WIDEST = 44.0
_TOLD = 0.005  # shares from here on have their figure at the bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; lengths in the units of the SVG's view box."""

    x: float
    y: float
    width: float
    height: float
    label: str
    """What it stands for, in words."""
    share: str
    """The figure at its end; empty for none."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One group's half of a histogram."""

    group: str
    upward: bool
    children: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One facet."""

    facet: Facet
    plots: tuple[Plot, ...]
    ticks: tuple[tuple[float, str], ...]
    """(x, text) on the axis that the plots share."""
    groups: tuple[tuple[str, Figures], ...]
    """Every group counted, in figures."""
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """(bin, children of every group): the table behind the picture."""


def charts(exposures: Sequence[Exposure]) -> tuple[Chart, ...]:
    """One chart a facet; the axis covers the most exposed child of any group."""
    return tuple(
        _chart(facet, [one for one in exposures if one.facet is facet])
        for facet in dict.fromkeys(one.facet for one in exposures)
    )


def _chart(facet: Facet, same: Sequence[Exposure]) -> Chart:
    by_group = {one.group: one for one in same}
    names = [name for name in by_group if name != ALL]
    first = SHIELDED if SHIELDED in names else next(iter(names), None)
    told, shown = list(same), list(same)
    if first is not None and ALL in by_group:
        shown = [others(by_group[ALL], by_group[first]), by_group[first]]
        told = [by_group[ALL], shown[0], *(by_group[name] for name in names)]
    lower = edges(max((users for one in same for users, _ in one.counts), default=0))
    most = max((_share(count, sum(bins(one, lower))) for one in shown for count in bins(one, lower)), default=0.0)
    step = WIDTH / len(lower)
    ticks = tuple((round((place + 0.5) * step, 2), _tick(lower[place])) for place in range(len(lower)))
    columns = [bins(one, lower) for one in told]
    return Chart(
        facet,
        tuple(_plot(one, lower, most, upward=place == 0) for place, one in enumerate(shown)),
        ticks,
        tuple((one.group, figures(one)) for one in told),
        tuple((bin_label(lower, place), tuple(column[place] for column in columns)) for place in range(len(lower))),
    )


def others(everybody: Exposure, some: Exposure) -> Exposure:
    """The children of one group without those of another, exactly."""
    left = Counter(dict(everybody.counts))
    left.subtract(dict(some.counts))
    return Exposure(everybody.facet, OTHERS, tuple((users, left[users]) for users in sorted(left) if left[users] > 0))


def _plot(exposure: Exposure, lower: list[int], most: float, *, upward: bool) -> Plot:
    counted = bins(exposure, lower)
    return Plot(exposure.group, upward, sum(counted), tuple(_bars(counted, lower, most, upward=upward)))


def _bars(counted: Sequence[int], lower: list[int], most: float, *, upward: bool) -> Iterator[Bar]:
    total, step = sum(counted), WIDTH / len(lower)
    for place, children in enumerate(counted):
        share = _share(children, total)
        height = max(round(share / most * ROOM, 2), 1.5) if children else 0.0
        told = f"{bin_label(lower, place)} users: {children:,} of {total:,} children"
        y = round(UP - height, 2) if upward else DOWN
        shown = f"{share:.0%}" if share >= _TOLD else ""
        width = round(min(step * 0.8, _WIDEST), 2)
        yield Bar(round((place + 0.5) * step - width / 2, 2), y, width, height, told, shown)


def _share(children: int, total: int) -> float:
    return children / total if total else 0.0


def _tick(edge: int) -> str:
    """Only nobody and the powers of ten have a name."""
    return short(edge) if edge == 0 or str(edge).strip("0") == "1" else ""
