"""Searching and reading, asked as users ask."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contactpoint.inside import Inside, key_of
from tests.contactpoint.tables import (
    ARCHIVED_FIRST,
    ARCHIVED_LATER,
    ARCHIVED_SHIELDED,
    FAR,
    FAR_SHIELDED,
    KIDS,
    PLAIN,
    SHIELDED,
    SIBLING,
    number_of,
)

BEYOND = {
    "former_names",
    "address",
    "former_addresses",
    "carers",
    "education",
    "health",
    "services",
    "indicators",
    "provenance",
}
BASE = {"number", "name", "gender", "date_of_birth"}


def found(inside: Inside, username: str = "social_worker", **fields: object) -> list[str]:
    """The record numbers that a search with a reason gives."""
    answer = inside.search(username, reason="welfare", **fields).json
    return [row["number"] for row in answer["children"]]


def test_a_view_shows_the_facets_of_the_role(inside: Inside) -> None:
    """A social worker with a reason reads the whole record but sensitive services and protection."""
    record = inside.view("social_worker", PLAIN).json
    assert record.keys() == BASE | BEYOND
    assert record["carers"][0] == {
        "name": "Carer0 Parent",
        "relation": "mother",
        "phone": "07700 900000",
        "email": "carer.qxze00000000@example.org",
    }
    assert record["former_names"] == [{"given": "Amy", "family": "Before", "until": "2005-01-01"}]
    assert [service["provider"] for service in record["services"]] == ["Talk Well"]


def test_a_view_without_a_reason_shows_the_identity(inside: Inside) -> None:
    """Whatever else there is takes a reason (R8)."""
    assert inside.view("social_worker", PLAIN, reason=None).json.keys() == BASE


def test_a_shield_leaves_the_identity(inside: Inside) -> None:
    """Whereabouts, carers, former names and the rest are missing as keys, not empty (R11)."""
    assert inside.view("social_worker", SHIELDED).json.keys() == BASE


def test_the_management_team_of_the_area_sees_behind_the_shield(inside: Inside) -> None:
    """It brokers: sensitive services and the protection itself are there too (R14)."""
    record = inside.view("management_team", SHIELDED).json
    assert record.keys() == BASE | BEYOND | {"sensitive_services", "protection"}
    assert record["protection"] == {"shielded": True, "since": "2009-05-18"}
    assert record["sensitive_services"] == [{"kind": "substance misuse", "provider": "Quiet Place"}]
    assert inside.view("management_team_there", SHIELDED).json.keys() == BASE


def test_protected_contacts_are_missing_from_a_sibling(inside: Inside) -> None:
    """The carers have names and nothing to reach them by."""
    carers = inside.view("social_worker", SIBLING).json["carers"]
    assert all(carer.keys() == {"name", "relation"} for carer in carers)


def test_what_may_not_be_seen_equals_what_was_never_issued(inside: Inside) -> None:
    """Status, headers and body are the same: forbidden, absent, wrong date of birth, archived."""
    never = {**key_of(PLAIN), "number": number_of(999)}
    wrong = {**key_of(PLAIN), "date_of_birth": "1999-01-01"}
    answers = [
        inside.by("social_worker", "POST", "/children/view", never),
        inside.by("social_worker", "POST", "/children/view", wrong),
        inside.by("social_worker", "POST", "/children/view", {**never, "number": "nonsense"}),
        inside.view("social_worker", FAR, reason=None),
        inside.view("social_worker", ARCHIVED_FIRST),
        inside.view("central_team", PLAIN),
        inside.by("social_worker", "GET", f"/children/{number_of(PLAIN)}"),
        inside.by("social_worker", "GET", "/children/nonsense"),
    ]
    assert len(set(answers)) == 1
    assert answers[0].status == 404
    assert answers[0].json == {"error": "no such record"}


def test_the_archive_opens_to_its_keepers(inside: Inside) -> None:
    """The data manager in the first year, the supplier later; a shield leaves the identity."""
    assert "address" in inside.view("data_manager", ARCHIVED_FIRST).json
    assert inside.view("data_manager", ARCHIVED_LATER).status == 404
    assert "address" in inside.view("system_supplier", ARCHIVED_LATER, "section_47").json
    assert inside.view("system_supplier", ARCHIVED_LATER, "welfare").status == 404
    assert inside.view("system_supplier", ARCHIVED_SHIELDED, "section_47").json.keys() == BASE


@pytest.mark.parametrize(
    "fields",
    [
        {"family_name": "pLAIN"},
        {"given_name": "amy", "family_name": "Plain"},
        {"former_name": "Before"},
        {"postcode": "ci0 1kv"},
        {"house": "qxza00000000 house"},
        {"carer_name": "carer1 parent"},
        {"phone": "07700 900000"},
        {"email": "CARER.QXZE00000001@example.org"},
        {"school": "ST ÉMILE'S school", "given_name": "Amy"},
        {"practice": "the surgery", "given_name": "Amy"},
        {"date_of_birth": "2000-02-29", "given_name": "Amy", "gender": "female"},
    ],
)
def test_each_field_finds_without_regard_to_case(inside: Inside, fields: dict[str, str]) -> None:
    """One child is found by any of its values."""
    assert found(inside, **fields) == [number_of(PLAIN)]


@pytest.mark.parametrize(
    "fields",
    [
        {"former_name": "Birthname"},
        {"postcode": "CI1 1KV"},
        {"house": "Qxza00000001 House"},
        {"phone": "07700 900002", "given_name": "Ben"},
        {"email": "carer.qxze00000002@example.org"},
        {"carer_name": "Carer2 Parent", "given_name": "Ben"},
        {"school": "St Émile's School", "given_name": "Ben"},
        {"practice": "The Surgery", "given_name": "Ben"},
    ],
)
def test_a_shielded_child_is_not_found_by_what_is_hidden(inside: Inside, fields: dict[str, str]) -> None:
    """The answer is that to values nobody has; the area's management team finds it (R12)."""
    answer = inside.search("social_worker", reason="welfare", **fields)
    assert answer == inside.search("social_worker", reason="welfare", given_name="Nobody")
    assert number_of(SHIELDED) in found(inside, "management_team", **fields)


