"""What is noticed, who follows it up, and what becomes of what nobody followed up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contactpoint.inside import Inside, key_of
from tests.contactpoint.tables import FAR, PLAIN, SHIELDED, SIBLING, number_of, user_row

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.decisions.oversight import answers_alert
from overreach.contactpoint.facts import User
from overreach.contactpoint.watch import (
    BLANKS_AN_HOUR,
    CLAIMS_AN_HOUR,
    MISSES_A_MINUTE,
    READS_AN_HOUR,
)

EXPLAINED = {"finding": "explained", "note": "a test with the parents' consent"}


def change(inside: Inside, statement: str, *values: object) -> None:
    """Change what the registry was loaded with, or what it noted."""
    inside.app.parts.storage._connection.execute(statement, values)


def alerts(inside: Inside) -> list[dict[str, Any]]:
    """All alerts."""
    read: list[dict[str, Any]] = inside.by("central_team", "GET", "/alerts").json["alerts"]
    return read


def kinds(inside: Inside) -> list[str]:
    """The kinds of all alerts, in order."""
    return [alert["kind"] for alert in alerts(inside)]


def answer(inside: Inside, username: str, sequence: object, body: object = None) -> int:
    """The status of somebody's answer to an alert."""
    return inside.by(username, "POST", f"/alerts/{sequence}/answer", body or EXPLAINED).status


def override(inside: Inside) -> None:
    """An override, which raises an alert about a child protection worker."""
    path = f"/children/{number_of(SHIELDED)}/override"
    assert inside.by("child_protection_worker", "POST", path, {"reason": "section_47"}).status == 201


# What is noticed.


def test_the_record_of_the_own_household_raises_an_alert(inside: Inside) -> None:
    """By whatever way it is opened, every time; not where nothing was answered, nor for a search."""
    change(inside, "UPDATE users SET address = 0 WHERE username = 'social_worker'")
    inside.search("social_worker", family_name="Plain")
    inside.by("social_worker", "POST", "/children/view", {**key_of(PLAIN), "date_of_birth": "1999-01-01"})
    inside.view("social_worker", SIBLING)
    assert kinds(inside) == []
    inside.by("social_worker", "POST", "/children/view", key_of(PLAIN), x_request_id="r-7")
    inside.by("social_worker", "GET", f"/children/{number_of(PLAIN)}")
    raised = alerts(inside)
    assert [(each["kind"], each["user"], each["child"]) for each in raised] == [
        ("own_family", "social_worker", number_of(PLAIN))
    ] * 2
    assert raised[0]["request_id"] == "r-7"


def test_a_household_is_known_by_house_and_postcode_too(inside: Inside) -> None:
    """The same address may stand in the tables twice."""
    twice = "INSERT INTO addresses SELECT 99, house, street, locality, postcode, house_key, postcode_key"
    change(inside, f"{twice} FROM addresses WHERE address = 0")
    change(inside, "UPDATE users SET address = 99 WHERE username = 'social_worker'")
    inside.view("social_worker", PLAIN)
    assert kinds(inside) == ["own_family"]


@pytest.mark.parametrize(("family", "raised"), [("PLAIN", ["same_address"]), ("Worker", [])])
def test_somebody_of_the_name_in_the_street_raises_an_alert(inside: Inside, family: str, raised: list[str]) -> None:
    """Another house of the same street and postcode: a neighbour of the same family name."""
    change(inside, "UPDATE addresses SET postcode_key = (SELECT postcode_key FROM addresses WHERE address = 0)")
    change(inside, "UPDATE users SET family_name = ? WHERE username = 'social_worker'", family)
    inside.view("social_worker", PLAIN)
    assert kinds(inside) == raised


def test_an_unknown_address_is_nobodys_household(inside: Inside) -> None:
    """Nothing is equal to nothing."""
    change(inside, "UPDATE users SET address = NULL WHERE username = 'social_worker'")
    change(inside, "UPDATE children SET address = NULL WHERE child = ?", PLAIN)
    inside.view("social_worker", PLAIN)
    assert kinds(inside) == []


def test_far_too_much_reading_raises_one_alert(inside: Inside) -> None:
    """Over the limit of an hour, once; ordinary days raise none."""
    change(inside, "INSERT INTO involvements SELECT ?, child FROM children", user_row("senco"))
    for _ in range(READS_AN_HOUR):
        inside.view("senco", PLAIN)
    assert kinds(inside) == []
    for _ in range(3):
        inside.view("senco", PLAIN)
    assert [(each["kind"], each["user"], each["child"]) for each in alerts(inside)] == [("volume", "senco", "")]


