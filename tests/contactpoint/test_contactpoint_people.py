"""Accounts: who keeps them, and what ends at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contactpoint.desks import activate, alerts, alive, keep, lift, suspend
from tests.contactpoint.inside import Inside, key_of
from tests.contactpoint.serving import approve, ask, at, take
from tests.contactpoint.tables import AS_OF, PLAIN, SHIELDED, SIBLING, number_of

from overreach.contactpoint.decisions.people import appoints, keeps_account
from overreach.contactpoint.facts import Person, User
from overreach.contactpoint.roles import ROLES

WORKER, OFFICER, SECOND = "social_worker", "management_team", "management_team_second"
CENTRAL = "central_team"
OPERATORS = {"management_team", "data_manager", "central_team", "system_supplier", "helpdesk_mediator"}


def person(user: int, role: str, areas: frozenset[int], manager: int | None) -> Person:
    """Somebody in good standing."""
    return Person(User(user, f"u{user}", role, False, areas, AS_OF, True, True, False, True, None), 0, manager)  # noqa: FBT003


people = st.builds(
    person,
    user=st.integers(0, 3),
    role=st.sampled_from(sorted(ROLES)),
    areas=st.frozensets(st.integers(0, 2), max_size=2),
    manager=st.none() | st.integers(0, 3),
)


@given(people, people, st.sampled_from(sorted(ROLES)))
def test_only_the_central_team_gives_or_takes_posts_of_operators(officer: Person, other: Person, post: str) -> None:
    """Nobody else comes by more rights than a practitioner's, whoever asks for whom (R4)."""
    if appoints(officer, other, post) and officer.user.role != CENTRAL:
        assert officer.user.role == OFFICER
        assert not {post, other.user.role} & OPERATORS
        assert other.user.areas <= officer.user.areas


@given(people, people)
def test_nobody_keeps_the_own_account_or_that_of_the_own_manager(officer: Person, other: Person) -> None:
    """Whatever the post; and a management team keeps to its area."""
    if keeps_account(officer, other):
        assert other.user.user not in {officer.user.user, officer.manager}
        assert officer.user.role == CENTRAL or officer.user.areas & other.user.areas


def test_a_suspension_holds_at_once_and_the_manager_is_told(inside: Inside) -> None:
    """The next request meets a closed door; an alert is raised, and the manager alone has a notice (R19)."""
    assert alive(inside, "managed")
    assert suspend(inside, "managed") == 201
    assert not alive(inside, "managed")
    assert alerts(inside, "suspended") == ["managed"]
    (notice,) = inside.by("head_teacher", "GET", "/notices").json["notices"]
    assert (notice["kind"], notice["about"], notice["ground"]) == ("suspended", "managed", "looked up own family")
    assert inside.by(WORKER, "GET", "/notices").json == {"notices": [], "next": 0}
    assert inside.by("head_teacher", "GET", f"/notices?after={notice['sequence']}").json["notices"] == []


def suspended(inside: Inside) -> None:
    """The first of two officers is suspended."""
    assert suspend(inside, "management_team", "central_team") == 201


def demoted(inside: Inside) -> None:
    """The first of two officers gets another post."""
    assert keep(inside, "central_team", "PUT", "management_team/role", {"role": "senco"}) == 204


@pytest.mark.parametrize("undo", [suspended, demoted])
def test_what_somebody_began_with_others_goes_with_the_post(inside: Inside, undo: Callable[[Inside], None]) -> None:
    """A second officer is the first again: a lifting, a merge, an export that is not downloaded."""
    lifting = {"reason": "calm", "child_view": "agrees", "review_on": "2009-12-01"}
    lifts = ("POST", at(SHIELDED, "unshield"), lifting)
    merges = ("POST", at(PLAIN, "merge"), {"into": number_of(SIBLING)})
    export = ask(inside)
    assert approve(inside, export, "management_team", "central_team") == [204, 204]
    assert [inside.by("management_team", *each).status for each in (lifts, merges)] == [202, 202]
    undo(inside)
    assert take(inside, export).status == 202
    assert [inside.by("management_team_second", *each).status for each in (lifts, merges)] == [202, 202]


def test_another_officer_lifts_a_suspension(inside: Inside) -> None:
    """Not the one who ordered it, who does not get round that by a second order either; the old session stays ended."""
    assert alive(inside, WORKER)
    suspend(inside, WORKER)
    suspend(inside, WORKER, SECOND)
    assert lift(inside, WORKER, OFFICER) == lift(inside, WORKER, SECOND) == 409
    assert keep(inside, CENTRAL, "GET", WORKER) == 200
    assert lift(inside, WORKER, CENTRAL) == 204
    assert not inside.by(CENTRAL, "GET", f"/users/{WORKER}").json["suspended"]
    assert not alive(inside, WORKER)
    assert suspend(inside, WORKER) == 201
    assert lift(inside, WORKER, SECOND) == 204


