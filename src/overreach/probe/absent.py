"""Values that nobody has, in the form of those that somebody has: what a forbidden answer must equal."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cached_property

from overreach.model.canary import TokenKind
from overreach.population.store import Population

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TRIES = 100


class Absent:
    """Makes such values for one population; the same question gets the same answer."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._values: dict[str, tuple[str, ...]] = {}
        self._made: dict[tuple[str, str], str] = {}

    def number(self, child: int) -> str:
        """A record number that was never issued; another one for each child."""
        return self._population.minter.mint(TokenKind.RECORD, self._population.children_count + 1_000_000 + child)

    def like(self, child: int, names: Sequence[str]) -> dict[str, str | None]:
        """The fields of a child, except that nobody has the ones named; a date keeps its value."""
        fields = dict(self._population.child_fields(child))
        for name in names:
            value = fields[name]
            if name == "number":
                fields[name] = self.number(child)
            elif value is not None and not _DATE.fullmatch(value):
                fields[name] = self.value(name, value)
        return fields

    def value(self, name: str, like: str) -> str:
        """A value that nobody has in any field, as long as `like`, with each character from a real one."""
        if (name, like) not in self._made:
            self._made[name, like] = self._make(name, like)
        return self._made[name, like]

    @cached_property
    def _taken(self) -> frozenset[str]:
        """Every text that is some child's value: a request's field has one of them, a second carer's is another."""
        found: set[str] = set()
        for sql in self._population.shape.facet_values.values():
            rows = self._population.query(f"SELECT DISTINCT value FROM ({sql}) WHERE value IS NOT NULL")  # noqa: S608 - the shape's own SQL
            found.update(str(value).casefold() for value in rows.column("value").to_pylist())
        return frozenset(found)

    def _make(self, name: str, like: str) -> str:
        if name not in self._values:
            population = self._population
            found = {population.child_fields(child)[name] for child in range(population.children_count)}
            self._values[name] = tuple(sorted(value for value in found if value is not None))
        values = self._values[name]
        known = {value.casefold() for value in values} | self._taken
        donors = [value for value in values if len(value) >= len(like)] or [like]
        choose = random.Random(f"{name}:{like}")  # noqa: S311 - chooses letters, keeps nothing secret
        for _ in range(_TRIES):
            made = "".join(choose.choice(donors)[place] for place in range(len(like)))
            if made.casefold() not in known:
                return made
        return f"{like} {like}"
