"""How a shield comes about, is decided, is looked at again, and whom it is against."""

from __future__ import annotations

from datetime import date

import pytest
from tests.contactpoint.inside import Inside, key_of
from tests.contactpoint.officers import (
    BREAKER,
    LIFTING,
    MANAGER,
    SECOND,
    TEAM,
    TEAM_THERE,
    WORKER,
    alerts,
    at_day,
    decide,
    has_contacts,
    post,
    request,
    rows,
    shield,
    shown,
    unshield,
)
from tests.contactpoint.tables import (
    ARCHIVED_FIRST,
    FAR,
    FAR_SHIELDED,
    PLAIN,
    SHIELDED,
    SIBLING,
    number_of,
)

from overreach.contactpoint.shields import half_year_after


def test_a_request_shields_at_once(inside: Inside) -> None:
    """No moment lies between request and shield; numbers given and reasons stated before change nothing (R10)."""
    inside.search(WORKER, family_name="Plain")
    post(inside, WORKER, PLAIN, "reason", reason="welfare")
    path = f"/children/{number_of(PLAIN)}"
    assert "address" in inside.by(WORKER, "GET", path).json
    assert request(inside, "practice_nurse", PLAIN).status == 202
    masked = inside.by(WORKER, "GET", path).json
    assert set(masked) == {"number", "name", "gender", "date_of_birth"}
    assert inside.view(WORKER, PLAIN).json == masked
    assert inside.search(WORKER, postcode="CI0 1KV", reason="welfare").json["count"] == 0
    assert shown(inside, TEAM, PLAIN)


def test_a_request_tells_nothing(inside: Inside) -> None:
    """Shielded before or not: the same bytes, an alert each (scenario 31)."""
    answers = {request(inside, WORKER, child) for child in (PLAIN, PLAIN, SHIELDED)}
    assert {answer.body for answer in answers} == {b""}
    assert len(answers) == 1
    assert [row["child"] for row in alerts(inside, "shield_requested")] == [
        number_of(child) for child in (PLAIN, PLAIN, SHIELDED)
    ]


def test_who_does_not_see_a_child_requests_nothing_for_it(inside: Inside) -> None:
    """Out of area only with a stated reason; never in the archive; never by a post that reads no records."""
    assert request(inside, WORKER, FAR) == request(inside, WORKER, 999)
    assert request(inside, WORKER, FAR).status == 404
    post(inside, WORKER, FAR, "reason", reason="child_protection")
    assert request(inside, WORKER, FAR).status == 202
    assert request(inside, MANAGER, ARCHIVED_FIRST).status == 404
    assert {request(inside, "central_team", child).status for child in (PLAIN, 999)} == {403}
    assert post(inside, WORKER, PLAIN, "shield-requests", ground="adoption").status == 422
    assert alerts(inside, "shield_requested")[0]["child"] == number_of(FAR)


def test_a_requested_shield_is_confirmed_by_an_officer_who_did_not_request_it(inside: Inside) -> None:
    """The requester cannot decide; once it is decided there is nothing left to decide."""
    request(inside, TEAM, PLAIN)
    assert decide(inside, TEAM, PLAIN, "confirm") == decide(inside, TEAM_THERE, PLAIN, "confirm") == 404
    assert decide(inside, SECOND, PLAIN, "confirm") == 200
    assert decide(inside, SECOND, PLAIN, "refuse") == 409
    assert not shown(inside, WORKER, PLAIN)


def test_a_request_is_refused_by_two_officers(inside: Inside) -> None:
    """As in lifting, one officer asking twice is still one; a further request begins it anew."""
    request(inside, WORKER, PLAIN)
    assert [decide(inside, TEAM, PLAIN, "refuse") for _ in range(2)] == [202, 202]
    request(inside, WORKER, PLAIN)
    assert decide(inside, SECOND, PLAIN, "refuse") == 202
    assert not shown(inside, WORKER, PLAIN)
    assert decide(inside, TEAM, PLAIN, "refuse") == 200
    assert shown(inside, WORKER, PLAIN)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"decision": "maybe", "ground": "SDV", "reason": "x"},
        {"decision": "confirm", "ground": "celebrity", "reason": "x"},
        {"decision": "confirm", "ground": "SDV", "reason": " "},
        {"decision": "confirm", "ground": "SDV", "reason": "x", "more": "x"},
    ],
)
def test_a_decision_has_a_coded_ground_and_a_reason(inside: Inside, body: dict[str, str]) -> None:
    """Anything else is not understood, for every number alike; without the right it is refused before."""
    assert {post(inside, TEAM, child, "shield-decisions", **body).status for child in (PLAIN, FAR, 999)} == {422}
    assert post(inside, WORKER, PLAIN, "shield-decisions", **body).status == 403


