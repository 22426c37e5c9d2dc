"""Mediated access: two people known, and no more than both may read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contactpoint.desks import MEDIATOR, alerts, later, look_up, mediate, proof, suspend
from tests.contactpoint.inside import Inside, key_of
from tests.contactpoint.later import change
from tests.contactpoint.tables import ARCHIVED_FIRST, FAR, PLAIN, SHIELDED, SIBLING, number_of
from tests.contactpoint.test_contactpoint_rules import children, claims, switches, users

from overreach.contactpoint import roles
from overreach.contactpoint.facts import Child, Claims, Switches, User
from overreach.contactpoint.rules import rules_under

CALLER, TEAM = "practice_administrator", "management_team"
HIDDEN = {"sensitive_services", "protection", "address"}


@given(
    switches,
    st.tuples(users, users),
    children,
    claims,
    st.frozensets(st.sampled_from(sorted(roles.ROLES["senco"].facets))),
)
def test_a_mediated_answer_is_within_what_the_caller_may_read(
    chosen: Switches, parties: tuple[User, User], child: Child, claimed: Claims, by: frozenset[str]
) -> None:
    """And within what the mediator lends; a search follows the view (R20, R12)."""
    rules, (caller, mediator) = rules_under(chosen), parties
    through = rules.through(rules, mediator)
    shown = through.view(caller, child, claimed)
    assert shown <= rules.view(caller, child, claimed)
    assert shown <= rules.lends(mediator, child, claimed)
    assert through.search(caller, child, claimed, by) == (by | {roles.EXISTENCE} <= shown)


@given(switches, users, users, children, claims)
def test_the_hidden_part_is_never_lent(
    chosen: Switches, caller: User, mediator: User, child: Child, claimed: Claims
) -> None:
    """Neither behind a shield nor from the archive, whoever calls whom (R14, R20)."""
    rules = rules_under(chosen)
    shown = rules.through(rules, mediator).view(caller, child, claimed)
    assert not shown & {roles.SENSITIVE_SERVICES, roles.PROTECTION}
    if child.shielded or child.archive_year:
        assert not shown & {roles.WHEREABOUTS, roles.CONTACTS, roles.EDUCATION, roles.HEALTH, roles.SERVICES}


def test_a_mediator_reads_out_what_the_caller_may_read(inside: Inside) -> None:
    """Search, reason, view by number: as if the caller asked, and not one facet more (R20)."""
    own = inside.view(CALLER, PLAIN)
    handle = mediate(inside, CALLER)
    on_behalf = {"x_on_behalf_of": handle}
    found = inside.by(MEDIATOR, "POST", "/children/search", {"family_name": "Plain"}, **on_behalf)
    assert [row["number"] for row in found.json["children"]] == [number_of(PLAIN)]
    path = f"/children/{number_of(PLAIN)}"
    assert inside.by(MEDIATOR, "POST", f"{path}/reason", {"reason": "welfare"}, **on_behalf).status == 204
    opened = inside.by(MEDIATOR, "GET", path, **on_behalf)
    assert opened.body == own.body
    assert "education" not in opened.json
    assert look_up(inside, handle, SIBLING).body == inside.view(CALLER, SIBLING).body


def test_without_a_caller_a_helpdesk_reads_nothing(inside: Inside) -> None:
    """It may sign in, and that is all."""
    assert inside.view(MEDIATOR, PLAIN).status == 404
    assert inside.search(MEDIATOR, family_name="Plain").status == 403
    path = f"/children/{number_of(PLAIN)}"
    refused = [("reason", {"reason": "welfare"}), ("override", {"reason": "section_47"}), ("shield", {"ground": "x"})]
    assert {inside.by(MEDIATOR, "POST", f"{path}/{verb}", body).status for verb, body in refused} == {403}
    assert inside.by(MEDIATOR, "GET", "/log").status == 403


def test_the_hidden_part_is_not_read_out(inside: Inside) -> None:
    """Neither to a practitioner through the management team, nor between two teams of the area (R14)."""
    for caller in ("social_worker", "management_team_second"):
        handle = mediate(inside, caller, TEAM)
        assert not HIDDEN & set(look_up(inside, handle, SHIELDED, TEAM).json)
        assert "sensitive_services" not in look_up(inside, handle, PLAIN, TEAM).json
    assert {"address", "sensitive_services"} <= set(inside.view(TEAM, SHIELDED).json)


def test_an_override_does_not_reach_through_a_mediation(inside: Inside) -> None:
    """Not the caller's own, which stays open in the caller's session."""
    caller = "child_protection_worker"
    handle = mediate(inside, caller)
    second = inside.by(MEDIATOR, "POST", f"/children/{number_of(SHIELDED)}/override", {"reason": "section_47"})
    assert second.status == 403
    assert "address" not in look_up(inside, handle, SHIELDED).json
    assert look_up(inside, handle, ARCHIVED_FIRST).status == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"/children/{number_of(PLAIN)}/shield", {"ground": "x"}),
        ("POST", f"/children/{number_of(PLAIN)}/override", {"reason": "section_47"}),
        ("GET", "/log", None),
        ("GET", "/alerts", None),
        ("GET", "/users/social_worker", None),
        ("POST", "/users/social_worker/suspension", {"ground": "x"}),
        ("POST", "/mediations", {"username": "x", "password": "x", "code": "x"}),
    ],
)
def test_only_looking_up_is_mediated(inside: Inside, method: str, path: str, body: object) -> None:
    """Everything else is refused to whoever asks it for somebody, the mediator's own rights notwithstanding."""
    handle = mediate(inside, "social_worker", TEAM)
    assert inside.by(TEAM, method, path, body, x_on_behalf_of=handle).status == 403


