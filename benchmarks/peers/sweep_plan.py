"""What the sweep would ask of a population, as a process of its own: what `overstep plan` is timed beside.

    python benchmarks/peers/sweep_plan.py DIR

Out: one JSON object, `requests` (pairs of a user and a child, once for each claims to be tried) and `roles`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from overreach.pack.config import find_pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.probe.plan import Planner


def main(folder: Path) -> None:
    """Read the policy, decide it for everybody, plan every role."""
    pack = find_pack(Path(__file__).parents[2])
    population = Population.open(folder)
    grid = Grid.build(Policy.load(pack.scenarios, pack.switches), population, pack.rungs)
    planner = Planner(population, grid, pack.sweep, pack.seed)
    plans = [planner.role(role) for role in planner.roles]
    requests = sum(len(ask.contexts) for plan in plans for ask in plan.asks)
    print(json.dumps({"requests": requests, "roles": len(plans)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
