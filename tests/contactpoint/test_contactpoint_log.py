"""The log as it is read: in the form of AuditEvents, masked but for a stated case, by those whose users it is about."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tests.contactpoint.inside import Inside, flat, key_of
from tests.contactpoint.tables import PLAIN, SHIELDED, number_of

from overreach.contactpoint.auditevent import event_of
from overreach.contactpoint.journal import Entry, Row
from overreach.contactpoint.routes import ROUTES


def events(inside: Inside, reader: str = "central_team", query: str = "") -> list[dict[str, Any]]:
    """The log as somebody reads it."""
    read: list[dict[str, Any]] = inside.by(reader, "GET", f"/log{query}").json["entries"]
    return read


def of_operation(read: list[dict[str, Any]], operation: str) -> list[dict[str, Any]]:
    """What the entries of an operation say."""
    return [row for row in map(flat, read) if row["operation"] == operation]


def test_a_view_is_an_audit_event(inside: Inside) -> None:
    """Who, what, when, why, what came of it, whose record; the query in base64 and the chain's digest with it."""
    inside.by("social_worker", "POST", "/children/view", key_of(PLAIN), x_request_id="r-1")
    event = next(each for each in events(inside, query="?case=C-1") if each["subtype"][0]["code"] == "view")
    extensions = {each["url"].rpartition("/")[2]: each for each in event.pop("extension")}
    assert extensions["status"]["valueInteger"] == 200
    assert extensions["request-id"]["valueString"] == "r-1"
    assert len(extensions["hash"]["valueString"]) == 64
    assert json.loads(base64.b64decode(event["entity"][0]["query"])) == key_of(PLAIN)
    assert event.pop("recorded").startswith("2009-05-18T")
    assert event == {
        "resourceType": "AuditEvent",
        "id": "3",
        "type": {
            "system": "http://dicom.nema.org/resources/ontology/DCM",
            "code": "110100",
            "display": "Application Activity",
        },
        "subtype": [
            {"system": "https://overreach.invalid/registry/operation", "code": "view"},
            {"system": "https://overreach.invalid/registry/ihe-pattern", "code": "PatientRead"},
        ],
        "action": "R",
        "outcome": "0",
        "purposeOfEvent": [{"coding": [{"system": "https://overreach.invalid/registry/reason", "code": "welfare"}]}],
        "agent": [
            {
                "who": {
                    "identifier": {"system": "https://overreach.invalid/registry/username", "value": "social_worker"}
                },
                "requestor": True,
            }
        ],
        "source": {"observer": {"display": "ContactPoint reference registry"}},
        "entity": [
            event["entity"][0],
            {
                "what": {
                    "identifier": {
                        "system": "https://overreach.invalid/registry/record-number",
                        "value": number_of(PLAIN),
                    }
                }
            },
        ],
    }


def test_what_a_reader_must_not_miss_has_a_code() -> None:
    """An override is a security alert, an export an export; refusals and failures are told apart."""

    def event(operation: str, status: int = 200, on_behalf_of: str = "") -> dict[str, Any]:
        return event_of(Row(1, "", Entry("senco", operation, {}, (), status, "", on_behalf_of), ""))

    assert event("override")["type"]["code"] == "110113"
    assert [each["code"] for each in event("override")["subtype"]] == ["override", "110127"]
    assert event("take_export")["type"]["code"] == "110106"
    assert [event(name)["action"] for name in ("declare", "view", "shield", "sign_out", "search")] == list("CRUDE")
    assert [event("view", status)["outcome"] for status in (204, 404, 503)] == ["0", "4", "8"]
    asking, other = event("view", on_behalf_of="nurse")["agent"]
    assert (asking["requestor"], other["requestor"]) == (True, False)
    assert other["who"]["identifier"]["value"] == "nurse"


def test_without_a_case_what_was_typed_is_masked(inside: Inside) -> None:
    """Reason, page and number are left; not a name, not a postcode, nor a reason in words of one's own."""
    inside.search("social_worker", family_name="Hidden", postcode="CI1 1KV", page=1, reason="welfare")
    inside.by("management_team", "POST", f"/children/{number_of(PLAIN)}/shield", {"ground": "threat by the father"})
    inside.by("management_team", "POST", f"/children/{number_of(PLAIN)}/unshield", {"reason": "he moved to Leeds"})
    inside.by("social_worker", "POST", "/children/view", {**key_of(PLAIN), "number": "12 High Street"})
    masked = events(inside)
    assert [row["query"] for row in of_operation(masked, "search")] == [
        {"family_name": "masked", "postcode": "masked", "page": 1, "reason": "welfare"}
    ]
    assert of_operation(masked, "unshield")[0]["query"]["reason"] == "masked"
    assert of_operation(masked, "view")[0]["query"] == {
        "number": "masked",
        "date_of_birth": "masked",
        "reason": "welfare",
    }
    full = events(inside, query="?case=C-1")
    assert of_operation(full, "search")[0]["query"]["family_name"] == "Hidden"
    assert of_operation(full, "view")[0]["query"]["number"] == "12 High Street"


