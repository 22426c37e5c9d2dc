"""Amending records: the closed list, who may write what, and what nobody is told by it (R1)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.contactpoint.inside import Got, Inside
from tests.contactpoint.tables import (
    ARCHIVED_FIRST,
    AS_OF,
    AWAY,
    FAR,
    FAR_SHIELDED,
    MOVED,
    PLAIN,
    SHIELDED,
    SIBLING,
    number_of,
)

from overreach.contactpoint.decisions.amending import FACET_OF

HOME = {"house": "Larch House", "street": "Mill Lane", "locality": "Newtown", "postcode": "CI9 1KV"}
TODAY = AS_OF.isoformat()
CASE_INFORMATION = (
    *("case_notes", "assessment", "medical_data", "diagnosis", "exam_results", "photograph"),
    *("child_protection_plan", "immunisations", "telephone_of_child"),
)
NEVER_WRITABLE = (
    "number",
    "shielded",
    "shielded_since",
    "responsible",
    "archive_year",
    "contacts_protected",
    "updated",
)


def amend(inside: Inside, username: str, child: int, reason: str | None = "welfare", **fields: object) -> Got:
    """One amendment."""
    body = fields if reason is None else {**fields, "reason": reason}
    return inside.by(username, "PATCH", f"/children/{number_of(child)}", body)


def hold(inside: Inside, username: str, child: int, **more: object) -> Got:
    """Become lead professional, with a reason."""
    body = {"phone": "01632 960123", "reason": "welfare", **more}
    return inside.by(username, "PUT", f"/children/{number_of(child)}/indicators/lead_professional", body)


def release(inside: Inside, username: str, child: int) -> Got:
    """Give that up, with a reason stated before."""
    number = number_of(child)
    inside.by(username, "POST", f"/children/{number}/reason", {"reason": "welfare"})
    return inside.by(username, "DELETE", f"/children/{number}/indicators/lead_professional")


def seen(inside: Inside, child: int, username: str = "management_team") -> dict[str, Any]:
    """The record as somebody reads it."""
    record: dict[str, Any] = inside.view(username, child).json
    return record


def test_the_record_shows_where_the_child_lived_and_since_when(inside: Inside) -> None:
    """Former addresses from the first to the last; dates beside address, school and services."""
    record = seen(inside, PLAIN)
    assert record["address"]["since"] == MOVED.isoformat()
    assert record["address"]["statement"] is None
    assert [place["house"] for place in record["former_addresses"]] == ["Qxza00000008 House", "Qxza00000009 House"]
    assert record["former_addresses"][1]["until"] == MOVED.isoformat()
    assert record["education"] == {"school": "St Émile's School", "since": MOVED.isoformat()}
    assert record["services"][0]["since"] == MOVED.isoformat()
    assert record["indicators"] == {"caf": {"holder": "A Holder", "phone": "01632 960009"}, "lead_professional": None}


def test_a_record_without_an_address_says_why(inside: Inside) -> None:
    """The child left England; where it lived before is a former address."""
    record = seen(inside, AWAY)
    assert record["address"] == {
        **dict.fromkeys(("house", "street", "locality", "postcode")),
        "since": MOVED.isoformat(),
        "statement": "left England, return intended",
    }
    assert [place["postcode"] for place in record["former_addresses"]] == ["CI11 1KV"]


def test_former_addresses_are_hidden_with_the_present_one(inside: Inside) -> None:
    """Under a shield, and from a role that does not need whereabouts; they are not searched either (R11, R12)."""
    assert "former_addresses" not in seen(inside, SHIELDED, "social_worker")
    assert "former_addresses" not in seen(inside, PLAIN, "data_manager")
    assert seen(inside, SHIELDED)["former_addresses"][0]["house"] == "Qxza00000010 House"
    assert inside.search("management_team", house="Qxza00000008 House", reason="welfare").json["count"] == 0


def test_the_data_manager_corrects_an_identity(inside: Inside) -> None:
    """The record shows it, a search finds it, and the wrong name finds nobody; `updated` is today."""
    fields = {"given_name": "Aimée", "middle_name": "Ruth", "family_name": "Playne", "gender": "not specified"}
    assert amend(inside, "data_manager", PLAIN, **fields, date_of_birth="2000-02-28").status == 204
    found = inside.search("social_worker", family_name="PLAYNE", given_name="aimée").json["children"]
    name = {"given": "Aimée", "middle": "Ruth", "family": "Playne"}
    assert found == [
        {"number": number_of(PLAIN), "name": name, "gender": "not specified", "date_of_birth": "2000-02-28"}
    ]
    assert inside.search("social_worker", family_name="Plain").json["count"] == 0
    key = {"number": number_of(PLAIN), "date_of_birth": "2000-02-28", "reason": "welfare"}
    assert inside.by("social_worker", "POST", "/children/view", key).json["provenance"]["updated"] == TODAY


@pytest.mark.parametrize("username", ["management_team", "data_manager"])
def test_a_new_address_makes_the_old_one_a_former_one(inside: Inside, username: str) -> None:
    """It is current from the day stated, it is found by, and the old one is not."""
    since = (AS_OF - timedelta(days=3)).isoformat()
    assert amend(inside, username, PLAIN, address={**HOME, "since": since}).status == 204
    record = seen(inside, PLAIN)
    assert record["address"] == {**HOME, "since": since, "statement": None}
    assert record["former_addresses"][-1] == {
        "house": "Qxza00000000 House",
        "street": "High Street",
        "locality": "Newtown",
        "postcode": "CI0 1KV",
        "since": MOVED.isoformat(),
        "until": since,
    }
    by_new, by_old = (
        inside.search("social_worker", postcode=code, reason="welfare").json["count"] for code in ("ci9 1kv", "CI0 1KV")
    )
    assert (by_new, by_old) == (1, 0)


def test_an_address_that_is_no_longer_known_is_said_so(inside: Inside) -> None:
    """To last known it stays where it was; to none known it becomes a former one; and back."""
    house = seen(inside, PLAIN)["address"]["house"]
    same = {name: seen(inside, PLAIN)["address"][name] for name in HOME}
    assert amend(inside, "management_team", PLAIN, address={**same, "statement": "last known"}).status == 204
    record = seen(inside, PLAIN)
    assert (record["address"]["house"], record["address"]["statement"]) == (house, "last known")
    assert len(record["former_addresses"]) == 2
    assert amend(inside, "management_team", PLAIN, address={"statement": "none known"}).status == 204
    record = seen(inside, PLAIN)
    assert (record["address"]["house"], record["address"]["since"]) == (None, TODAY)
    assert record["former_addresses"][-1]["house"] == house
    assert amend(inside, "management_team", PLAIN, address=HOME).status == 204
    assert len(seen(inside, PLAIN)["former_addresses"]) == 3


def test_siblings_records_are_amended_one_by_one(inside: Inside) -> None:
    """The same row of addresses served several children; only one of them moves."""
    twin, other = 9, 10
    assert amend(inside, "management_team", twin, address=HOME).status == 204
    assert seen(inside, twin)["address"]["house"] == "Larch House"
    assert seen(inside, other)["address"]["house"] == "Qxza00000006 House"


def test_school_and_practice_are_written_by_name(inside: Inside) -> None:
    """Whatever the case; null takes them away; one that does not exist is refused."""
    school = {"name": "many school", "since": "2009-01-05"}
    assert amend(inside, "management_team", PLAIN, school=school, practice=None).status == 204
    record = seen(inside, PLAIN)
    assert record["education"] == {"school": "Many School", "since": "2009-01-05"}
    assert record["health"] is None
    practice = {"name": "The Surgery", "phone": "01632 960001"}
    assert amend(inside, "management_team", PLAIN, school=None, practice=practice).status == 204
    record = seen(inside, PLAIN)
    assert (record["education"], record["health"]["practice"]) == (None, "The Surgery")
    assert amend(inside, "management_team", PLAIN, school={"name": "Nowhere"}).status == 409
    assert amend(inside, "management_team", PLAIN, practice={**practice, "phone": "01632 960002"}).status == 409


def test_who_may_not_write_at_all_is_told_so_whatever_the_number(inside: Inside) -> None:
    """And the management team does not correct identities (R7)."""
    for username in ("social_worker", "head_teacher", "child_protection_worker", "central_team", "system_supplier"):
        assert {amend(inside, username, child, practice=None).status for child in (PLAIN, FAR, 999)} == {403}
    assert {amend(inside, "management_team", child, family_name="X").status for child in (PLAIN, FAR, 999)} == {403}
    both = {"family_name": "X", "practice": None}
    assert amend(inside, "management_team", PLAIN, **both).status == 403
    assert seen(inside, PLAIN)["health"] is not None


def test_what_is_out_of_reach_is_absent(inside: Inside) -> None:
    """Another area's, archived, never issued: one answer, byte for byte (R15, R18)."""
    for username in ("management_team", "data_manager"):
        for child in (FAR, FAR_SHIELDED, ARCHIVED_FIRST, 999):
            answer = amend(inside, username, child, practice=None)
            assert (answer.status, answer.body) == (404, b'{"error":"no such record"}')


