"""The faults of function rights: what a role may not do, and does; each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.contactpoint.inside import PASSWORD, SECRET, Inside, code_of, key_of
from tests.contactpoint.tables import PLAIN, SHIELDED, number_of, user_row

from overreach.contactpoint.clock import stamp

Both = Callable[..., tuple[Any, Any]]
HIDDEN = f"/children/{number_of(SHIELDED)}"
HIDDEN_POSTCODE = b"CI1 1KV"


def test_override_for_any_reason(both: Both) -> None:
    """A full stop opens the shield; who lacks the right is still refused."""

    def ask(inside: Inside) -> list[int]:
        names = ("child_protection_worker", "social_worker")
        return [inside.by(name, "POST", f"{HIDDEN}/override", {"reason": "."}).status for name in names]

    assert both("override-for-any-reason", ask) == ([422, 403], [201, 403])


def test_override_claimed_in_view(both: Both) -> None:
    """A member of the body breaks the glass, and no bell rings; whoever lacks the right gains nothing."""

    def ask(inside: Inside) -> list[object]:
        body = {**key_of(SHIELDED), "override": True}
        names = ("child_protection_worker", "social_worker")
        seen = [HIDDEN_POSTCODE in inside.by(name, "POST", "/children/view", body).body for name in names]
        return [*seen, len(inside.by("central_team", "GET", "/alerts").json["alerts"])]

    assert both("override-claimed-in-view", ask) == ([False, False, 0], [True, False, 0])


def test_method_override_skips_checks(both: Both) -> None:
    """A stated reason that says it is a GET is answered with the record."""

    def ask(inside: Inside) -> list[int]:
        path, body = f"{HIDDEN}/reason", {"reason": "welfare"}
        return [
            inside.by("social_worker", "POST", path, body, **headers).status
            for headers in ({}, {"x_http_method_override": "GET"})
        ]

    assert both("method-override-skips-checks", ask) == ([204, 204], [204, 200])


def test_role_taken_from_header(both: Both) -> None:
    """A fire officer says they are of the management team."""

    def ask(inside: Inside) -> list[bool]:
        return [
            "address" in inside.by("fire_strategy_officer", "POST", "/children/view", key_of(SHIELDED), **headers).json
            for headers in ({}, {"x_role": "management_team"})
        ]

    assert both("role-taken-from-header", ask) == ([False, False], [False, True])


def test_role_taken_at_activation(both: Both) -> None:
    """A fire officer chooses to be of the central team."""

    def ask(inside: Inside) -> list[int]:
        name = "fire_strategy_officer"
        who = {"username": name, "password": PASSWORD}
        account = {**who, "code": SECRET.activation_code(user_row(name)), "role": "central_team"}
        activated = inside.ask("POST", "/accounts/activate", account)
        if activated.status != 201:
            return [activated.status]
        code = code_of(activated.json["totp_secret"])
        token = inside.ask("POST", "/sessions", {**who, "code": code}).json["token"]
        return [activated.status, inside.ask("GET", "/log", token=token).status]

    assert both("role-taken-at-activation", ask) == ([422], [201, 200])


def test_session_never_expires(both: Both) -> None:
    """A token of yesterday is accepted; one that was never given out is not."""

    def ask(inside: Inside) -> list[int]:
        inside.token("social_worker")
        ended = stamp(inside.app.parts.clock.now() - timedelta(days=1))
        inside.app.parts.storage._connection.execute("UPDATE sessions SET ends = ?", (ended,))
        return [inside.view("social_worker", PLAIN).status, inside.ask("GET", "/log", token="made-up").status]  # noqa: S106 - nobody's

    assert both("session-never-expires", ask) == ([401, 401], [200, 401])


def test_sign_out_ends_nothing(both: Both) -> None:
    """Signed out, and still answered."""

    def ask(inside: Inside) -> list[int]:
        out = inside.by("social_worker", "DELETE", "/sessions").status
        return [out, inside.view("social_worker", PLAIN).status]

    assert both("sign-out-ends-nothing", ask) == ([204, 401], [204, 200])


def _watched(inside: Inside) -> list[int]:
    return [inside.by("social_worker", "GET", path).status for path in ("/log", "/alerts")]


def test_log_open_to_all(both: Both) -> None:
    """A practitioner reads the log, not the alerts."""
    assert both("log-open-to-all", _watched) == ([403, 403], [200, 403])


def test_alerts_open_to_all(both: Both) -> None:
    """A practitioner reads the alerts, not the log."""
    assert both("alerts-open-to-all", _watched) == ([403, 403], [403, 200])


def test_head_tells_existence(both: Both) -> None:
    """Asked for headers alone, a record that exists says so."""

    def ask(inside: Inside) -> list[int]:
        paths = (HIDDEN, f"/children/{number_of(999)}")
        return [inside.by("police_employee", "HEAD", path).status for path in paths]

    assert both("head-tells-existence", ask) == ([405, 405], [200, 404])


def _whole_at(path: str, *users: str) -> Callable[[Inside], list[tuple[int, bool]]]:
    """Status at a path, and whether the hidden address is in the answer, for users and for a stranger (``)."""

    def ask(inside: Inside) -> list[tuple[int, bool]]:
        got = [inside.by(user, "GET", path) if user else inside.ask("GET", path) for user in users]
        return [(each.status, HIDDEN_POSTCODE in each.body) for each in got]

    return ask


def test_trailing_slash_skips_rules(both: Both) -> None:
    """One slash more, and the record is whole."""
    ask = _whole_at(f"{HIDDEN}/", "fire_strategy_officer")
    assert both("trailing-slash-skips-rules", ask) == ([(404, False)], [(200, True)])


def test_raw_record_route(both: Both) -> None:
    """The record whole to whoever is signed in, to nobody else."""
    ask = _whole_at(f"{HIDDEN}/raw", "fire_strategy_officer", "")
    assert both("raw-record-route", ask) == ([(404, False), (404, False)], [(200, True), (401, False)])


def test_internal_route_without_sign_in(both: Both) -> None:
    """The record whole to a stranger."""
    ask = _whole_at(f"/internal{HIDDEN}", "")
    assert both("internal-route-without-sign-in", ask) == ([(404, False)], [(200, True)])


def test_debug_adds_whole_record(both: Both) -> None:
    """A flag adds what is hidden; without it the record is as it should be."""

    def ask(inside: Inside) -> list[bool]:
        inside.search("social_worker", given_name="Ben")
        return [
            HIDDEN_POSTCODE in inside.by("social_worker", "GET", f"{HIDDEN}{each}").body for each in ("", "?debug=1")
        ]

    assert both("debug-adds-whole-record", ask) == ([False, False], [False, True])
