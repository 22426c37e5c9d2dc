"""What synthetic users and children are called."""

from __future__ import annotations

from collections.abc import Iterable

from overreach.model.canary import TokenKind
from overreach.policy.facts import People
from overreach.population.store import Population


def usernames(population: People, users: Iterable[int]) -> dict[int, str]:
    """Row number -> username."""
    return _named(population, population.shape.user_fields, "username", users)


def record_numbers(population: Population, children: Iterable[int]) -> dict[int, str]:
    """Row number -> record number; where numbers are tokens they are minted again, without reading any field."""
    wanted = sorted(set(children))
    owner = population.shape.token_owners.get(TokenKind.RECORD)
    if owner is None or not wanted:
        return _named(population, population.shape.child_fields, "number", wanted)
    places = ", ".join(str(int(child)) for child in wanted)
    found = population.query(
        f'SELECT child, "row" AS place FROM ({owner.children}) WHERE child IN ({places})'  # noqa: S608 - the recipe's own SQL
    ).to_pylist()
    return {row["child"]: population.minter.mint(TokenKind.RECORD, row["place"]) for row in found}


def _named(population: People, fields: str, column: str, rows: Iterable[int]) -> dict[int, str]:
    wanted = sorted(set(rows))
    if not wanted:
        return {}
    places = ", ".join(str(int(row)) for row in wanted)
    found = population.query(
        f"SELECT place, name FROM (SELECT row_number() OVER () - 1 AS place, {column} AS name FROM ({fields})) "  # noqa: S608 - the recipe's own SQL
        f"WHERE place IN ({places})"
    ).to_pylist()
    return {row["place"]: str(row["name"]) for row in found}
