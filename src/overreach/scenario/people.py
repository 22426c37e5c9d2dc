"""Questions about a population that scenarios ask in Cedar's words."""

from __future__ import annotations

from typing import Any

from overreach.model.errors import PopulationError
from overreach.population.store import Population


def child_facts(population: Population, name: str) -> list[Any]:
    """A fact of every child, in order; PopulationError lists the known ones."""
    facts = population.shape.child_facts
    if name not in facts:
        message = f"no fact of a child is called `{name}`"
        raise PopulationError(message, f"known: {', '.join(sorted(facts))}")
    rows = population.query(f"SELECT {facts[name]} AS fact FROM children ORDER BY child")  # noqa: S608 - the recipe's own SQL
    values: list[Any] = rows["fact"].to_pylist()
    return values


def children_where(population: Population, name: str) -> frozenset[int]:
    """The children of whom a fact holds."""
    return frozenset(child for child, value in enumerate(child_facts(population, name)) if value)
