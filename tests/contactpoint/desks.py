"""What tests of accounts have in common: coming in again, time that passes, officers and mediators at work."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.contactpoint.inside import PASSWORD, SECRET, Got, Inside, code_of, key_of
from tests.contactpoint.tables import PLAIN, number_of, user_row

from overreach.contactpoint.app import assemble
from overreach.contactpoint.clock import Clock

MEDIATOR = "helpdesk_mediator"


def activate(inside: Inside, username: str, code: str | None = None) -> Got:
    """Open an account, by default with the right code."""
    code = SECRET.activation_code(user_row(username)) if code is None else code
    return inside.ask("POST", "/accounts/activate", {"username": username, "code": code, "password": PASSWORD})


def proof(username: str, secret: str, steps: int = 0, password: str = PASSWORD) -> dict[str, str]:
    """What somebody shows to come in; each step of an account works once, in rising order, from 0 to 1."""
    return {"username": username, "password": password, "code": code_of(secret, steps)}


def sign_in(inside: Inside, username: str, secret: str, steps: int = 0, password: str = PASSWORD) -> Got:
    """Try to sign in."""
    return inside.ask("POST", "/sessions", proof(username, secret, steps, password))


def later(inside: Inside, passed: timedelta) -> None:
    """Let registry time pass; one-time codes go by wall time and stay as they are."""
    clock = inside.app.parts.clock
    inside.app = assemble(replace(inside.app.parts, clock=Clock(clock.as_of, clock.loaded - passed.total_seconds())))


def keep(inside: Inside, officer: str, method: str, what: str, body: object = None) -> int:
    """An officer's request about an account, such as `social_worker/role`: its status."""
    return inside.by(officer, method, f"/users/{what}", body).status


def suspend(inside: Inside, username: str, officer: str = "management_team") -> int:
    """Suspend an account."""
    return keep(inside, officer, "POST", f"{username}/suspension", {"ground": "looked up own family"})


def lift(inside: Inside, username: str, officer: str) -> int:
    """Lift a suspension."""
    return keep(inside, officer, "DELETE", f"{username}/suspension", {"reason": "explained"})


def miss(inside: Inside, username: str) -> int:
    """Ask for a number never issued: the status."""
    never = {**key_of(PLAIN), "number": number_of(999)}
    return inside.by(username, "POST", "/children/view", never).status


def alive(inside: Inside, username: str) -> bool:
    """Whether the session that a user has is answered."""
    return inside.by(username, "GET", "/notices").status != 401


def alerts(inside: Inside, kind: str) -> list[str]:
    """Whom the alerts of a kind name."""
    rows = inside.by("central_team", "GET", "/alerts").json["alerts"]
    return [row["user"] for row in rows if row["kind"] == kind]


def mediate(inside: Inside, caller: str, mediator: str = MEDIATOR) -> str:
    """Begin a mediation for a caller, with the one-time code after that of a sign-in; its token."""
    begun = inside.by(mediator, "POST", "/mediations", proof(caller, inside.secret(caller), steps=1))
    return str(begun.json["mediation"])


def look_up(inside: Inside, handle: str, child: int, mediator: str = MEDIATOR, reason: str | None = "welfare") -> Got:
    """A mediated view."""
    return inside.by(mediator, "POST", "/children/view", key_of(child, reason), x_on_behalf_of=handle)
