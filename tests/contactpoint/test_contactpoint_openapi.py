"""The OpenAPI document is valid, complete, and true."""

from __future__ import annotations

import re
import sys
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from tests.contactpoint.inside import Inside, key_of
from tests.contactpoint.tables import AWAY, PLAIN, SHIELDED, number_of

from overreach.contactpoint.describing import NOT_BLANK
from overreach.contactpoint.openapi import document as document_of
from overreach.contactpoint.routes import ROUTES

BLANK = [letter for letter in map(chr, range(sys.maxunicode)) if letter.isspace()]


def document() -> dict[str, Any]:
    """The document of the correct routes."""
    return document_of(ROUTES)


def test_the_document_is_valid_openapi_3_1() -> None:
    """As the specification has it."""
    validate(document(), cls=OpenAPIV31SpecValidator)


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    """Besides the two pages that are open to everybody."""
    written = {(method.upper(), path) for path, item in document()["paths"].items() for method in item}
    served = {(route.method, route.path) for route in ROUTES}
    assert written == served | {("GET", "/health"), ("GET", "/openapi.json")}


def test_it_is_served(inside: Inside) -> None:
    """Without a sign-in."""
    assert inside.ask("GET", "/openapi.json").json == document()


@pytest.mark.parametrize(
    ("username", "child"),
    [("social_worker", PLAIN), ("social_worker", SHIELDED), ("management_team", SHIELDED), ("social_worker", AWAY)],
)
def test_records_have_the_form_it_states(inside: Inside, username: str, child: int) -> None:
    """Whatever the mask."""
    _check("Record", inside.by(username, "POST", "/children/view", key_of(child)).json)


def test_pages_and_log_rows_have_the_form_it_states(inside: Inside) -> None:
    """A page of a search, each row of the log, masked or not, each alert and each finding."""
    _check("Page", inside.search("social_worker", family_name="Plain").json)
    inside.view("social_worker", PLAIN)
    for place in ("/log?case=tests", "/log"):
        for row in inside.by("central_team", "GET", place).json["entries"]:
            _check("AuditEvent", row)
    for row in inside.by("central_team", "GET", "/alerts").json["alerts"]:
        _check("Alert", row)
    storage = inside.app.parts.storage
    storage._connection.execute("UPDATE users SET vetted_on = '2001-01-01', leaves_on = '2009-05-17' WHERE user = 13")
    findings = inside.by("central_team", "GET", "/findings").json["findings"]
    assert findings
    for row in findings:
        _check("Finding", row)
    _check("Error", inside.ask("GET", "/log").json)


def test_a_refusal_by_name_has_the_form_it_states(inside: Inside) -> None:
    """Of an amendment with something that is no field of the record."""
    path = f"/children/{number_of(PLAIN)}"
    _check("Refusal", inside.by("data_manager", "PATCH", path, {"case_notes": "x"}).json)


@given(st.text(max_size=3, alphabet=st.one_of(st.characters(), st.sampled_from(BLANK))))
def test_text_that_is_not_blank_is_so_for_schema_and_registry(text: str) -> None:
    """One set of blanks: what the registry strips is what the pattern does not count."""
    assert (re.search(NOT_BLANK, text) is not None) == bool(text.strip())


def _check(name: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    jsonschema.Draft202012Validator(schema).validate(value)
