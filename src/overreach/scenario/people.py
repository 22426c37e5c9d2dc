"""Questions about the people of a stage that scenarios ask in Cedar's words; each is answered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from overreach.model.canary import LITERAL, TokenKind
from overreach.model.decision import Claims
from overreach.model.terms import Facet, mask_of
from overreach.population.people import People, Peopled
from overreach.population.store import Population

_TOKEN = f"{LITERAL}{TokenKind.CONTACT}"


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
    where: Peopled, user: int, by: tuple[Facet, ...], values: Iterable[str], claims: Claims
) -> tuple[int, ...]:
    """The children whom a search for these values may show a user, ascending (rule R12)."""
    return shown(where, user, by, matching(where.people.population, by, values), claims)


def shown(where: Peopled, user: int, by: tuple[Facet, ...], found: Iterable[int], claims: Claims) -> tuple[int, ...]:
    """Those of the children found whom a search naming these facets may show a user, ascending (rule R12)."""
    needed = mask_of((Facet.EXISTENCE, *by))
    return tuple(child for child in sorted(found) if where.people.grid.facets(user, child, claims) & needed == needed)


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

    def __init__(self, people: People) -> None:
        self._people = people

    def at_start(self, child: int) -> Mapping[str, bool]:
        """How the population has a child: `shielded` and `contacts_protected`, where it knows them."""
        names = {"shielded", "contacts_protected"} & set(self._people.population.shape.child_facts)
        return {name: bool(self._people.children.fact_of(child, name)) for name in names}

    def sharing_carers(self, child: int) -> frozenset[int]:
        """The other children on whose record a carer of this child stands: telephones are shared, tokens are not."""
        population = self._people.population
        owners = owners_of(population, Facet.CONTACTS)
        contacts = [value.casefold() for value in population.facet_values(child, Facet.CONTACTS)]
        return frozenset().union(*(owners[value] for value in contacts if _TOKEN in value)) - {child}
