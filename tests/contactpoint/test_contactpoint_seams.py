"""Where two rules meet: what a merge, a move, a threat, a mediation or the end of an account does to all the others."""

from __future__ import annotations

import pytest
from tests.contactpoint.desks import keep, look_up, mediate, suspend
from tests.contactpoint.inside import Inside, flat, key_of
from tests.contactpoint.officers import (
    BREAKER,
    HALF,
    LIFTING,
    MANAGER,
    SECOND,
    TEAM,
    TEAM_THERE,
    WORKER,
    at_day,
    merge,
    move,
    post,
    request,
    rows,
    shield,
    shown,
    unshield,
)
from tests.contactpoint.tables import ARCHIVED_FIRST, PLAIN, SHIELDED, number_of

TWIN = 9  # a plain child who shares no carer with those above


def test_an_override_under_an_earlier_number_ends_with_a_merge(inside: Inside) -> None:
    """A visit to one record does not become a visit to the one that it was merged into (R13)."""
    merge(inside, TWIN, PLAIN)
    assert post(inside, BREAKER, TWIN, "override", reason="section_47").status == 201
    assert merge(inside, PLAIN, SHIELDED) == [202, 200]
    body = {**key_of(SHIELDED), "number": number_of(TWIN)}
    assert "address" not in inside.by(BREAKER, "POST", "/children/view", body).json


def test_requests_for_contact_follow_a_merged_record(inside: Inside) -> None:
    """The management team goes on seeing who asks for contact with the child (R14)."""
    post(inside, WORKER, TWIN, "brokering", message_kind="urgent", reason="welfare")
    merge(inside, TWIN, PLAIN)
    waiting = inside.by(TEAM, "GET", "/brokering").json["requests"]
    assert [each["number"] for each in waiting] == [number_of(PLAIN)]


def test_a_lifting_is_looked_at_again_after_a_merge(inside: Inside) -> None:
    """The review of the record that ended goes to the one that stays, the earlier of two (R10)."""
    request(inside, WORKER, TWIN)
    assert [unshield(inside, each, TWIN) for each in (TEAM, SECOND)] == [202, 200]
    merge(inside, TWIN, PLAIN)
    standing = rows(inside, "SELECT standing, review_on FROM shield_standing WHERE child = ?", PLAIN)
    assert standing == [("lifted", LIFTING["review_on"])]


def test_what_was_taken_through_a_mediator_ends_with_a_move(inside: Inside) -> None:
    """Numbers given to a caller of the old area and reasons that it declared are no better than its own (R18, R20)."""
    handle = mediate(inside, WORKER)
    asked = {"x_on_behalf_of": handle}
    inside.by("helpdesk_mediator", "POST", "/children/search", {"family_name": "Plain"}, **asked)
    path = f"/children/{number_of(PLAIN)}"
    inside.by("helpdesk_mediator", "POST", f"{path}/reason", {"reason": "welfare"}, **asked)
    assert inside.by("helpdesk_mediator", "GET", path, **asked).status == 200
    assert move(inside, PLAIN) == [202, 200]
    assert inside.by("helpdesk_mediator", "GET", path, **asked).status == 404
    assert look_up(inside, handle, PLAIN, reason=None).status == 404


def test_a_caller_for_whom_a_record_was_read_is_listed_as_a_reader(inside: Inside) -> None:
    """Both know where the child lived: the caller, and the mediator who read it out (R10, R20)."""
    look_up(inside, mediate(inside, WORKER), PLAIN)
    shield(inside, PLAIN)
    readers = inside.by(TEAM, "GET", f"/children/{number_of(PLAIN)}/readers").json["readers"]
    assert [row["user"] for row in readers] == ["helpdesk_mediator", WORKER]