def test_a_shielded_child_is_found_by_its_name(inside: Inside) -> None:
    """Its identity is what the shield leaves."""
    assert found(inside, family_name="Hidden", given_name="Ben") == [number_of(SHIELDED)]


def test_out_of_area_takes_a_reason(inside: Inside) -> None:
    """Without one the children of another authority are not there (G3 declared)."""
    assert inside.search("social_worker", family_name="Faraway").json["count"] == 0
    assert found(inside, family_name="Faraway") == [number_of(FAR), number_of(FAR_SHIELDED)]


def test_pages_and_count_are_of_what_may_be_shown(inside: Inside) -> None:
    """Thirty children of a school, three of them shielded: 27 in two pages, ordered by name."""
    first = inside.search("social_worker", reason="welfare", school="Many School").json
    second = inside.search("social_worker", reason="welfare", school="Many School", page=2).json
    assert (first["count"], first["page"], first["pages"]) == (27, 1, 2)
    assert (len(first["children"]), len(second["children"])) == (25, 2)
    names = [row["name"]["given"] for row in first["children"] + second["children"]]
    assert names == sorted(names)
    assert inside.search("social_worker", family_name="Many", page=9).json["children"] == []


def test_a_number_given_by_a_search_opens_with_what_was_declared(inside: Inside) -> None:
    """Number alone, reason from the session; another session was not given it."""
    path = f"/children/{number_of(PLAIN)}"
    assert found(inside, family_name="Plain") == [number_of(PLAIN)]
    assert inside.by("social_worker", "GET", path).json.keys() == BASE
    assert inside.by("social_worker", "POST", f"{path}/reason", {"reason": "welfare"}).status == 204
    assert inside.by("social_worker", "GET", path).json.keys() == BASE | BEYOND
    assert inside.by("head_teacher", "GET", path).status == 404


def test_asking_for_a_reason_is_no_oracle(inside: Inside) -> None:
    """Issued, hidden or never issued: the same answer; only nonsense is told apart."""
    body = {"reason": "welfare", "note": "seen at school"}
    paths = [f"/children/{number_of(each)}/reason" for each in (PLAIN, ARCHIVED_FIRST, 999)]
    assert len({inside.by("social_worker", "POST", path, body) for path in paths}) == 1
    assert inside.by("social_worker", "POST", "/children/nonsense/reason", body).status == 422
    assert inside.by("social_worker", "POST", paths[0], {"reason": "curious"}).status == 422
    assert inside.by("central_team", "POST", paths[0], body).status == 403


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"{",
        b"[]",
        {},
        {"gender": "female"},
        {"colour": "red"},
        {"family_name": 7},
        {"family_name": "x" * 1001},
        {"family_name": "Plain", "page": 0},
        {"family_name": "Plain", "page": "1"},
        {"family_name": "Plain", "reason": "curious"},
        {"date_of_birth": "29/02/2000"},
        {"date_of_birth": "2001-02-29"},
    ],
)
def test_a_search_that_is_not_understood_is_refused_and_logged(inside: Inside, body: object) -> None:
    """One answer for every flaw, and a row in the log."""
    answer = inside.by("social_worker", "POST", "/children/search", body)
    assert (answer.status, answer.json) == (422, {"error": "not understood"})
    assert [(row["operation"], row["status"]) for row in inside.log() if row["status"] == 422] == [("search", 422)]


def test_who_reads_no_records_does_not_search(inside: Inside) -> None:
    """The central team reads logs, not records."""
    assert inside.search("central_team", family_name="Plain").status == 403


def test_own_area_only_refuses_even_an_override_elsewhere(population: Path, tmp_path: Path) -> None:
    """Under G3 = own a record of another area is absent to everybody but those involved."""
    with Inside(population, tmp_path, switches=("G3=own",)) as inside:
        assert inside.view("social_worker", FAR).status == 404
        path = f"/children/{number_of(FAR_SHIELDED)}/override"
        assert inside.by("child_protection_worker", "POST", path, {"reason": "section_47"}).status == 404
        assert inside.view("social_worker_there", PLAIN).status == 200


def test_no_answer_about_a_person_may_be_kept(inside: Inside) -> None:
    """Caches on the way are told so."""
    for answer in (inside.view("social_worker", PLAIN), inside.search("social_worker", family_name="Plain")):
        assert (b"cache-control", b"no-store") in answer.headers


def test_every_number_is_of_the_issued_form() -> None:
    """The helpers of these tests hold to the layout."""
    assert all(len(number_of(row)) == 12 for row in range(len(KIDS)))