@pytest.mark.parametrize("member", ["reason", "child_view", "review_on"])
def test_lifting_takes_the_child_s_view_and_a_later_review(inside: Inside, member: str) -> None:
    """Each of the three must be stated, and the review must lie ahead; all of it is kept."""
    left_out = {name: value for name, value in LIFTING.items() if name != member}
    assert post(inside, TEAM, SHIELDED, "unshield", **left_out).status == 422
    assert post(inside, TEAM, SHIELDED, "unshield", **{**LIFTING, "review_on": "2009-05-18"}).status == 409
    assert [unshield(inside, each, SHIELDED) for each in (TEAM, SECOND)] == [202, 200]
    kept = rows(inside, "SELECT kind, reason, child_view, review_on FROM shield_events ORDER BY event")
    stated = tuple(LIFTING.values())
    assert kept == [("lifting asked", *stated), ("lifted", *stated)]


def test_a_threat_does_not_get_behind_the_shield(inside: Inside) -> None:
    """A named party neither lifts, decides, overrides nor brokers; the words are those for a number never issued."""
    assert shield(inside, PLAIN, BREAKER, SECOND) == 201
    never = post(inside, BREAKER, 999, "override", reason="section_47")
    assert post(inside, BREAKER, PLAIN, "override", reason="section_47") == never
    assert post(inside, "police_child_protection_officer", PLAIN, "override", reason="section_47").status == 201
    for verb, body in (("unshield", LIFTING), ("shield", {"ground": "x"}), ("merge", {"into": number_of(SHIELDED)})):
        assert post(inside, SECOND, PLAIN, verb, **body) == post(inside, SECOND, 999, verb, **body), verb
    assert decide(inside, SECOND, PLAIN, "refuse") == 404
    assert inside.by(SECOND, "GET", f"/children/{number_of(PLAIN)}/readers").status == 404
    assert not shown(inside, SECOND, PLAIN)
    assert inside.search(SECOND, postcode="CI0 1KV", reason="welfare").json["count"] == 0
    assert shown(inside, TEAM, PLAIN)
    assert [row["child"] for row in alerts(inside, "override")] == [number_of(PLAIN)]


def test_a_threat_does_not_reach_the_carer_through_a_sibling(inside: Inside) -> None:
    """On the record of another child of the same carer the contacts stay hidden, with an override too."""
    assert shield(inside, SHIELDED, SECOND, BREAKER) == 201
    assert has_contacts(inside, TEAM, SIBLING)
    assert not has_contacts(inside, SECOND, SIBLING)
    assert post(inside, BREAKER, SIBLING, "override", reason="section_47").status == 404


def test_an_open_override_ends_where_the_user_is_named(inside: Inside) -> None:
    """Naming somebody takes hold at once; with the shield the name goes."""
    post(inside, BREAKER, SHIELDED, "override", reason="section_47")
    assert shown(inside, BREAKER, SHIELDED)
    shield(inside, SHIELDED, BREAKER)
    assert not shown(inside, BREAKER, SHIELDED)
    for officer in (TEAM, SECOND):
        unshield(inside, officer, SHIELDED)
    assert rows(inside, "SELECT * FROM threats") == []


def test_named_parties_are_users_and_not_in_the_log(inside: Inside) -> None:
    """An unknown name is not possible; the log would tell the reader whom the family fears."""
    unfit: list[object] = ["nobody of that name", [1], {}, None, [BREAKER] * 21]
    for threat in unfit:
        assert post(inside, TEAM, PLAIN, "shield", ground="threat", threat=threat).status == 422
    assert post(inside, TEAM, PLAIN, "shield", ground="threat", threat=["nobody of that name"]).status == 409
    shield(inside, PLAIN, BREAKER)
    asked = [row["query"] for row in inside.log() if row["operation"] == "shield"]
    assert asked[-1] == {"number": number_of(PLAIN), "ground": "threat"}


