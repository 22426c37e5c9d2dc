"""The matrix by policy alone: role x facet for each record class, and the policies behind every row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from overreach.model.review import RoleSummary
from overreach.model.terms import Facet, Rung
from overreach.reach.count import ReachEntry
from overreach.report.reach.deciding import Deciding
from overreach.report.reach.pictures import guarded
from overreach.report.wording import children, compact, users


@dataclass(frozen=True, slots=True)
class Cell:
    """One role and facet."""

    rungs: tuple[Rung, ...]
    """Those that open it of further pairs; empty where every rung leaves it closed."""
    figures: str
    """Children of one member and of the whole role, at the first of them."""
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One role; no cells where it has no pair of the class."""

    role: RoleSummary
    cells: tuple[Cell, ...]
    deciding: tuple[Deciding, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One tab: a record class."""

    record_class: str
    sectors: tuple[tuple[str, int, tuple[Row, ...]], ...]
    """(sector, users, rows)."""


def panels(
    entries: Iterable[ReachEntry],
    classes: Sequence[str],
    roles: Sequence[RoleSummary],
    behind: Mapping[tuple[str, str], tuple[Deciding, ...]],
) -> tuple[Panel, ...]:
    """One panel a record class, the one to look at first in front."""
    found: dict[tuple[str, str], dict[Facet, list[ReachEntry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        found[entry.role, entry.record_class][entry.facet].append(entry)
    order = sorted(classes, key=lambda name: name != guarded(classes))
    return tuple(Panel(name, tuple(_sectors(name, found, roles, behind))) for name in order)


def _sectors(
    record_class: str,
    found: Mapping[tuple[str, str], Mapping[Facet, Sequence[ReachEntry]]],
    roles: Sequence[RoleSummary],
    behind: Mapping[tuple[str, str], tuple[Deciding, ...]],
) -> Iterable[tuple[str, int, tuple[Row, ...]]]:
    for sector in dict.fromkeys(role.sector for role in roles):
        own = [role for role in roles if role.sector == sector]
        rows = tuple(
            Row(role, _cells(found.get((role.role, record_class), {})), behind.get((role.role, record_class), ()))
            for role in own
        )
        yield sector, sum(role.users for role in own), rows


def _cells(facets: Mapping[Facet, Sequence[ReachEntry]]) -> tuple[Cell, ...]:
    return tuple(_cell(facets[facet]) for facet in Facet if facet in facets)


def _cell(entries: Sequence[ReachEntry]) -> Cell:
    opened = [entry for entry in entries if entry.pairs]
    if not opened:
        return Cell((), "", "closed")
    said = [
        f"{entry.rung}: {users(entry.users)}, {children(entry.children)}; one member at this rung or below:"
        f" {entry.one_member_min:,} to {entry.one_member:,}, median {entry.one_member_median:,}"
        for entry in opened
    ]
    first = opened[0]
    rungs = tuple(entry.rung for entry in opened)
    return Cell(rungs, f"{compact(first.one_member)} / {compact(first.children)}", "; ".join(said))