def test_without_a_reason_nothing_is_written(inside: Inside) -> None:
    """Stated with the request or declared before (R8)."""
    assert amend(inside, "management_team", PLAIN, None, practice=None).status == 404
    inside.by("management_team", "POST", f"/children/{number_of(PLAIN)}/reason", {"reason": "welfare"})
    assert amend(inside, "management_team", PLAIN, None, practice=None).status == 204


def test_a_shielded_record_is_amended_only_by_who_may_read_it(inside: Inside) -> None:
    """The data manager may correct its visible name, and neither move nor enrol the child (R10, R11)."""
    for fields in ({"address": HOME}, {"school": None}, {"practice": None}, {"family_name": "Hyde", "school": None}):
        assert amend(inside, "data_manager", SHIELDED, **fields).status == 404
    assert amend(inside, "data_manager", SHIELDED, family_name="Hyde").status == 204
    assert amend(inside, "management_team", SHIELDED, address=HOME).status == 204
    record = seen(inside, SHIELDED)
    assert (record["name"]["family"], record["address"]["house"]) == ("Hyde", "Larch House")


def test_a_new_address_of_a_shielded_child_stays_hidden(inside: Inside) -> None:
    """Neither the old address nor the new one, nor that there was a change, shows to anybody else."""
    before = inside.view("social_worker", SHIELDED)
    answer = amend(inside, "management_team", SHIELDED, address=HOME)
    assert (answer.status, answer.body) == (204, b"")
    assert inside.view("social_worker", SHIELDED) == before
    assert inside.search("social_worker", postcode="CI9 1KV", reason="welfare").json["count"] == 0


