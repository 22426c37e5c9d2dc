"""The exposure histograms as inline SVG: all children above, shielded ones below, on one log axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from overreach.model.review import Exposure
from overreach.model.terms import Facet
from overreach.report.exposure import bin_label, bins, edges

WIDTH, HEIGHT = 720, 150
LEFT, BASE, TOP = 44, 122, 18
#: In the order drawn: everybody first.
GROUPS = ("all", "shielded")


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
    """The figure above it; empty for none."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One group's histogram."""

    group: str
    children: int
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    """(x, text) on the axis; every plot of a chart has the same."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The plots of one facet, one below the other."""

    facet: Facet
    plots: tuple[Plot, ...]


def charts(exposures: Sequence[Exposure]) -> tuple[Chart, ...]:
    """One chart a facet; the axis covers the most exposed child of any group."""
    found = []
    for facet in dict.fromkeys(one.facet for one in exposures):
        same = sorted((one for one in exposures if one.facet is facet), key=_group_place)
        most = max((users for one in same for users, _ in one.counts), default=0)
        found.append(Chart(facet, tuple(_plot(one, edges(most)) for one in same)))
    return tuple(found)


def _group_place(exposure: Exposure) -> tuple[int, str]:
    known = exposure.group in GROUPS
    return (GROUPS.index(exposure.group) if known else len(GROUPS), exposure.group)


def _plot(exposure: Exposure, lower: list[int]) -> Plot:
    counted = bins(exposure, lower)
    total = sum(counted)
    step = (WIDTH - LEFT) / len(lower)
    bars = []
    for place, children in enumerate(counted):
        share = children / total if total else 0.0
        height = round(share * (BASE - TOP), 2)
        label = f"{bin_label(lower, place)} users: {children:,} of {total:,} children"
        x = round(LEFT + place * step + 3, 2)
        bars.append(Bar(x, round(BASE - height, 2), round(step - 6, 2), height, label, _share(children, share)))
    ticks = tuple((round(LEFT + (place + 0.5) * step, 2), _tick(lower, place)) for place in range(len(lower)))
    return Plot(exposure.group, total, tuple(bars), ticks)


def _tick(lower: list[int], place: int) -> str:
    return f"{lower[place]:,}+" if place + 1 == len(lower) and place > 1 else bin_label(lower, place)


def _share(children: int, share: float) -> str:
    if not children:
        return ""
    return f"{share:.0%}" if share >= 0.01 else "<1%"  # noqa: PLR2004 - one per cent
