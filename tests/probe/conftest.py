"""A town of six children that fits in a screen, with the look-ups of a population."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from overreach.model.canary import Minter, TokenKind
from overreach.model.population import Shape, TokenOwner
from overreach.model.terms import Facet

_OWNERS: dict[TokenKind, dict[int, tuple[int, ...]]] = {
    TokenKind.RECORD: {child: (child,) for child in range(6)},
    TokenKind.PLACE: {0: (0, 1), 1: (2,), 2: (3, 4, 5)},
    TokenKind.CONTACT: {0: (0, 1), 1: (2,), 2: (1, 2)},
}


@dataclass
class Town:
    """Children 0 and 1 are siblings; 1 and 2 share a carer; 3, 4 and 5 live in one house; 5 has no school."""

    minter: Minter = field(default_factory=lambda: Minter(7))

    @property
    def shape(self) -> Shape:
        """Only the owners of tokens matter here."""
        owners = {
            TokenKind.RECORD: TokenOwner(Facet.IDENTITY, ""),
            TokenKind.PLACE: TokenOwner(Facet.WHEREABOUTS, ""),
            TokenKind.CONTACT: TokenOwner(Facet.CONTACTS, ""),
        }
        return Shape({}, {}, "", ("", ""), "", "", {}, owners, "", "", {})

    def token_children(self, kind: TokenKind, row: int) -> tuple[int, ...]:
        """The children a token belongs to."""
        return _OWNERS[kind].get(row, ())

    def facet_values(self, child: int, facet: Facet) -> frozenset[str]:
        """Every value of a child's facet."""
        house = next(row for row, owners in _OWNERS[TokenKind.PLACE].items() if child in owners)
        values = {
            Facet.IDENTITY: {f"Given{child}", "Smith", "female", f"200{child}-01-31"},
            Facet.WHEREABOUTS: {
                f"{self.minter.mint(TokenKind.PLACE, house).capitalize()} House",
                "High Street",
                f"LS{house + 1} 2CK",
            },
            Facet.CONTACTS: {f"07700 90000{child}"},
            Facet.EDUCATION: {"Hill School"} if child != 5 else set(),
        }
        return frozenset(values.get(facet, ()))


@pytest.fixture(scope="session")
def town() -> Town:
    """The one town."""
    return Town()