def test_a_threat_in_the_management_team_does_nothing_to_the_hidden_part(inside: Inside) -> None:
    """It neither learns who asks for contact nor answers, and ends no indicator and no service (R10, R14)."""
    service = {"kind": "youth service", "provider": "Clubs"}
    post(inside, WORKER, PLAIN, "reason", reason="welfare")
    recorded = post(inside, WORKER, PLAIN, "services", **service).json["service"]
    shield(inside, PLAIN, SECOND)
    post(inside, WORKER, PLAIN, "brokering", message_kind="urgent", reason="welfare")
    assert inside.by(SECOND, "GET", "/brokering").json["requests"] == []
    asked = inside.by(TEAM, "GET", "/brokering").json["requests"][0]["request"]
    assert inside.by(SECOND, "POST", f"/brokering/{asked}/answer", {"outcome": "declined"}).status == 404
    post(inside, SECOND, PLAIN, "reason", reason="welfare")
    path = f"/children/{number_of(PLAIN)}"
    assert inside.by(SECOND, "DELETE", f"{path}/indicators/caf").status == 404
    assert inside.by(SECOND, "DELETE", f"{path}/services/{recorded}").status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"gender": "bruises on both arms, seen on Monday"},
        {"given_name": "x" * 201},
        {"family_name": "Two\nlines"},
        {"date_of_birth": "2999-01-01"},
    ],
)
def test_a_split_takes_the_same_values_as_an_amendment(inside: Inside, wrong: dict[str, str]) -> None:
    """The second record has no room for notes either (R1)."""
    assert post(inside, MANAGER, PLAIN, "split", **{**HALF, **wrong}).status == 422
    assert post(inside, MANAGER, PLAIN, "split", **HALF).status == 201


def test_who_requested_a_shield_is_not_one_of_two_who_lift_it_undecided(inside: Inside) -> None:
    """Nobody decides on the own request, by whatever path; once it is decided it is a shield like any (R10)."""
    request(inside, TEAM, PLAIN)
    assert unshield(inside, TEAM, PLAIN) == unshield(inside, TEAM, 999) == 404
    assert unshield(inside, SECOND, PLAIN) == 202
    assert not shown(inside, WORKER, PLAIN)
    shield(inside, PLAIN, username=SECOND)
    assert [unshield(inside, each, PLAIN) for each in (TEAM, SECOND)] == [202, 200]


def test_a_session_that_fell_away_does_not_come_back(inside: Inside) -> None:
    """Once a request found the vetting lapsed, a renewal needs a new sign-in (R5)."""
    inside.token("just_vetted")
    inside.token(TEAM)
    at_day(inside, 1)
    assert inside.by("just_vetted", "GET", "/notices").status == 401
    assert keep(inside, TEAM, "PUT", "just_vetted/vetting", {"on": "2009-05-19"}) == 204
    assert inside.by("just_vetted", "GET", "/notices").status == 401


def test_the_word_of_an_officer_who_was_suspended_counts_no_more(inside: Inside) -> None:
    """Half of an agreement ends with the rights of whoever gave it (R10, R17, R19)."""
    assert unshield(inside, SECOND, SHIELDED) == 202
    assert merge(inside, TWIN, PLAIN, SECOND) == [202]
    assert suspend(inside, SECOND, TEAM) == 201
    assert unshield(inside, TEAM, SHIELDED) == 202
    assert merge(inside, TWIN, PLAIN, TEAM) == [202]


def test_the_word_of_an_officer_who_has_another_post_counts_no_more(inside: Inside) -> None:
    """As little as that of somebody suspended."""
    assert unshield(inside, SECOND, SHIELDED) == 202
    assert keep(inside, "central_team", "PUT", f"{SECOND}/role", {"role": "social_worker"}) == 204
    assert unshield(inside, TEAM, SHIELDED) == 202


def test_what_a_threat_had_half_agreed_on_ends_when_it_is_named(inside: Inside) -> None:
    """Neither its wish to merge nor an offer to another authority outlasts that (R10)."""
    assert merge(inside, PLAIN, TWIN, SECOND) == [202]
    assert post(inside, SECOND, PLAIN, "move", to="Therewich").status == 202
    shield(inside, PLAIN, SECOND)
    assert merge(inside, PLAIN, TWIN, TEAM) == [202]
    assert post(inside, TEAM_THERE, PLAIN, "move/accept").status == 404


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("brokering", {"message_kind": "urgent", "reason": "welfare"}),
        ("shield-requests", {"ground": "SDV"}),
        ("override", {"reason": "section_47"}),
        ("services", {"kind": "youth service", "provider": "Clubs"}),
    ],
)
def test_numbers_are_not_tried_out_by_other_operations(inside: Inside, verb: str, body: dict[str, object]) -> None:
    """Whoever may not go on asking whether a number was issued may not do so by another path (R7, R12)."""
    inside.token(BREAKER)
    asked = [post(inside, BREAKER, 900 + each, verb, **body).status for each in range(150)]
    assert set(asked) == {404, 429}


