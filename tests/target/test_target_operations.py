"""Requests are filled from a child's fields so that no value can change what is asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.errors import PackError
from overreach.pack.config import Pack
from overreach.target.operations import fields_of, needed, render

TARGET = Pack.read(Path(__file__).parents[2]).target
VIEW, OPEN, BY_CARER = (TARGET.operation(name) for name in ("view", "open", "search by carer"))
APPOINT, TRAIN, MERGE = (TARGET.operation(name) for name in ("appoint", "note training", "merge"))
FIELDS = {"number": "qxzc1", "date_of_birth": "2001-02-03", "carer_name": None}


def test_a_body_holds_the_childs_fields_and_the_stated_reason() -> None:
    """The reason stands where the operation says that it is carried."""
    request = render(VIEW, FIELDS, Claims(reason="welfare"), "r-1")
    assert request is not None
    assert (request.method, request.path, request.request_id) == ("POST", "/children/view", "r-1")
    assert orjson.loads(request.body) == {"number": "qxzc1", "date_of_birth": "2001-02-03", "reason": "welfare"}


def test_without_a_reason_none_is_sent() -> None:
    """Not even an empty one."""
    request = render(VIEW, FIELDS, Claims(override=True, approvals=1), "r")
    assert request is not None
    assert orjson.loads(request.body).keys() == {"number", "date_of_birth"}


def test_an_operation_without_a_body_sends_none() -> None:
    """An operation that carries no reason does not get one."""
    request = render(OPEN, FIELDS, Claims(reason="welfare"), "r")
    assert request is not None
    assert (request.path, request.body) == ("/children/qxzc1", "")


def test_a_child_without_a_needed_value_is_not_asked_about() -> None:
    """There is nothing to ask."""
    assert render(BY_CARER, FIELDS, Claims(), "r") is None


def test_a_field_that_the_population_lacks_is_an_error_of_the_pack() -> None:
    """It names operation and field."""
    with pytest.raises(PackError, match=r"operation `open` names `child\.shoe_size`") as refused:
        render(replace(OPEN, path="/children/{child.shoe_size}"), FIELDS, Claims(), "r")
    assert "number" in refused.value.remedy


def test_the_needed_fields_are_those_of_path_and_body() -> None:
    """In their order."""
    assert needed(VIEW, FIELDS) == ("number", "date_of_birth")
    assert needed(OPEN, FIELDS) == ("number",)


def test_another_user_and_what_becomes_of_their_facts_are_filled_in() -> None:
    """In a path as in a body, quoted like any value."""
    fields = {**FIELDS, **fields_of("other", {"username": "a/b"}), **fields_of("to", {"role": "social_worker"})}
    request = render(APPOINT, fields, Claims(), "r")
    assert request is not None
    assert (request.method, request.path) == ("PUT", "/users/a%2Fb/role")
    assert orjson.loads(request.body) == {"role": "social_worker"}
    assert needed(APPOINT, FIELDS) == ("other.username", "to.role")


def test_what_is_done_for_somebody_is_not_asked_about_a_child_alone() -> None:
    """The sweep, which has a child and no other user, leaves such operations out."""
    assert render(APPOINT, FIELDS, Claims(), "r") is None
    assert render(MERGE, FIELDS, Claims(), "r") is None
    merged = render(MERGE, {**FIELDS, **fields_of("into", {"number": "qxzc2"})}, Claims(), "r")
    assert merged is not None
    assert (merged.path, orjson.loads(merged.body)) == ("/children/qxzc1/merge", {"into": "qxzc2"})


def test_a_member_that_is_true_or_false_stays_so() -> None:
    """It is no text."""
    request = render(TRAIN, fields_of("other", {"username": "a"}), Claims(), "r")
    assert request is not None
    assert orjson.loads(request.body) == {"trained": True}


def test_a_value_that_is_missing_stays_missing() -> None:
    """A user without an area is not asked for with the text `None`."""
    assert fields_of("other", {"area": None, "user": 7}) == {"other.area": None, "other.user": "7"}


@given(st.text(), st.text(min_size=1))
def test_no_value_changes_what_is_asked(number: str, born: str) -> None:
    """Slashes, quotes, braces and templates inside a value stay inside the value."""
    fields: dict[str, str | None] = {"number": number.encode(errors="replace").decode(), "date_of_birth": born}
    fields["date_of_birth"] = born.encode(errors="replace").decode()
    one, other = render(OPEN, fields, Claims(), "r"), render(VIEW, fields, Claims(), "r")
    assert one is not None
    assert other is not None
    assert one.path.count("/") == 2
    assert one.path.isascii()
    assert unquote(one.path).removeprefix("/children/") == fields["number"]
    assert orjson.loads(other.body) == {"number": fields["number"], "date_of_birth": fields["date_of_birth"]}