def test_a_missed_review_is_told_of_once_and_lifts_nothing(inside: Inside) -> None:
    """After half a year the area's officers find it in their list; the shield stays (scenario 33)."""
    at_day(inside, 190)
    listed = inside.by(TEAM, "GET", "/shields/reviews").json["reviews"]
    assert {"number": number_of(SHIELDED), "standing": "confirmed", "review_on": "2009-11-18"} in listed
    assert number_of(FAR_SHIELDED) not in {row["number"] for row in listed}
    assert inside.by(TEAM, "GET", "/shields/reviews").json["reviews"] == listed
    assert [row["child"] for row in alerts(inside, "review_missed")] == [row["number"] for row in listed]
    assert not shown(inside, WORKER, SHIELDED)
    assert shield(inside, SHIELDED) == 201
    assert number_of(SHIELDED) not in inside.by(TEAM, "GET", "/shields/reviews").body.decode()
    assert inside.by(WORKER, "GET", "/shields/reviews").status == 403


def test_the_list_has_requests_that_wait_and_liftings_to_look_at_again(inside: Inside) -> None:
    """A request is due at once, a lifting on the day that was set; neither is a missed review."""
    request(inside, WORKER, PLAIN)
    for officer in (TEAM, SECOND):
        unshield(inside, officer, SHIELDED)
    assert [row["standing"] for row in inside.by(TEAM, "GET", "/shields/reviews").json["reviews"]] == ["provisional"]
    at_day(inside, 184)
    listed = {row["number"]: row["standing"] for row in inside.by(TEAM, "GET", "/shields/reviews").json["reviews"]}
    assert listed[number_of(SHIELDED)] == "lifted"
    assert listed[number_of(PLAIN)] == "provisional"
    assert {number_of(PLAIN), number_of(SHIELDED)}.isdisjoint(row["child"] for row in alerts(inside, "review_missed"))


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2009, 1, 15), date(2009, 7, 15)),
        (date(2009, 8, 31), date(2010, 2, 28)),
        (date(2009, 12, 1), date(2010, 6, 1)),
        (date(2009, 6, 30), date(2009, 12, 30)),
    ],
)
def test_half_a_year_ends_in_the_sixth_month(day: date, later: date) -> None:
    """On the same day, or the month's last."""
    assert half_year_after(day) == later


def test_those_who_read_a_record_before_its_shield_are_listed(inside: Inside) -> None:
    """Views that were answered, by those who read whereabouts, until the shield took hold (scenario 24)."""
    path = f"/children/{number_of(PLAIN)}/readers"
    inside.view(WORKER, PLAIN)
    inside.view(MANAGER, PLAIN)
    inside.view("social_worker_there", FAR)
    inside.by(WORKER, "POST", "/children/view", {**key_of(PLAIN), "date_of_birth": "2000-01-01"})
    request(inside, WORKER, PLAIN)
    inside.view("practice_nurse", PLAIN)
    found = inside.by(TEAM, "GET", path)
    assert [row["user"] for row in found.json["readers"]] == [WORKER]
    assert [row["results"] for row in inside.log() if row["operation"] == "read_readers"] == [[number_of(PLAIN)]]
    assert inside.by(TEAM_THERE, "GET", path) == inside.by(TEAM_THERE, "GET", f"/children/{number_of(999)}/readers")
    assert inside.by(WORKER, "GET", path).status == 403


def test_no_date_tells_of_a_shield(inside: Inside) -> None:
    """When the record was last updated is hidden with the rest, and not touched on the records of siblings."""
    before = inside.view(WORKER, SIBLING).json["provenance"]
    shield(inside, SHIELDED)
    request(inside, WORKER, PLAIN)
    assert inside.view(WORKER, SIBLING).json["provenance"] == before
    assert "provenance" not in inside.view(WORKER, PLAIN).json
    assert inside.view(TEAM, PLAIN).json["provenance"]["updated"] == before["updated"]
