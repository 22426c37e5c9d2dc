"""Look-ups by child, user and token, over a shape that is not an index of children."""

from __future__ import annotations

from overreach.model.canary import Minter, TokenKind
from overreach.model.terms import Facet
from overreach.population.store import Population


def test_the_values_of_a_facet_are_those_of_the_shape(readers: Population) -> None:
    """The values of a facet are those of the shape."""
    card = Minter(7).mint(TokenKind.RECORD, 3)
    assert readers.index.facet_values(3, Facet.IDENTITY) == {"Ann", card}
    assert readers.index.facet_values(3, Facet.HEALTH) == frozenset()
    assert readers.index.facet_values(99, Facet.IDENTITY) == frozenset()


def test_a_token_leads_to_its_children_and_facet(readers: Population) -> None:
    """A token leads to its children and facet."""
    assert readers.index.token_children(TokenKind.RECORD, 4) == (4,)
    assert readers.index.token_children(TokenKind.RECORD, 20) == ()
    assert readers.index.token_children(TokenKind.PLACE, 4) == ()
    assert readers.index.token_facet(TokenKind.RECORD) is Facet.IDENTITY
    assert readers.index.token_facet(TokenKind.PLACE) is None


def test_a_number_leads_to_its_child_and_a_number_never_issued_to_nobody(readers: Population) -> None:
    """A number leads to its child and a number never issued to nobody."""
    number = readers.index.child_fields(5)["number"]
    assert number is not None
    assert readers.index.child_by_number(number) == 5
    assert readers.index.child_by_number(number.upper()) == 5
    assert readers.index.child_by_number(Minter(7).mint(TokenKind.RECORD, 20)) is None
    assert readers.index.child_by_number(Minter(8).mint(TokenKind.RECORD, 5)) is None
    assert readers.index.child_by_number("4857773456") is None


def test_the_fields_of_requests_are_texts_or_nothing(readers: Population) -> None:
    """The fields of requests are texts or nothing."""
    fields = readers.index.child_fields(2)
    assert (fields["child"], fields["joined"], fields["former_name"]) == ("2", "2009-05-03", None)
    assert readers.index.user_fields(1) == {"user": 1, "post": "desk"}


def test_some_fields_of_a_child_are_those_of_all_of_them(readers: Population) -> None:
    """Whoever needs the number does not read the rest."""
    fields = readers.child_fields(2)
    assert readers.child_fields(2, {"number"}) == {name: fields[name] for name in ("child", "number")}
    assert readers.child_fields(2, set(fields)) == fields