def test_who_writes_an_address_unseen_is_not_shown_it(inside: Inside) -> None:
    """The data manager's work needs no whereabouts: the answer holds none."""
    assert amend(inside, "data_manager", PLAIN, address=HOME).body == b""
    assert "address" not in seen(inside, PLAIN, "data_manager")


def test_whatever_is_not_on_the_closed_list_is_refused_by_its_name(inside: Inside) -> None:
    """One answer, nothing stored though the rest was fine; the log has the name and not the value."""
    before = inside.view("management_team", PLAIN)
    names = [*CASE_INFORMATION, *NEVER_WRITABLE, "indicators", "former_addresses", "carers"]
    for name in names:
        answer = amend(inside, "data_manager", PLAIN, family_name="Changed", **{name: "a private matter"})
        assert (answer.status, answer.json) == (422, {"error": "no field of the record", "fields": [name]})
    assert inside.view("management_team", PLAIN) == before
    log = inside.log()
    number = number_of(PLAIN)
    assert [row["query"] for row in log if row["operation"] == "amend"] == [
        {"number": number, "reason": "welfare", "refused": name} for name in names
    ]
    assert "private" not in str(log)


def test_a_refusal_is_the_same_whatever_the_number(inside: Inside) -> None:
    """It is no oracle, and comes before anything is looked up."""
    answers = {amend(inside, "data_manager", child, case_notes="x").body for child in (PLAIN, FAR, SHIELDED, 999)}
    assert len(answers) == 1


def test_case_information_inside_a_field_is_refused_too(inside: Inside) -> None:
    """By the name of the member; a name that is no name is neither repeated nor logged."""
    address = {**HOME, "notes": "fled", "mother says he knows where they live": 1}
    answer = amend(inside, "management_team", PLAIN, address=address)
    assert (answer.status, answer.json["fields"]) == (422, ["address.notes", "?"])
    assert "mother" not in str(inside.log())


def test_the_log_names_what_was_written_and_holds_no_value(inside: Inside) -> None:
    """Who reads the log does not read addresses in it (R9)."""
    amend(inside, "management_team", PLAIN, address=HOME, practice=None)
    amend(inside, "management_team", FAR, address=HOME)
    rows = [row for row in inside.log() if row["operation"] == "amend"]
    assert [(row["query"]["fields"], row["status"]) for row in rows] == [("address practice", 204), ("address", 404)]
    assert "Larch" not in str(rows)


WRONG: tuple[dict[str, object], ...] = (
    {},
    {"family_name": ""},
    {"family_name": " "},
    {"family_name": None},
    {"family_name": 7},
    {"family_name": "a\nb"},
    {"family_name": "x" * 201},
    {"gender": "f"},
    {"gender": []},
    {"date_of_birth": "2009-02-30"},
    {"date_of_birth": "2009-05-19"},
    {"address": None},
    {"address": "Larch House"},
    {"address": {"house": "Larch House"}},
    {"address": {**HOME, "since": "2009-05-19"}},
    {"address": {**HOME, "since": None}},
    {"address": {**HOME, "statement": "none known"}},
    {"address": {**HOME, "statement": "lost"}},
    {"address": {"statement": "last known"}},
    {"address": {"statement": []}},
    {"school": "Many School"},
    {"school": {}},
    {"practice": {"name": ["The Surgery"]}},
    {"practice": None, "reason": "curious"},
    {"practice": None, "reason": 7},
)