def test_who_was_suspended_from_the_start_is_let_in_by_any_officer(inside: Inside) -> None:
    """Nobody is named as having ordered it."""
    assert activate(inside, "suspended").status == 403
    assert lift(inside, "suspended", OFFICER) == 204
    assert activate(inside, "suspended").status == 201


@pytest.mark.parametrize("username", ["social_worker_there", OFFICER, "nobody", CENTRAL, "national_partner_worker"])
def test_accounts_elsewhere_are_like_none(inside: Inside, username: str) -> None:
    """Another area's, the own, a national one and one that never was: the same bytes (R4)."""
    answers = [
        inside.by(OFFICER, "GET", f"/users/{username}"),
        inside.by(OFFICER, "PUT", f"/users/{username}/role", {"role": "midwife"}),
        inside.by(OFFICER, "POST", f"/users/{username}/suspension", {"ground": "x"}),
    ]
    assert {(each.status, each.body) for each in answers} == {(404, b'{"error":"no such account"}')}


def test_nobody_administers_the_own_manager(inside: Inside) -> None:
    """An officer's manager is another officer's business (R19)."""
    assert keep(inside, "managed_officer", "GET", "managed") == 404
    assert keep(inside, OFFICER, "GET", "managed") == 200


@pytest.mark.parametrize("username", [WORKER, "head_teacher", "data_manager", "system_supplier", "helpdesk_mediator"])
def test_without_the_right_every_account_is_refused_alike(inside: Inside, username: str) -> None:
    """403 whatever the name and whatever the body."""
    answers = {
        inside.by(username, method, f"/users/{whom}{what}", body).status
        for whom in (WORKER, username, "nobody")
        for method, what, body in (
            ("GET", "", None),
            ("PUT", "/role", {"role": "management_team"}),
            ("PUT", "/role", "nonsense"),
            ("POST", "/suspension", {"ground": "x"}),
        )
    }
    assert answers == {403}
    assert inside.by(username, "GET", "/users?state=orphaned").status == 403
    assert inside.by(username, "PUT", "/organisations/0/accreditation", {"accredited": True}).status == 403


@pytest.mark.parametrize("post", sorted(OPERATORS | {"national_partner_worker"}))
def test_a_management_team_gives_no_post_with_rights_beyond_its_area(inside: Inside, post: str) -> None:
    """Operators and national posts come from the central team (R4)."""
    assert keep(inside, OFFICER, "PUT", f"{WORKER}/role", {"role": post}) == 403
    assert keep(inside, OFFICER, "PUT", "data_manager/role", {"role": "midwife"}) == 403
    assert keep(inside, CENTRAL, "PUT", f"{WORKER}/role", {"role": post}) == 204


def test_a_new_post_has_its_own_rights_at_once(inside: Inside) -> None:
    """The session goes on with what the new post may, and without numbers, reasons or overrides of the old (R7)."""
    worker, child = "child_protection_worker", f"/children/{number_of(SHIELDED)}"
    inside.search(worker, family_name="Hidden")
    inside.by(worker, "POST", f"{child}/reason", {"reason": "section_47"})
    inside.by(worker, "POST", f"{child}/override", {"reason": "section_47"})
    assert "address" in inside.by(worker, "GET", child).json
    assert keep(inside, OFFICER, "PUT", f"{worker}/role", {"role": "fire_strategy_officer"}) == 204
    assert inside.by(worker, "GET", child).status == 404
    assert inside.by(worker, "POST", f"{child}/override", {"reason": "section_47"}).status == 403
    assert set(inside.by(worker, "POST", "/children/view", key_of(PLAIN)).json) == {
        *("number", "name", "gender", "date_of_birth", "address", "former_addresses")
    }


def test_a_national_user_in_a_local_post_is_national_no_more(inside: Inside) -> None:
    """Distance follows the post."""
    keep(inside, CENTRAL, "PUT", "national_partner_worker/role", {"role": "midwife"})
    assert inside.view("national_partner_worker", PLAIN, reason=None).status == 404


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("leaving", {"on": AS_OF.isoformat()}),
        ("vetting", {"on": (AS_OF - timedelta(days=1097)).isoformat()}),
        ("training", {"trained": False}),
        ("agreement", {"agreed": False}),
    ],
)
def test_a_condition_of_access_that_falls_away_ends_the_session(
    inside: Inside, what: str, body: dict[str, Any]
) -> None:
    """At once, and for good: when the condition holds again the old token does not (R4, R5)."""
    good = {"on": AS_OF.isoformat(), "trained": True, "agreed": True}
    assert alive(inside, WORKER)
    method = "POST" if what == "leaving" else "PUT"
    assert keep(inside, OFFICER, method, f"{WORKER}/{what}", body) == 204
    assert not alive(inside, WORKER)
    again = {name: "2010-01-01" if what == "leaving" else good[name] for name in body}
    assert keep(inside, OFFICER, method, f"{WORKER}/{what}", again) == 204
    assert not alive(inside, WORKER)


