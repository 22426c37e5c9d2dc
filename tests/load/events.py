"""A world in which there is something to change: more children and officers than the smallest has."""

from __future__ import annotations

from collections.abc import Sequence

from overreach.load.befalling import Befalling, draw
from overreach.load.changes import Change
from overreach.load.members import members
from overreach.probe.session import Bench


def drawn(bench: Bench, seed: int = 1) -> list[Befalling]:
    """The events of a load in which everybody takes part."""
    return draw(bench, seed, members(bench, seed))


def of_kind(events: Sequence[Befalling], kind: str) -> list[Befalling]:
    """Those of one kind."""
    return [each for each in events if each.event.name == kind]


def receiver(bench: Bench, what: Befalling) -> int:
    """A member of the one area of somebody else."""
    relations = bench.grid.relations
    ours = relations.area_of[what.child]
    return next(
        user
        for user in range(bench.population.users_count)
        if relations.has_area[user].sum() == 1 and not relations.has_area[user, ours]
    )


def change_of(bench: Bench, what: Befalling, sent: float = 10.0, done: float | None = 11.0) -> Change:
    """An event as it took hold between two times."""
    to = receiver(bench, what) if what.event.moves else None
    return Change(what.event.name, what.child, what.into, to, sent, done)