def test_the_caller_proves_itself_as_at_a_sign_in(inside: Inside) -> None:
    """Password, and a code that is used up by it; nobody mediates for themselves, or without the right (R20)."""
    secret = inside.secret(CALLER)

    def begin(mediator: str, body: dict[str, str]) -> int:
        return inside.by(mediator, "POST", "/mediations", body).status

    wrong = proof(CALLER, secret, password="wrong")  # noqa: S106 - a wrong one
    assert begin(MEDIATOR, wrong) == begin(MEDIATOR, proof("leaver", secret)) == 403
    assert begin("social_worker", proof(CALLER, secret)) == 403
    assert begin(MEDIATOR, proof(CALLER, secret)) == 201
    assert begin(MEDIATOR, proof(CALLER, secret)) == 403
    assert inside.ask("POST", "/sessions", proof(CALLER, secret)).status == 403
    own = inside.secret("management_team_second")
    inside.ask("POST", "/sessions", proof("management_team_second", own))
    token = inside.ask("POST", "/sessions", proof("management_team_second", own, steps=1)).json["token"]
    refused = inside.ask("POST", "/mediations", proof("management_team_second", own), token=token)
    assert refused.json == {"error": "not accepted"}


def test_guesses_at_a_caller_lock_the_caller_out(inside: Inside) -> None:
    """A mediator is no way round the lockout (R6)."""
    secret = inside.secret(CALLER)
    for _ in range(5):
        inside.by(MEDIATOR, "POST", "/mediations", proof(CALLER, secret, password="wrong"))  # noqa: S106
    assert inside.ask("POST", "/sessions", proof(CALLER, secret)).status == 403


def test_both_parties_are_in_the_log(inside: Inside) -> None:
    """Who asked and for whom, in answered, refused and begun mediations; otherwise nobody stands there (R9, R20)."""
    handle = mediate(inside, CALLER)
    look_up(inside, handle, PLAIN)
    look_up(inside, handle, FAR, reason=None)
    inside.view("social_worker", PLAIN)
    rows = [row for row in inside.log() if row["operation"] in {"mediate", "view"}]
    assert [(row["user"], row["on_behalf_of"], row["status"]) for row in rows] == [
        (MEDIATOR, "", 201),
        (MEDIATOR, CALLER, 200),
        (MEDIATOR, CALLER, 404),
        ("social_worker", "", 200),
    ]
    assert rows[0]["query"] == {"username": CALLER}


