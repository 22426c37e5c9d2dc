"""Which operation a request was, whom it asked about, and with what reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.probe import Answer
from overreach.model.terms import Action, Facet
from overreach.pack.config import Pack
from overreach.wire.exchange import Exchange, Matched, Matcher

TARGET = Pack.read(Path(__file__).parents[2]).target
NUMBER = "qxzc4k2m9tpw"


def exchange(method: str, target: str, body: object = None, status: int = 200) -> Exchange:
    """A request with an empty answer."""
    data = b"" if body is None else json.dumps(body).encode()
    return Exchange(method, target, (), data, Answer(status, (), b"", 0.1), at=0.0)


def matched(method: str, target: str, body: object = None) -> Matched:
    """What a request is taken for, where one child with row 7 exists."""
    return Matcher(TARGET, lambda number: 7 if number == NUMBER else None).match(exchange(method, target, body))


def test_a_number_in_the_path_names_the_child() -> None:
    """The template of the operation says where it stands."""
    found = matched("GET", f"/children/{NUMBER}")
    assert (found.operation.name, found.child, found.number, found.reason) == ("open", 7, NUMBER, None)


def test_a_number_in_the_body_names_the_child() -> None:
    """A view by number and date of birth, with its reason."""
    body = {"number": NUMBER, "date_of_birth": "2001-02-03", "reason": "welfare"}
    found = matched("POST", "/children/view", body)
    assert (found.operation.name, found.child, found.reason) == ("view", 7, "welfare")


def test_a_number_of_nobody_is_no_child() -> None:
    """It is kept as sent, for the reasons declared for it."""
    found = matched("POST", "/children/qxzc00000000/reason", {"reason": "welfare"})
    assert (found.operation.name, found.child, found.number) == ("declare", None, "qxzc00000000")


@pytest.mark.parametrize("name", [name for name, operation in TARGET.operations.items() if operation.by])
def test_every_search_of_the_pack_is_recognised_by_its_members(name: str) -> None:
    """With and without a reason."""
    operation = TARGET.operation(name)
    body = dict.fromkeys(operation.body, "x")
    assert matched("POST", "/children/search", body).operation == operation
    assert matched("POST", "/children/search", {**body, "reason": "welfare"}).operation == operation


def test_a_search_that_no_operation_describes_names_the_facets_of_its_members() -> None:
    """A search by surname and postcode names identity and whereabouts, whatever the pack asks itself."""
    found = matched("POST", "/children/search", {"family_name": "x", "postcode": "y"})
    assert set(found.operation.by) == {Facet.IDENTITY, Facet.WHEREABOUTS}


def test_a_member_shared_by_many_searches_names_what_they_have_in_common() -> None:
    """A date of birth belongs to identity, though searches by school send it too."""
    assert matched("POST", "/children/search", {"date_of_birth": "x"}).operation.by == (Facet.IDENTITY,)


def test_reading_the_log_is_recognised() -> None:
    """With its page in the query; anything else unknown is an operation of its own, without an action."""
    assert matched("GET", "/log?after=0&limit=5").operation.action is Action.READ_LOG
    unknown = matched("GET", "/openapi.json")
    assert (unknown.operation.name, unknown.operation.action) == ("GET /openapi.json", None)


@given(body=st.binary(max_size=40), path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20))
def test_no_request_is_too_odd_to_be_matched(body: bytes, path: str) -> None:
    """Whatever comes is taken for something."""
    odd = Exchange("POST", f"/{path}", (), body, Answer(200, (), b"", 0.1), at=0.0)
    assert Matcher(TARGET, lambda _: None).match(odd).operation.path == f"/{path}".partition("?")[0]
