"""What `overreach reach` tells of single people and of exposure: rows of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from overreach.model.canary import TokenKind
from overreach.model.errors import PopulationError
from overreach.model.terms import Facet
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.reach import exposure as exposures
from overreach.reach.count import Reach

ALL: Final = exposures.ALL


@dataclass(frozen=True, slots=True)
class View:
    """One answer, beside the matrix."""

    key: str
    """In the JSON."""
    title: str
    rows: Sequence[Mapping[str, object]]
    """All of them have the same keys."""
    hidden: frozenset[str] = frozenset()
    """Keys that are too much to read: for the JSON only."""


def exposure_of_all(counts: Reach) -> View:
    """How many users could open each facet of one child, at any rung: over all children and each class of them."""
    rows = [
        {
            "group": each.group,
            "facet": each.facet.value,
            "children": sum(children for _, children in each.counts),
            "users_min": each.counts[0][0],
            "users_median": _median(each.counts),
            "users_max": each.counts[-1][0],
            "counts": each.counts,
        }
        for each in counts.exposures(Facet, (ALL, *counts.child_classes))
        if each.counts
    ]
    return View("exposure", "users who could open a facet of one child, at any rung", rows, frozenset({"counts"}))


def exposure_of_child(grid: Grid, population: Population, number: str) -> View:
    """Who could open what of the child with that record number; PopulationError where there is none."""
    read = population.minter.read(number.lower())
    owner = population.shape.token_owners.get(TokenKind.RECORD)
    if read is not None and read[0] is TokenKind.RECORD and owner is not None:
        found = population.query(f'SELECT child FROM ({owner.children}) WHERE "row" = $row', row=read[1])  # noqa: S608 - the shape's own SQL
        if found.num_rows:
            rows = [asdict(each) for each in exposures.of_child(grid, found["child"][0].as_py())]
            return View("exposure", f"users who could open a facet of `{number}`, at a rung or below", rows)
    message = f"no child of this population has the number `{number}`"
    raise PopulationError(message, "take one from the table `children`, or `all`")


def reach_of_user(grid: Grid, population: Population, username: str) -> View:
    """How many children's facets the user of that name could open; PopulationError where there is none."""
    sql = f'SELECT "user" FROM ({population.shape.user_fields}) WHERE username = $name'  # noqa: S608 - the shape's own SQL
    found = population.query(sql, name=username)
    if not found.num_rows:
        message = f"no user of this population is called `{username}`"
        raise PopulationError(message, "take a user name from the table `users`")
    rows = [asdict(each) for each in exposures.of_user(grid, found["user"][0].as_py())]
    return View("user", f"children of whom `{username}` could open a facet, at a rung or below", rows)


def _median(counts: Sequence[tuple[int, int]]) -> int:
    """Users of the child in the middle; of two, of the lower one."""
    middle = (sum(children for _, children in counts) + 1) // 2
    below = 0
    for users, children in counts:
        below += children
        if below >= middle:
            return users
    return 0