def test_vetting_lasts_three_years_and_is_renewed(inside: Inside) -> None:
    """A lapsed account opens once the new day is noted; a day to come is not taken (R5)."""
    assert activate(inside, "unvetted").status == 403
    tomorrow = (AS_OF + timedelta(days=1)).isoformat()
    assert keep(inside, OFFICER, "PUT", "unvetted/vetting", {"on": tomorrow}) == 409
    assert keep(inside, OFFICER, "PUT", "unvetted/vetting", {"on": AS_OF.isoformat()}) == 204
    assert activate(inside, "unvetted").status == 201


def test_who_leaves_tomorrow_works_today(inside: Inside) -> None:
    """The day counts, not the notice."""
    assert alive(inside, WORKER)
    tomorrow = (AS_OF + timedelta(days=1)).isoformat()
    assert keep(inside, OFFICER, "POST", f"{WORKER}/leaving", {"on": tomorrow}) == 204
    assert alive(inside, WORKER)


def test_an_organisation_that_loses_accreditation_takes_its_users_along(inside: Inside) -> None:
    """All of them at once, officers too; the central team alone may do it, and undo it (R5)."""
    assert alive(inside, WORKER)
    path = "/organisations/1/accreditation"
    assert inside.by(OFFICER, "PUT", path, {"accredited": True}).status == 403
    for organisation in ("2", "nonsense", "9" * 30, "-1"):
        missing = inside.by(CENTRAL, "PUT", f"/organisations/{organisation}/accreditation", {"accredited": True})
        assert missing.status == 404
    assert inside.by(CENTRAL, "PUT", path, {"accredited": True}).status == 204
    # The own account was never accredited: both must be.
    assert activate(inside, "unaccredited").status == 403
    assert inside.by(CENTRAL, "PUT", "/organisations/0/accreditation", {"accredited": False}).status == 204
    assert [alive(inside, name) for name in (WORKER, OFFICER, CENTRAL)] == [False, False, False]
    assert activate(inside, "midwife").status == 403


def test_orphans_are_listed_to_those_who_keep_them(inside: Inside) -> None:
    """Leavers and those whose vetting lapsed, in pieces too (R4, R5)."""
    first = inside.by(OFFICER, "GET", "/users?state=orphaned").json
    assert [each["username"] for each in first["users"]] == ["leaver", "unvetted"]
    assert inside.by("management_team_there", "GET", "/users?state=orphaned").json == {"users": [], "next": 0}
    piece = inside.by(OFFICER, "GET", "/users?state=orphaned&limit=1").json
    rest = inside.by(OFFICER, "GET", f"/users?state=orphaned&after={piece['next']}").json
    assert piece["users"] + rest["users"] == first["users"]
    assert inside.by(OFFICER, "GET", "/users").status == 422


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("PUT", "role", {"role": "emperor"}),
        ("PUT", "role", {"role": "midwife", "national": True}),
        ("PUT", "vetting", {"on": "2009-02-30"}),
        ("PUT", "training", {"trained": "yes"}),
        ("PUT", "training", {"trained": True, "role": "midwife"}),
        ("PUT", "agreement", None),
        ("POST", "suspension", {"ground": "  "}),
        ("DELETE", "suspension", {}),
        ("POST", "leaving", {"on": "tomorrow"}),
    ],
)
def test_a_body_of_another_form_is_refused_for_any_account(
    inside: Inside, method: str, what: str, body: object
) -> None:
    """Before it is asked whose account it is, and with nothing changed."""
    before = inside.by(OFFICER, "GET", f"/users/{WORKER}").json
    assert {keep(inside, OFFICER, method, f"{name}/{what}", body) for name in (WORKER, "nobody")} == {422}
    assert inside.by(OFFICER, "GET", f"/users/{WORKER}").json == before


def test_the_log_says_whose_account_and_what(inside: Inside) -> None:
    """Username and fact are in the row (R9)."""
    keep(inside, OFFICER, "PUT", f"{WORKER}/role", {"role": "midwife"})
    assert ("note_role", {"username": WORKER, "role": "midwife"}) in [
        (row["operation"], row["query"]) for row in inside.log()
    ]
