"""`overreach reach --hazards`: what is permitted and harmful all the same."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import click

from overreach.cli.looks.deciding import decided
from overreach.cli.looks.tables import print_table
from overreach.model.finding import Hazard
from overreach.pack.config import Pack
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.reach.hazards import hazards


def look(pack: Pack, policy: Policy, population: Population) -> Look:
    """Count the hazards that the population's shape names."""
    start = time.perf_counter()
    found = hazards(decided(pack, policy, population), population)
    return Look(found, population, time.perf_counter() - start)


class Look:
    """Hazards, to be printed."""

    def __init__(self, found: tuple[Hazard, ...], population: Population, seconds: float) -> None:
        self._found = found
        self._seconds = seconds
        self._pairs = population.users_count * population.children_count

    def as_json(self) -> dict[str, Any]:
        """Every hazard with its example."""
        found = [asdict(hazard) for hazard in self._found]
        return {"pairs": self._pairs, "seconds": self._seconds, "hazards": found}

    def show(self) -> None:
        """A table, and an example of each."""
        if self._found:
            rows = ((each.title, each.rule, each.children, each.users) for each in self._found)
            print_table(("hazard", "rule", "children", "users"), rows, figures=2)
        else:
            click.echo("no hazard: what is hidden of a child is not told elsewhere")
        for each in self._found:
            click.echo(f"{each.key}: {each.example}")
        click.echo(f"{self._pairs:,} pairs in {self._seconds:.2f} s")
