"""Recording and removing services; sensitive ones above all."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contactpoint.inside import Inside
from tests.contactpoint.later import move_on, rows
from tests.contactpoint.serving import CONSENT, HARM, ORDINARY, SENSITIVE, at, declare, entries, record, remove
from tests.contactpoint.tables import ARCHIVED_FIRST, FAR, PLAIN, SHIELDED, SIBLING

from overreach.contactpoint.decisions.services import comes_back, grounded
from overreach.contactpoint.facts import Basis, Service
from overreach.contactpoint.openapi import document
from overreach.contactpoint.routes import ROUTES

READERS = ("social_worker", "child_protection_worker", "head_teacher")


def seen(inside: Inside) -> list[bytes]:
    """What ordinary users are shown of the plain child, to the byte."""
    return [inside.view(username, PLAIN).body for username in READERS]


def test_an_ordinary_service_is_recorded_and_read(inside: Inside) -> None:
    """By whoever reads the services of a child; the record counts as updated."""
    inside.view("social_worker", PLAIN)
    move_on(inside, timedelta(days=1))
    assert record(inside, "health_visitor", PLAIN, ORDINARY).status == 201
    shown = inside.view("social_worker", PLAIN).json
    assert shown["services"][-1] == ORDINARY
    assert shown["provenance"]["updated"] == "2009-05-19"


@pytest.mark.parametrize("basis", [CONSENT, {**CONSENT, "consent": "parent"}, HARM])
def test_a_sensitive_service_changes_nothing_that_ordinary_users_see(inside: Inside, basis: dict[str, str]) -> None:
    """Neither when it comes nor when it goes, the day of the last update included (R2)."""
    before = seen(inside)
    move_on(inside, timedelta(days=1))
    answer = record(inside, "social_worker", PLAIN, {**SENSITIVE, "basis": basis})
    assert answer.status == 201
    assert seen(inside) == before
    kept = inside.view("management_team", PLAIN).json["sensitive_services"]
    assert kept[-1] == {"kind": "sexual health", "provider": "Still Waters"}
    assert remove(inside, "social_worker", PLAIN, answer.json["service"]).status == 204
    assert seen(inside) == before
    assert kept[-1] not in inside.view("management_team", PLAIN).json["sensitive_services"]


def test_the_basis_is_stored_beside_the_entry(inside: Inside) -> None:
    """The management team reads consent or ground, and the ids to remove by."""
    record(inside, "social_worker", PLAIN, SENSITIVE)
    record(inside, "social_worker", PLAIN, {**SENSITIVE, "basis": HARM})
    record(inside, "social_worker", PLAIN, ORDINARY)
    listed = entries(inside, PLAIN)
    assert [entry["basis"] for entry in listed] == [
        *(None, None),
        {"consent": "child", "on": "2009-05-01", "harm": None},
        {"consent": None, "on": None, "harm": "suspected significant harm"},
        None,
    ]
    assert len({entry["service"] for entry in listed}) == 5
    schema = {"$ref": "#/components/schemas/Service", "components": document(ROUTES)["components"]}
    for entry in listed:
        jsonschema.Draft202012Validator(schema).validate(entry)


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis": None},
        {"basis": {}},
        {"basis": {"harm": "  "}},
        {"basis": {"consent": "child"}},
        {"basis": {**CONSENT, "consent": "teacher"}},
        {"basis": {**CONSENT, **HARM}},
        {"basis": "consent"},
        {"sensitive": None},
        {"sensitive": "mental_health"},
        {"sensitive": "other"},
        {"kind": "youth service"},
        {"kind": "case conference"},
        {"provider": " "},
        {"provider": "x" * 201},
        {"since": "2009-02-30"},
        {"notes": "what was said"},
    ],
)
def test_what_has_no_basis_or_no_form_is_not_stored(inside: Inside, wrong: dict[str, Any]) -> None:
    """Refused, and neither the record nor the log keeps a word of it (R1, R3)."""
    assert record(inside, "social_worker", PLAIN, {**SENSITIVE, **wrong}).status == 422
    tomorrow = {**SENSITIVE, "basis": {**CONSENT, "on": "2009-05-19"}}
    assert record(inside, "social_worker", PLAIN, tomorrow).status == 409
    assert len(entries(inside, PLAIN)) == 2
    assert "sexual" not in str(inside.log())
    assert "Still Waters" not in str(inside.log())


def test_the_log_does_not_say_which_service_it_was(inside: Inside) -> None:
    """An ordinary and a sensitive one leave the same row."""
    for service in (ORDINARY, SENSITIVE):
        record(inside, "social_worker", PLAIN, service)
    queries = [row["query"] for row in inside.log() if row["operation"] == "record_service"]
    assert queries[0] == queries[1]
    assert set(queries[0]) == {"number"}


@pytest.mark.parametrize("username", ["police_employee", "school_administrator", "data_manager", "central_team"])
def test_who_does_not_work_with_services_is_refused_whatever_the_number(inside: Inside, username: str) -> None:
    """Recording, listing and removing alike."""
    for child in (PLAIN, SHIELDED, 999):
        assert inside.by(username, "POST", at(child, "services"), SENSITIVE).status == 403
        assert inside.by(username, "GET", at(child, "services")).status == 403
        assert remove(inside, username, child, "x").status == 403


def test_where_services_may_not_be_read_none_is_recorded(inside: Inside) -> None:
    """Shielded, archived, never issued, without a reason: one answer."""
    for child in (SHIELDED, ARCHIVED_FIRST, 999):
        declare(inside, "social_worker", child)
    path = [at(child, "services") for child in (SHIELDED, ARCHIVED_FIRST, 999, FAR, PLAIN)]
    answers = [inside.by("social_worker", "POST", each, SENSITIVE) for each in path]
    assert {answer.status for answer in answers} == {404}
    assert len(set(answers)) == 1


def test_an_entry_is_removed_by_whoever_recorded_it_or_by_the_team_of_the_area(inside: Inside) -> None:
    """Anybody else learns no more than of an id never issued, and neither does another child's number."""
    own = record(inside, "social_worker", PLAIN, SENSITIVE).json["service"]
    refused = [
        remove(inside, "health_visitor", PLAIN, own),
        remove(inside, "management_team_there", PLAIN, own),
        remove(inside, "social_worker", SIBLING, own),
        remove(inside, "management_team", SIBLING, own),
        remove(inside, "social_worker", PLAIN, "0" * 32),
        remove(inside, "social_worker", PLAIN, entries(inside, PLAIN)[0]["service"]),
    ]
    assert {answer.status for answer in refused} == {404}
    assert len(set(refused)) == 1
    assert len(entries(inside, PLAIN)) == 3
    assert remove(inside, "social_worker", PLAIN, own).status == 204
    assert remove(inside, "social_worker", PLAIN, own) == refused[0]
    for entry in entries(inside, PLAIN):
        assert remove(inside, "management_team", PLAIN, entry["service"]).status == 204
    assert entries(inside, PLAIN) == []


