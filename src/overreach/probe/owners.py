"""Whose a token is: computed from the token, looked up in the population, remembered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from overreach.model.canary import Minter, TokenKind
from overreach.model.population import Shape
from overreach.model.terms import Facet

REMEMBERED = 1 << 16
"""Tokens, and values of facets, kept between answers."""


class People(Protocol):
    """The population an answer is read against (`overreach.population`)."""

    @property
    def minter(self) -> Minter:
        """Reads the tokens of this population."""
        ...

    @property
    def shape(self) -> Shape:
        """Says which facet each kind of token proves."""
        ...

    def token_children(self, kind: TokenKind, row: int) -> tuple[int, ...]:
        """The children a token belongs to, ascending; empty for nobody."""
        ...

    def facet_values(self, child: int, facet: Facet) -> frozenset[str]:
        """Every text that is this child's value of the facet; empty where it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose a token is."""

    kind: TokenKind
    row: int
    """Row number in the token's own table."""
    facet: Facet
    """What it proves, besides existence."""
    children: tuple[int, ...]
    """At least one, ascending."""

    def sole(self) -> bool:
        """Whether it says of an object whose record it is."""
        return len(self.children) == 1 or self.kind is TokenKind.RECORD


class Owners:
    """Whose tokens are: one look-up, remembered."""

    def __init__(self, population: People) -> None:
        self._population = population
        self.of = lru_cache(REMEMBERED)(self._of)

    def _of(self, token: str) -> Owned | None:
        read = self._population.minter.read(token)
        if read is None:
            return None
        kind, row = read
        children = self._population.token_children(kind, row)
        owner = self._population.shape.token_owners.get(kind)
        if not children or owner is None:
            return None
        return Owned(kind, row, Facet.IDENTITY if kind is TokenKind.RECORD else owner.facet, children)
