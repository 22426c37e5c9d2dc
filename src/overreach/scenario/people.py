"""Questions about the people of a stage that scenarios ask in Cedar's words; each is answered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from overreach.model.canary import LITERAL, TokenKind
from overreach.model.decision import Claims
from overreach.model.errors import PopulationError
from overreach.model.terms import Action, Facet, mask_of
from overreach.policy.grid import Grid
from overreach.population.store import Population

Rows = NDArray[np.int64]

_TOKEN = f"{LITERAL}{TokenKind.CONTACT}"


class Peopled(Protocol):
    """What these questions need of a stage: `Target` and `World` have it."""

    @property
    def population(self) -> Population:
        """Its people."""
        ...

    @property
    def grid(self) -> Grid:
        """The policy, decided for them."""
        ...


@lru_cache(maxsize=64)
def child_facts(population: Population, name: str) -> NDArray[np.object_]:
    """A fact of every child, in order; PopulationError lists the known ones."""
    facts = population.shape.child_facts
    if name not in facts:
        message = f"no fact of a child is called `{name}`"
        raise PopulationError(message, f"known: {', '.join(sorted(facts))}")
    everybody = population.shape.children
    rows = population.query(f"SELECT {facts[name]} AS fact FROM ({everybody}) ORDER BY child")  # noqa: S608 - the recipe's own SQL
    return np.array(rows["fact"].to_pylist(), dtype=np.object_)


def children_with(population: Population, facts: Mapping[str, Any]) -> Rows:
    """The children of whom all these facts hold, ascending."""
    chosen = np.ones(population.children_count, dtype=np.bool_)
    for name, wanted in facts.items():
        chosen &= (child_facts(population, name) == wanted).astype(np.bool_)
    return np.flatnonzero(chosen)


@lru_cache(maxsize=64)
def children_having(population: Population, field: str) -> Rows:
    """The children with a value in a field that requests use, ascending."""
    every = range(population.children_count)
    return np.array([child for child in every if population.child_fields(child)[field] is not None], dtype=np.int64)


@lru_cache(maxsize=64)
def cohort_members(population: Population, cohort: str, column: str) -> Rows:
    """The rows of a cohort's `user` or `child` column, ascending; PopulationError lists the known cohorts."""
    known = sorted(map(str, population.table("cohorts")["cohort"].unique().to_pylist()))
    if cohort not in known:
        message = f"no cohort is called `{cohort}`"
        raise PopulationError(message, f"known: {', '.join(known)}")
    rows = population.query(
        f'SELECT DISTINCT "{column}" AS member FROM cohorts'  # noqa: S608 - one of two names of ours
        f' WHERE cohort = $cohort AND "{column}" IS NOT NULL ORDER BY ALL',
        cohort=cohort,
    )
    return np.array(rows["member"].to_pylist(), dtype=np.int64)


@lru_cache(maxsize=8)
def may_sign_in(grid: Grid) -> NDArray[np.bool_]:
    """Whether the policy lets each user sign in."""
    return np.array(
        [grid.allows(user, None, Action.SIGN_IN, Claims()) for user in range(grid.people.users_count)], dtype=np.bool_
    )


@lru_cache(maxsize=8)
def roles(population: Population) -> tuple[str, ...]:
    """The role of every user, in order."""
    return tuple(str(population.user_fields(user)["role"]) for user in range(population.users_count))


@lru_cache(maxsize=64)
def owners_of(population: Population, facet: Facet) -> Mapping[str, frozenset[int]]:
    """Value of a facet in lower case -> the children who have it."""
    owners: dict[str, set[int]] = {}
    for child in range(population.children_count):
        for value in population.facet_values(child, facet):
            owners.setdefault(value.casefold(), set()).add(child)
    return {value: frozenset(children) for value, children in owners.items()}


def matching(population: Population, by: tuple[Facet, ...], values: Iterable[str]) -> frozenset[int]:
    """The children who have every one of these values (at least one) in the facets: all that a search could find."""
    sets = [
        frozenset().union(*(owners_of(population, facet).get(value.casefold(), ()) for facet in by)) for value in values
    ]
    return frozenset.intersection(*sets)


def permitted(
    stage: Peopled, user: int, by: tuple[Facet, ...], values: Iterable[str], claims: Claims
) -> tuple[int, ...]:
    """The children whom a search for these values may show a user, ascending (rule R12)."""
    return shown(stage, user, by, matching(stage.population, by, values), claims)


def shown(stage: Peopled, user: int, by: tuple[Facet, ...], found: Iterable[int], claims: Claims) -> tuple[int, ...]:
    """Those of the children found whom a search naming these facets may show a user, ascending (rule R12)."""
    needed = mask_of((Facet.EXISTENCE, *by))
    return tuple(child for child in sorted(found) if stage.grid.facets(user, child, claims) & needed == needed)


@lru_cache(maxsize=64)
def children_by(population: Population, field: str) -> Mapping[str, frozenset[int]]:
    """Value of a field of requests in lower case -> the children whose own it is now; former values are no one's."""
    owners: dict[str, set[int]] = {}
    for child in range(population.children_count):
        value = population.child_fields(child)[field]
        if value is not None:
            owners.setdefault(value.casefold(), set()).add(child)
    return {value: frozenset(children) for value, children in owners.items()}


class Shielding:
    """Who is shielded, and which children share a carer, as the population has it."""

    def __init__(self, population: Population) -> None:
        self._population = population

    def at_start(self, child: int) -> Mapping[str, bool]:
        """How the population has a child: `shielded` and `contacts_protected`."""
        names = ("shielded", "contacts_protected")
        return {name: bool(child_facts(self._population, name)[child]) for name in names}

    def sharing_carers(self, child: int) -> frozenset[int]:
        """The other children on whose record a carer of this child stands: telephones are shared, tokens are not."""
        owners = owners_of(self._population, Facet.CONTACTS)
        contacts = [value.casefold() for value in self._population.facet_values(child, Facet.CONTACTS)]
        return frozenset().union(*(owners[value] for value in contacts if _TOKEN in value)) - {child}