def test_counting_goes_on_over_the_minutes_of_an_hour_and_ends_there(inside: Inside) -> None:
    """What was read more than an hour ago counts no more, and is no longer kept."""
    inside.view("senco", PLAIN)
    change(inside, "UPDATE activity SET minute = minute - 59, reads = ?", READS_AN_HOUR)
    inside.view("senco", PLAIN)
    assert kinds(inside) == ["volume"]
    change(inside, "DELETE FROM alerts")
    change(inside, "UPDATE activity SET minute = minute - 61")
    inside.view("senco", PLAIN)
    assert kinds(inside) == []
    connection = inside.app.parts.storage._connection
    assert connection.execute("SELECT count(*) FROM activity").fetchone() == (1,)


def test_trying_one_number_after_the_other_raises_an_alert(inside: Inside) -> None:
    """Absent or forbidden: to the one who tries it is the same."""
    for child in range(MISSES_A_MINUTE):
        inside.by("social_worker", "POST", "/children/view", {**key_of(PLAIN), "number": number_of(900 + child)})
    assert kinds(inside) == []
    inside.view("social_worker", FAR, reason=None)
    inside.view("social_worker", FAR, reason=None)
    assert kinds(inside) == ["enumeration"]


def test_pages_that_are_not_there_are_no_enumeration(inside: Inside) -> None:
    """They are about nobody."""
    for _ in range(MISSES_A_MINUTE + 2):
        inside.by("social_worker", "GET", "/nowhere")
    assert kinds(inside) == []


@pytest.mark.parametrize("involved", [True, False])
def test_reasons_for_many_strangers_raise_an_alert(inside: Inside, involved: bool) -> None:  # noqa: FBT001 - a case
    """The same number of reasons for one's own cases does not."""
    if involved:
        change(inside, "INSERT INTO involvements SELECT ?, child FROM children", user_row("senco"))
    for _ in range(CLAIMS_AN_HOUR + 1):
        inside.by("senco", "POST", f"/children/{number_of(PLAIN)}/reason", {"reason": "welfare"})
    assert kinds(inside) == ([] if involved else ["dummy_reason"])


@pytest.mark.parametrize("note", [".", "x", "case", " CASE ", "aaaa bbb", "!!!!!!!!"])
def test_notes_that_say_nothing_raise_an_alert(inside: Inside, note: str) -> None:
    """Not the first one: everybody mistypes."""
    path = f"/children/{number_of(PLAIN)}/reason"
    for _ in range(BLANKS_AN_HOUR):
        inside.by("senco", "POST", path, {"reason": "welfare", "note": note})
    assert kinds(inside) == []
    for _ in range(2):
        inside.by("senco", "POST", path, {"reason": "welfare", "note": note})
    assert kinds(inside) == ["dummy_reason"]


@pytest.mark.parametrize("note", ["", "  ", "school reports bruises", None])
def test_no_note_and_a_true_one_raise_none(inside: Inside, note: str | None) -> None:
    """A note is never asked for."""
    for _ in range(BLANKS_AN_HOUR + 2):
        inside.by("senco", "POST", f"/children/{number_of(PLAIN)}/reason", {"reason": "welfare", "note": note})
    assert kinds(inside) == []


# Who follows it up.


def test_an_alert_is_open_until_somebody_answers_it(inside: Inside) -> None:
    """Once; who did, what was found and the deadline stand with it, the answer stands in the log."""
    override(inside)
    (raised,) = alerts(inside)
    assert (raised["state"], raised["answered_by"], raised["finding"]) == ("open", None, None)
    assert raised["due"][:13] == "2009-05-18T01"
    assert answer(inside, "management_team", raised["sequence"]) == 204
    assert answer(inside, "central_team", raised["sequence"]) == 409
    (raised,) = alerts(inside)
    assert (raised["state"], raised["answered_by"]) == ("answered", "management_team")
    assert raised["finding"] == "explained"
    rows = [row for row in inside.log() if row["operation"] == "answer_alert"]
    assert rows[0]["query"] == {"sequence": str(raised["sequence"]), **EXPLAINED}
    assert [row["status"] for row in rows] == [204, 409]


def test_neither_the_one_concerned_nor_the_manager_answers(inside: Inside) -> None:
    """Somebody else of the same post does."""
    manager = user_row("management_team")
    change(inside, "UPDATE users SET manager = ? WHERE username = 'child_protection_worker'", manager)
    override(inside)
    inside.by("central_team", "GET", "/log?case=C-1")
    about_worker, about_reader = (alert["sequence"] for alert in alerts(inside))
    assert answer(inside, "management_team", about_worker) == 403
    assert answer(inside, "central_team", about_reader) == 403
    assert answer(inside, "social_worker", about_worker) == 403
    assert answer(inside, "management_team_second", about_worker) == 204
    assert answer(inside, "management_team_second", about_reader) == 204


