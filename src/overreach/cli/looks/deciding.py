"""The policy, decided for a whole population and checked by the second oracle before anything is counted."""

from __future__ import annotations

from overreach.pack.config import Pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.reach.count import Reach, reach

CHECKED = 500  # decisions of the columns that cedarpy takes again


def decided(pack: Pack, policy: Policy, population: Population) -> Grid:
    """The grid at the pack's rungs; PolicyError as `Grid.build`, and where cedarpy decides otherwise."""
    grid = Grid.build(policy, population, pack.rungs)
    grid.check(CHECKED, pack.seed)
    return grid


def counted(pack: Pack, policy: Policy, population: Population) -> tuple[Grid, Reach]:
    """The same with everything counted; the cells to check are those that were counted."""
    grid = Grid.build(policy, population, pack.rungs)
    counts = reach(grid, population)
    counts.check(CHECKED, pack.seed)
    return grid, counts
