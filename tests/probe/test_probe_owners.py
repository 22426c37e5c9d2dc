"""Whose a token is."""

from __future__ import annotations

from overreach.model.canary import Minter, TokenKind
from overreach.model.terms import Facet
from overreach.probe.owners import Owners, People


def test_a_token_belongs_to_the_children_of_its_row_and_proves_its_facet(town: People) -> None:
    """A record number proves identity; an address belongs to everybody who lives there."""
    owners = Owners(town)
    record = owners.of(town.minter.mint(TokenKind.RECORD, 2))
    place = owners.of(town.minter.mint(TokenKind.PLACE, 2))
    assert record is not None
    assert (record.facet, record.children, record.sole()) == (Facet.IDENTITY, (2,), True)
    assert place is not None
    assert (place.row, place.facet, place.children, place.sole()) == (2, Facet.WHEREABOUTS, (3, 4, 5), False)


def test_a_token_of_nobody_has_no_owner(town: People) -> None:
    """Beyond the last row, of another population, or not a token at all."""
    owners = Owners(town)
    assert owners.of(town.minter.mint(TokenKind.RECORD, 6)) is None
    assert owners.of(Minter(8).mint(TokenKind.RECORD, 0)) is None
    assert owners.of("qxzc") is None
