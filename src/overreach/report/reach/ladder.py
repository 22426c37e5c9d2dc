"""How far each role comes up to each rung: distinct users and children at it or below."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from overreach.model.decision import RungContext
from overreach.model.exact import LadderStep
from overreach.model.terms import LOCATING, Rung
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.reach.count import Reach, reach


def ladder(grid: Grid, counts: Reach, population: Population) -> Iterator[LadderStep]:
    """The steps of every role and record class, for the facets that let somebody find a child.

    Exact; not to be had from the matrix, since the same child may be open to different users at different rungs.
    """
    rungs = sorted({context.rung for context in grid.rungs}, key=lambda rung: rung.height)
    for place, rung in enumerate(rungs):
        upto = counts if place == 0 else reach(_as_one(grid, rung), population)
        lowest = rungs[0]
        for entry in upto.entries:
            if entry.facet in LOCATING and entry.rung is lowest:
                names = (entry.role, entry.record_class, entry.facet, rung)
                yield LadderStep(*names, pairs=entry.pairs, users=entry.users, children=entry.children)


def _as_one(grid: Grid, rung: Rung) -> Grid:
    """The same decisions, with all rungs up to this one as the lowest: what is counted there is open at it or below."""
    lowest = min((context.rung for context in grid.rungs), key=lambda each: each.height)
    seen = copy.copy(grid)
    claims = (context.claims for context in grid.rungs if context.rung.height <= rung.height)
    seen.rungs = tuple(RungContext(lowest, each) for each in claims)
    return seen
