"""A population counted for its page: all that `Counted` holds."""

from __future__ import annotations

from collections.abc import Sequence

from overreach.model.terms import Facet
from overreach.pack.config import Pack
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.reach.count import Reach
from overreach.reach.exposure import ALL
from overreach.reach.hazards import hazards
from overreach.report.reach.alternatives import Question
from overreach.report.reach.counting import Progress, examine, silent
from overreach.report.reach.deciding import deciding
from overreach.report.reach.page import Counted
from overreach.report.reach.roles import role_summaries


def count_whole(  # noqa: PLR0913, PLR0917 - what everything is counted over
    pack: Pack,
    grid: Grid,
    counts: Reach,
    population: Population,
    asked: Sequence[Question],
    progress: Progress = silent,
) -> Counted:
    """Count what the page tells; `counts` is of this grid and population. PolicyError as `examine`."""
    progress("asking which policies decide", 0, 1)
    behind = deciding(grid)
    progress("looking for hazards", 0, 1)
    harmful = hazards(grid, population)
    exact = examine(pack, grid, counts, population, asked, progress)
    return Counted(
        recipe=population.meta.recipe,
        seed=population.meta.seed,
        as_of=str(population.meta.as_of),
        users=population.users_count,
        children=population.children_count,
        cells=counts.cells,
        switches=tuple(sorted(grid.policy.switches.items())),
        policy_digest=grid.policy.digest,
        population_digest=population.digest,
        roles=role_summaries(population, grid.policy),
        classes=tuple(grid.policy.classes),
        entries=counts.entries,
        deciding=behind,
        policies=tuple(grid.policy.rules.values()),
        exposure=counts.exposures(Facet, (ALL, *counts.child_classes)),
        hazards=harmful,
        exact=exact,
    )