def test_an_alert_that_names_a_child_is_for_the_areas_concerned(inside: Inside) -> None:
    """Another area's team neither reads nor answers it: an override says that the child is shielded."""
    override(inside)
    inside.by("central_team", "GET", "/log?case=C-1")
    (about_child, about_reader) = alerts(inside)
    assert inside.by("management_team", "GET", "/alerts").json["alerts"] == [about_child, about_reader]
    assert inside.by("management_team_there", "GET", "/alerts").json["alerts"] == [about_reader]
    assert answer(inside, "management_team_there", about_child["sequence"]) == 404
    assert answer(inside, "management_team", about_child["sequence"]) == 204
    inside.by("social_worker", "POST", f"/children/{number_of(FAR)}/shield-requests", {"ground": "WITNESS"})
    for reader in ("management_team", "management_team_there"):
        assert alerts(inside)[-1] in inside.by(reader, "GET", "/alerts").json["alerts"]


@given(
    who=st.builds(
        lambda user, role: User(user, "", role, False, frozenset(), None, True, True, False, True, None),  # noqa: FBT003
        st.integers(0, 3),
        st.sampled_from(["management_team", "central_team", "social_worker", "no such role"]),
    ),
    concerned=st.none() | st.integers(0, 3),
    manager=st.none() | st.integers(0, 3),
)
def test_nobody_ever_answers_an_alert_about_themselves(who: User, concerned: int | None, manager: int | None) -> None:
    """Nor about somebody whom they manage; and all others who read alerts do."""
    watches = who.role in {"management_team", "central_team"}
    assert answers_alert(who, concerned, manager) == (watches and who.user not in {concerned, manager})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"finding": "explained"},
        {"finding": "explained", "note": " "},
        {"finding": "nothing", "note": "x"},
        {"finding": "misuse", "note": 1},
        {"finding": "misuse", "note": "x", "user": "senco"},
    ],
)
def test_an_answer_says_what_was_found(inside: Inside, body: object) -> None:
    """One of two words, and a note; the same refusal whether the alert is there or not."""
    override(inside)
    for sequence in (1, 2):
        assert inside.by("management_team", "POST", f"/alerts/{sequence}/answer", body).status == 422


@pytest.mark.parametrize("sequence", ["2", "0", "x", "-1", "1.0", "9" * 30, "%C2%B2"])
def test_an_alert_that_is_not_there_is_not_answered(inside: Inside, sequence: str) -> None:
    """Whatever stands in its place."""
    override(inside)
    assert answer(inside, "management_team", sequence) == 404


# What becomes of the rest.


def findings(inside: Inside) -> dict[str, tuple[str, int]]:
    """Kind -> since when, how many."""
    read = inside.by("management_team", "GET", "/findings").json["findings"]
    return {each["kind"]: (each["since"], each["count"]) for each in read}


@pytest.mark.parametrize(("kind", "minutes"), [("override", 60), ("volume", 24 * 60), ("own_family", 24 * 60)])
def test_an_alert_that_nobody_answers_becomes_a_finding(inside: Inside, kind: str, minutes: int) -> None:
    """An hour after an override, a day after any other; until it is answered."""
    override(inside)
    for early, found in ((minutes - 1, False), (minutes + 1, True)):
        raised = datetime(2009, 5, 18, tzinfo=UTC) - timedelta(minutes=early)
        change(inside, "UPDATE alerts SET kind = ?, time = ?", kind, stamp(raised))
        assert (f"unanswered_{kind}" in findings(inside)) == found
    since, count = findings(inside)[f"unanswered_{kind}"]
    assert (since, count) == ("2009-05-17T23:59:00.000+00:00", 1)
    answer(inside, "management_team", 1)
    assert findings(inside) == {}


def test_accounts_that_should_be_closed_are_findings(inside: Inside) -> None:
    """Of leavers, more so those who signed in after leaving, and of those whose vetting ran out."""
    for username in ("senco", "midwife", "social_worker"):
        inside.token(username)
    assert findings(inside) == {}
    change(inside, "UPDATE users SET leaves_on = '2009-05-18' WHERE username = 'senco'")
    change(inside, "UPDATE users SET leaves_on = '2009-05-19' WHERE username = 'social_worker'")
    change(inside, "UPDATE users SET vetted_on = '2006-05-16' WHERE username = 'midwife'")
    found = findings(inside)
    assert found.pop("leaver_signed_in")[0].startswith("2009-05-18T00:")
    assert found == {
        "leaver_account": ("2009-05-18T00:00:00.000+00:00", 1),
        "vetting_lapsed": ("2009-05-17T00:00:00.000+00:00", 1),
    }