def test_a_withdrawn_service_does_not_come_back_without_new_consent(inside: Inside) -> None:
    """The answer is the same, nothing is stored; of the provider a keyed digest is all that is left (R3)."""
    first = record(inside, "social_worker", PLAIN, SENSITIVE).json["service"]
    remove(inside, "management_team", PLAIN, first)
    before = entries(inside, PLAIN)
    for changed in ({}, {"basis": HARM}, {"provider": "  still   WATERS "}, {"basis": {**CONSENT, "on": "2009-05-18"}}):
        answer = record(inside, "health_visitor", PLAIN, {**SENSITIVE, **changed})
        assert (answer.status, list(answer.json), len(answer.json["service"])) == (201, ["service"], 32)
        assert entries(inside, PLAIN) == before
        assert remove(inside, "health_visitor", PLAIN, answer.json["service"]).status == 204
    assert record(inside, "health_visitor", SIBLING, SENSITIVE).status == 201
    assert len(entries(inside, SIBLING)) == len(before) + 1
    ((salt, digest),) = rows(inside, "SELECT salt, digest FROM withdrawn")
    assert (len(bytes(salt)), len(bytes(digest))) == (16, 32)  # type: ignore[call-overload]
    assert rows(inside, "SELECT 1 FROM services WHERE child = ? AND provider = 'Still Waters'", PLAIN) == []
    move_on(inside, timedelta(days=2))
    record(inside, "health_visitor", PLAIN, {**SENSITIVE, "basis": {**CONSENT, "on": "2009-05-19"}})
    assert len(entries(inside, PLAIN)) == len(before) + 1


def test_what_was_withdrawn_is_not_left_in_the_file(population: Path, tmp_path: Path) -> None:
    """Once the registry has stopped, the provider's name is nowhere in the database (R3)."""
    with Inside(population, tmp_path) as inside:
        service = record(inside, "social_worker", PLAIN, SENSITIVE).json["service"]
        remove(inside, "social_worker", PLAIN, service)
        file = inside.database
    content = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert b"Quiet Place" in content
    assert b"Still Waters" not in content


DAYS = st.dates(date(2009, 1, 1), date(2009, 12, 31))
BASES = st.builds(
    Basis,
    consent=st.sampled_from([None, "child", "parent"]),
    on=st.none() | DAYS,
    harm=st.sampled_from([None, "a ground"]),
)
SERVICES = st.builds(Service, st.just("k"), st.just("p"), sensitive=st.sampled_from([None, "s"]), basis=BASES)


@given(SERVICES, DAYS)
def test_only_a_stated_ground_or_consent_given_by_today_is_a_basis(service: Service, today: date) -> None:
    """And an ordinary service needs neither (R3)."""
    basis = service.basis
    consented = basis.consent is not None and basis.on is not None and basis.on <= today
    assert grounded(service, today) == (service.sensitive is None or consented or basis.harm is not None)


@given(SERVICES, DAYS)
def test_after_a_withdrawal_only_later_consent_counts(service: Service, withdrawn: date) -> None:
    """An ordinary service of the same provider is another matter."""
    later = service.basis.on is not None and service.basis.on > withdrawn
    assert comes_back(service, withdrawn) == (service.sensitive is None or later)
    assert comes_back(service, None)