def test_the_own_row_of_the_log_does_not_tell_whether_a_number_was_issued(inside: Inside) -> None:
    """What found nothing has a pseudonym: archived, never issued and hidden alike (R9, R12)."""
    for number in (ARCHIVED_FIRST, 999):
        inside.by(TEAM, "POST", "/children/view", {**key_of(PLAIN), "number": number_of(number)})
        post(inside, TEAM, number, "reason", reason="welfare")
    found = [flat(event) for event in inside.by(TEAM, "GET", "/log").json["entries"]]
    asked = [row["query"]["number"] for row in found if row["operation"] in {"view", "declare"}]
    assert [each.startswith("record-") for each in asked] == [True] * 4


READERS = (TEAM, SECOND, TEAM_THERE)


def test_an_alert_names_a_record_to_those_who_keep_its_shield(inside: Inside) -> None:
    """Not to the team of the area where its user works, nor to whoever is named as a threat to the child (R9, R10)."""
    request(inside, WORKER, PLAIN)
    shield(inside, PLAIN, SECOND)
    told = {each: [row["child"] for row in inside.by(each, "GET", "/alerts").json["alerts"]] for each in READERS}
    assert told == {TEAM: [number_of(PLAIN)], SECOND: ["masked"], TEAM_THERE: []}
    (row,) = [each for each in inside.by("central_team", "GET", "/alerts").json["alerts"] if each["user"] == WORKER]
    assert row["child"] == number_of(PLAIN)


@pytest.mark.parametrize(
    "spelling", ["Caf\u00e9 Waters.", "Cafe\u0301 Waters", "Caf\u00e9\u200bWaters", "Caf\u00e9-\uff37aters"]
)
def test_no_other_spelling_brings_a_withdrawn_provider_back(inside: Inside, spelling: str) -> None:
    """Composed or not, with marks or without: it is the same provider (R3)."""
    service = {"kind": "mental health", "sensitive": "mental_health", "provider": "Caf\u00e9 Waters"}
    basis = {"basis": {"harm": "as assessed"}}
    post(inside, WORKER, PLAIN, "reason", reason="welfare")
    recorded = post(inside, WORKER, PLAIN, "services", **service, **basis).json["service"]
    inside.by(WORKER, "DELETE", f"/children/{number_of(PLAIN)}/services/{recorded}")
    assert post(inside, WORKER, PLAIN, "services", **{**service, "provider": spelling}, **basis).status == 201
    assert rows(inside, "SELECT 1 FROM services WHERE child = ? AND kind = 'mental health'", PLAIN) == []


@pytest.mark.parametrize("threat", [None, "", 0, False, {}])
def test_a_threat_that_is_no_list_is_not_passed_over(inside: Inside, threat: object) -> None:
    """Whoever meant to name somebody is told that nobody was (R10)."""
    assert post(inside, TEAM, PLAIN, "shield", ground="threat", threat=threat).status == 422


def test_who_took_an_export_is_listed_as_a_reader(inside: Inside) -> None:
    """A file with the address is an answer about each child in it (R10, R23)."""
    asked = {"columns": ["number", "house"], "where": {}, "purpose": "welfare"}
    export = inside.by(TEAM, "POST", "/exports", asked).json["export"]
    for officer in (SECOND, "central_team"):
        inside.by(officer, "POST", f"/exports/{export}/approve")
    assert inside.by(TEAM, "GET", f"/exports/{export}").status == 200
    shield(inside, PLAIN)
    readers = inside.by(SECOND, "GET", f"/children/{number_of(PLAIN)}/readers").json["readers"]
    assert [row["user"] for row in readers] == [TEAM]


def test_the_approval_of_an_officer_who_was_suspended_lets_no_export_go(inside: Inside) -> None:
    """It takes two who still may (R19, R23)."""
    asked = {"columns": ["number"], "where": {}, "purpose": "welfare"}
    export = inside.by(MANAGER, "POST", "/exports", asked).json["export"]
    for officer in (SECOND, TEAM):
        assert inside.by(officer, "POST", f"/exports/{export}/approve").status == 204
    suspend(inside, SECOND, TEAM)
    assert inside.by(MANAGER, "GET", f"/exports/{export}").status == 202