def test_without_a_case_shielded_children_stand_under_a_pseudonym(inside: Inside) -> None:
    """The same one in question and answer, and from reading to reading; others are named."""
    number = number_of(SHIELDED)
    inside.view("social_worker", SHIELDED)
    inside.view("social_worker", PLAIN)
    inside.search("social_worker", family_name="Hidden")
    never = {**key_of(PLAIN), "number": number_of(999)}
    inside.by("social_worker", "POST", "/children/view", never)
    masked = events(inside)
    assert number not in str(masked)
    assert number_of(999) not in str(masked)
    shielded, plain, _ = of_operation(masked, "view")
    (pseudonym,) = shielded["results"]
    assert shielded["query"]["number"] == pseudonym
    assert plain["results"] == [plain["query"]["number"]] == [number_of(PLAIN)]
    assert pseudonym in of_operation(masked, "search")[0]["results"]
    assert pseudonym in of_operation(events(inside), "view")[0]["results"]
    assert of_operation(events(inside, query="?case=C-1"), "view")[0]["results"] == [number]


def test_without_a_case_no_digest_tells_whether_a_guess_is_right(inside: Inside) -> None:
    """A row's digest over that of the row before and a guessed number would say whose record it was."""
    inside.view("social_worker", SHIELDED)
    for query, length in (("", len("masked")), ("?case=C-1", 64)):
        digests = [event["extension"][1] for event in events(inside, query=query)]
        assert {digest["url"].rpartition("/")[2] for digest in digests} == {"hash"}
        assert {len(digest["valueString"]) for digest in digests} == {length}


def test_a_child_that_is_shielded_now_is_masked_in_rows_of_before(inside: Inside) -> None:
    """And named again once the shield is lifted."""
    inside.view("social_worker", PLAIN)
    assert number_of(PLAIN) in str(events(inside))
    connection = inside.app.parts.storage._connection
    connection.execute("UPDATE children SET shielded = 1 WHERE number = ?", (number_of(PLAIN),))
    assert number_of(PLAIN) not in str(events(inside))


def test_a_management_team_reads_the_rows_of_its_own_areas_users(inside: Inside) -> None:
    """Neither those of another authority nor of national users, and nothing that names nobody."""
    for username in ("social_worker", "social_worker_there", "national_partner_worker"):
        inside.view(username, PLAIN)
    users = {row["user"] for row in map(flat, events(inside, "management_team"))}
    assert users == {"social_worker", "management_team"}
    there = {row["user"] for row in map(flat, events(inside, "management_team_there"))}
    assert there == {"social_worker_there", "management_team_there"}
    everybody = {row["user"] for row in map(flat, events(inside))}
    assert everybody >= {"", "social_worker", "social_worker_there", "national_partner_worker"}


def test_a_management_team_walks_through_its_rows_in_pieces(inside: Inside) -> None:
    """Every row once, whatever lies between; the end is where fewer come than were asked for."""
    for username in ("social_worker", "social_worker_there") * 5:
        inside.view(username, PLAIN)
    inside.token("management_team")
    after, read = 0, []
    while True:
        page = inside.by("management_team", "GET", f"/log?after={after}&limit=4").json
        read += [row for row in map(flat, page["entries"]) if row["operation"] == "view"]
        after = page["next"]
        if len(page["entries"]) < 4:
            break
    assert [row["user"] for row in read] == ["social_worker"] * 5


def test_reading_in_full_takes_a_case_and_raises_an_alert(inside: Inside) -> None:
    """Once a session and case, on whoever reads; the case stands in the log."""
    for case in ("C-1", "C-1", "C-2"):
        assert inside.by("central_team", "GET", f"/log?case={case}").status == 200
    alerts = inside.by("central_team", "GET", "/alerts").json["alerts"]
    assert [(alert["kind"], alert["user"]) for alert in alerts] == [("log_unmasked", "central_team")] * 2
    rows = of_operation(events(inside, query="?case=C-1"), "read_log")
    assert [row["query"].get("case") for row in rows] == ["C-1", "C-1", "C-2"]


@pytest.mark.parametrize("case", ["", "%00", "x" * 65, "a%0Ab", "%20%20"])
def test_a_case_must_say_something(inside: Inside, case: str) -> None:
    """Up to 64 characters, none of them for the machine and not blanks alone."""
    assert inside.by("central_team", "GET", f"/log?case={case}").status == 422


def test_a_management_team_has_no_case(inside: Inside) -> None:
    """Whoever works beside those who are watched sees no more than it needs (our recommendation)."""
    assert inside.by("management_team", "GET", "/log?case=C-1").status == 403
    assert inside.by("social_worker", "GET", "/log?case=C-1").status == 403
    assert inside.by("central_team", "GET", "/alerts").json["alerts"] == []


def test_every_operation_has_an_action_of_its_own() -> None:
    """C, R, U or D; only a search, which FHIR has as executed, is E."""
    executed = {
        route.operation
        for route in ROUTES
        if event_of(Row(1, "", Entry("senco", route.operation, {}, (), 200, ""), ""))["action"] == "E"
    }
    assert executed == {"search"}
