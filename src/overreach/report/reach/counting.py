"""Everything of exact reach that a page shows beside the matrix, counted over one population."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from overreach.model.exact import Account, Alternative, ExactReach, Fewest
from overreach.pack.config import Pack
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.reach import stolen
from overreach.reach.count import Reach
from overreach.report.reach.alternatives import Question, alternative
from overreach.report.reach.ladder import ladder
from overreach.report.reach.naming import usernames
from overreach.report.reach.ways import ways

NAMED = 5
"""Accounts named of those that together open every child."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


def silent(_text: str, _done: int, _total: int) -> None:
    """For whoever need not be told."""


def examine(  # noqa: PLR0913, PLR0917 - what everything is counted over
    pack: Pack,
    grid: Grid,
    counts: Reach,
    population: Population,
    asked: Sequence[Question],
    progress: Progress = silent,
) -> ExactReach:
    """Count it all; `counts` is of this grid and population. PolicyError where a question cannot be asked."""
    progress("climbing the rungs", 0, 1)
    climbed = tuple(ladder(grid, counts, population))
    progress("taking permitted steps", 0, 1)
    found = ways(pack, grid, population)
    compared = tuple(_compared(pack, grid, population, asked, progress))
    progress("counting stolen accounts", 0, 1)
    accounts, fewest = _stolen(grid, population)
    return ExactReach(climbed, found, compared, accounts, fewest)


def _compared(
    pack: Pack, grid: Grid, population: Population, asked: Sequence[Question], progress: Progress
) -> Iterator[Alternative]:
    for place, question in enumerate(asked):
        progress("comparing policies", place, len(asked))
        yield alternative(pack, grid.policy, population, question)


def _stolen(grid: Grid, population: Population) -> tuple[tuple[Account, ...], tuple[Fewest, ...]]:
    counted = stolen.Stolen(grid)
    accounts, fewest = counted.accounts(), counted.fewest()
    shown = [user for each in fewest for user in each.cover.users[:NAMED]]
    names = usernames(population, [*shown, *(each.user for each in accounts)])
    return tuple(
        Account(each.role, each.record_class, each.facet, each.accounts, each.most, each.median, user=names[each.user])
        for each in accounts
    ), tuple(
        Fewest(
            each.record_class,
            each.facet,
            each.rung,
            children=each.children,
            openable=each.cover.children,
            at_least=each.cover.at_least,
            at_most=each.cover.at_most,
            users=tuple(names[user] for user in each.cover.users[:NAMED]),
        )
        for each in fewest
    )
