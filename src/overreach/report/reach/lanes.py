"""The closure as a small graph: one lane for each sequence of steps, with everything that it opens behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from overreach.model.exact import Taken, Way
from overreach.model.terms import LOCATING, Facet, Rung
from overreach.report.wording import column_order, words


@dataclass(frozen=True, slots=True)
class Node:
    """One step as a box."""

    title: str
    changes: tuple[str, ...]
    by: str
    approved: bool
    operation: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a lane opens to one role: facets, and the record classes in which it does."""

    role: str
    facets: tuple[Facet, ...]
    classes: tuple[tuple[str, int | None], ...]
    """(record class, pairs for which it works alone; None with an accomplice)."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One sequence of steps from what cannot be read to what is read."""

    accomplice: str
    nodes: tuple[Node, ...]
    rung: Rung | None
    facets: tuple[Facet, ...]
    roles: tuple[str, ...]
    locating: bool
    """Whether it leads to a facet that lets somebody find a child."""
    rows: tuple[Row, ...]
    example: Way


def lanes(ways: Iterable[Way]) -> tuple[Lane, ...]:
    """Ways of the same steps together; those first that lead to where a child is, then those open to most roles."""
    groups: dict[tuple[object, ...], list[Way]] = {}
    for way in ways:
        steps = tuple(_node(way, step) for step in way.steps)
        groups.setdefault((way.accomplice, steps, way.rung), []).append(way)
    found = [_lane(group) for group in groups.values()]
    return tuple(sorted(found, key=lambda lane: (not lane.locating, len(lane.nodes), -len(lane.roles))))


def _lane(group: list[Way]) -> Lane:
    first = min(group, key=lambda way: not LOCATING & set(way.facets))
    facets = tuple(column_order(facet for way in group for facet in way.facets))
    return Lane(
        accomplice=first.accomplice,
        nodes=tuple(_node(first, step) for step in first.steps),
        rung=first.rung,
        facets=facets,
        roles=tuple(sorted({way.role for way in group})),
        locating=bool(LOCATING & set(facets)),
        rows=tuple(_rows(group)),
        example=first,
    )


def _rows(group: list[Way]) -> Iterable[Row]:
    classes: dict[tuple[str, tuple[Facet, ...]], list[tuple[str, int | None]]] = {}
    for way in group:
        classes.setdefault((way.role, way.facets), []).append((way.record_class, way.pairs))
    for (role, facets), names in sorted(classes.items()):
        yield Row(role, facets, tuple(names))


def _node(way: Way, step: Taken) -> Node:
    return Node(
        title=step.name,
        changes=tuple(f"{words(name)} = {words(value)}" for name, value in step.changes),
        by=f"by the accomplice, {words(way.accomplice)}" if step.by_accomplice else "by the reader",
        approved=bool(step.approved_by),
        operation=step.operation,
    )
