"""The closure over steps, with people by their names."""

from __future__ import annotations

from collections.abc import Mapping

from overreach.model.exact import Taken, Way
from overreach.pack.config import Pack
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.reach import closure
from overreach.report.reach.naming import record_numbers, usernames


def ways(pack: Pack, grid: Grid, population: Population) -> tuple[Way, ...]:
    """The shortest ways by the steps that the pack declares; none where it declares none."""
    if not pack.steps:
        return ()
    found = closure.closure(grid, pack.steps, pack.target.raising)
    people = [person for chain in found for person in _people(chain)]
    users, children = usernames(population, people), record_numbers(population, (chain.child for chain in found))
    return tuple(_way(chain, users, children) for chain in found)


def _people(chain: closure.Chain) -> list[int]:
    taken = [person for step in chain.steps for person in (step.user, step.approved_by)]
    return [person for person in (chain.user, chain.other, *taken) if person is not None]


def _way(chain: closure.Chain, users: Mapping[int, str], children: Mapping[int, str]) -> Way:
    return Way(
        role=chain.role,
        record_class=chain.record_class,
        facets=chain.facets,
        steps=tuple(_taken(chain, step, users) for step in chain.steps),
        rung=chain.rung,
        accomplice=chain.accomplice or "",
        user=users[chain.user],
        child=children[chain.child],
        other="" if chain.other is None else users[chain.other],
        pairs=chain.pairs,
    )


def _taken(chain: closure.Chain, step: closure.Taken, users: Mapping[int, str]) -> Taken:
    return Taken(
        name=step.name,
        changes=tuple((name, str(value)) for name, value in step.to.items()),
        user=users[step.user],
        by_accomplice=step.user == chain.other,
        approved_by="" if step.approved_by is None else users[step.approved_by],
        operation=step.operation or "",
    )