def test_a_value_of_the_wrong_form_is_refused(inside: Inside) -> None:
    """Before the child is looked up."""
    for fields in WRONG:
        for child in (PLAIN, 999):
            answer = inside.by("data_manager", "PATCH", f"/children/{number_of(child)}", fields)
            assert (answer.status, answer.json) == (422, {"error": "not understood"}), fields


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.dictionaries(st.sampled_from([*FACET_OF, "reason", "shielded", "note"]) | st.text(max_size=8), JSON))
@example(body={"gender": {}, "reason": []})
def test_whatever_is_sent_only_the_closed_list_changes(inside: Inside, body: dict[str, Any]) -> None:
    """No answer but the stated ones, and nothing that decides who may read is other than before."""
    path = f"/children/{number_of(PLAIN)}"
    for username in ("data_manager", "management_team"):
        assert inside.by(username, "PATCH", path, body).status in {204, 403, 404, 409, 422}
    with closing(sqlite3.connect(inside.database)) as database:
        row = database.execute(
            "SELECT number, responsible, shielded, contacts_protected, archive_year, caf_holder FROM children"
        ).fetchone()
    assert row == (number_of(PLAIN), 0, 0, 0, 0, "A Holder")


def test_a_practitioner_holds_an_indicator_and_gives_it_up(inside: Inside) -> None:
    """The name is that of the account, the telephone that which was given; it can be changed by its holder."""
    assert hold(inside, "social_worker", PLAIN).status == 204
    record = seen(inside, PLAIN)
    held = {"holder": "Social Worker Worker", "phone": "01632 960123"}
    assert record["indicators"]["lead_professional"] == held
    assert record["provenance"]["updated"] == TODAY
    assert hold(inside, "social_worker", PLAIN, phone="01632 960124").status == 204
    assert seen(inside, PLAIN)["indicators"]["lead_professional"]["phone"] == "01632 960124"
    assert release(inside, "social_worker", PLAIN).status == 204
    assert release(inside, "social_worker", PLAIN).status == 204
    assert seen(inside, PLAIN)["indicators"]["lead_professional"] is None


def test_what_somebody_else_holds_stays_until_given_up_or_ended_by_the_team(inside: Inside) -> None:
    """No practitioner puts another's name away; the management team of the area does, where somebody has left."""
    assert hold(inside, "social_worker", PLAIN).status == 204
    assert hold(inside, "head_teacher", PLAIN).status == 409
    assert release(inside, "head_teacher", PLAIN).status == 409
    assert release(inside, "management_team_there", PLAIN).status == 404
    assert release(inside, "management_team", PLAIN).status == 204
    assert hold(inside, "head_teacher", PLAIN).status == 204


def test_nobody_else_can_be_named_a_holder(inside: Inside) -> None:
    """The body has a telephone and a reason, and no more."""
    wrong: tuple[dict[str, object], ...] = (
        {"holder": "Somebody Else"},
        {"user": 3},
        {"phone": "call me"},
        {"phone": None},
        {"reason": "x"},
    )
    for more in wrong:
        assert hold(inside, "social_worker", PLAIN, **more).status == 422
    assert seen(inside, PLAIN)["indicators"]["lead_professional"] is None


def test_who_holds_must_need_indicators_and_read_them_now(inside: Inside) -> None:
    """403 by role; absent where a shield, the archive or distance hides them."""
    for username in ("general_practitioner", "social_worker"):
        assert hold(inside, username, SHIELDED).status == 404
        assert hold(inside, username, ARCHIVED_FIRST).status == 404
        assert hold(inside, username, 999).status == 404
    for username in ("school_administrator", "fire_strategy_officer", "data_manager", "central_team"):
        assert {hold(inside, username, child).status for child in (PLAIN, SHIELDED, 999)} == {403}
        assert {release(inside, username, child).status for child in (PLAIN, 999)} == {403}
    assert hold(inside, "management_team", PLAIN).status == 403
    path = f"/children/{number_of(SIBLING)}/indicators/lead_professional"
    assert inside.by("social_worker", "PUT", path, {"phone": "01632 960123"}).status == 404
    assert hold(inside, "social_worker", FAR).status == 204


def test_behind_an_opened_shield_a_child_protection_worker_holds_an_indicator(inside: Inside) -> None:
    """And it is hidden like the rest from the others (R11, R13)."""
    path = f"/children/{number_of(SHIELDED)}"
    inside.by("child_protection_worker", "POST", f"{path}/override", {"reason": "section_47"})
    assert hold(inside, "child_protection_worker", SHIELDED).status == 204
    assert "indicators" not in seen(inside, SHIELDED, "social_worker")
    inside.by("child_protection_worker", "DELETE", f"{path}/override")
    assert release(inside, "child_protection_worker", SHIELDED).status == 404