def test_a_mediation_is_good_in_its_own_session_only_and_for_a_quarter_of_an_hour(inside: Inside) -> None:
    """Another mediator, somebody without the right, and everybody later on are refused."""
    handle = mediate(inside, CALLER)
    assert look_up(inside, handle, PLAIN, TEAM).status == 401
    assert look_up(inside, handle, PLAIN, "social_worker").status == 403
    assert look_up(inside, "made up", PLAIN).status == 401
    assert look_up(inside, handle, PLAIN).status == 200
    later(inside, timedelta(minutes=15))
    assert look_up(inside, handle, PLAIN).status == 401
    assert inside.by(MEDIATOR, "POST", "/children/view", key_of(PLAIN)).status == 404


def test_a_mediator_who_reads_of_the_own_household_is_noticed(inside: Inside) -> None:
    """As on its own; the caller, who lives elsewhere, is not named."""
    change(
        inside,
        "UPDATE users SET address = (SELECT address FROM children WHERE number = ?) WHERE username = ?",
        *(number_of(PLAIN), MEDIATOR),
    )
    assert look_up(inside, mediate(inside, "social_worker"), PLAIN).status == 200
    assert alerts(inside, "own_family") == [MEDIATOR]


def test_a_mediation_ends_on_asking(inside: Inside) -> None:
    """By the mediator whose it is; others get the same answer, and nothing ends."""
    handle = mediate(inside, CALLER)
    assert inside.by(TEAM, "DELETE", f"/mediations/{handle}").status == 204
    assert look_up(inside, handle, PLAIN).status == 200
    assert inside.by(MEDIATOR, "DELETE", f"/mediations/{handle}").status == 204
    assert look_up(inside, handle, PLAIN).status == 401
    assert handle not in str(inside.log())


def test_what_is_declared_for_one_caller_holds_for_no_other(inside: Inside) -> None:
    """Each mediation has numbers and reasons of its own."""
    first, second = mediate(inside, CALLER), mediate(inside, "senco")
    path = f"/children/{number_of(PLAIN)}"
    inside.by(MEDIATOR, "POST", "/children/search", {"family_name": "Plain"}, x_on_behalf_of=first)
    inside.by(MEDIATOR, "POST", f"{path}/reason", {"reason": "welfare"}, x_on_behalf_of=first)
    assert "address" in inside.by(MEDIATOR, "GET", path, x_on_behalf_of=first).json
    assert inside.by(MEDIATOR, "GET", path, x_on_behalf_of=second).status == 404
    assert "address" not in look_up(inside, second, PLAIN, reason=None).json


@pytest.mark.parametrize("party", [CALLER, TEAM])
def test_neither_party_is_suspended_and_served(inside: Inside, party: str) -> None:
    """At the next request, and not again when the suspension is lifted (R19, R20)."""
    handle = mediate(inside, CALLER, TEAM)
    assert look_up(inside, handle, PLAIN, TEAM).status == 200
    assert suspend(inside, party, "management_team_second") == 201
    assert look_up(inside, handle, PLAIN, TEAM).status == 401
    path = f"/users/{party}/suspension"
    assert inside.by("central_team", "DELETE", path, {"reason": "explained"}).status == 204
    assert look_up(inside, handle, PLAIN, TEAM).status == 401


@pytest.mark.parametrize("party", [CALLER, TEAM])
def test_a_new_post_of_either_party_ends_a_mediation(inside: Inside, party: str) -> None:
    """It was begun under other rights."""
    handle = mediate(inside, CALLER, TEAM)
    role = "midwife" if party == CALLER else MEDIATOR
    assert inside.by("central_team", "PUT", f"/users/{party}/role", {"role": role}).status == 204
    assert look_up(inside, handle, PLAIN, TEAM).status == 401
