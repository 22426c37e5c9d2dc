"""Coming in and leaving: activate, sign in, sign out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from overreach.contactpoint.calls import DONE, REFUSED, Answer, Call, texts
from overreach.contactpoint.describing import COUNT, TEXT, UNKNOWN_SESSION, answer, described, empty, shape
from overreach.contactpoint.facts import User
from overreach.contactpoint.journal import Alert
from overreach.contactpoint.lockout import NOBODY
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import CREDENTIALS
from overreach.contactpoint.sessions import LIFE

SHARED_WITHIN = timedelta(minutes=1)  # two sessions of one user so close together look like two people (R6)


async def activate(parts: Parts, call: Call) -> Answer:
    """Open an account with the code that works once."""
    asked = texts(call, required=("username", "code", "password"))
    if not asked["password"]:
        return REFUSED
    named = parts.accounts.named(asked["username"])
    user = None if parts.lockout.locked(_row(named), call.now) else _admitted(parts, call, named)
    secret = await parts.accounts.activate(user, asked["code"], asked["password"])
    if secret is None:
        _failed(parts, call, named)
        return REFUSED
    return Answer(201, {"totp_secret": secret})


async def sign_in(parts: Parts, call: Call) -> Answer:
    """Begin a session with username, password and one-time code; an account in use elsewhere is told of (R6)."""
    asked = texts(call, required=("username", "password", "code"))
    user = await proven(parts, call, asked)
    if user is None:
        return REFUSED
    used = parts.sessions.last_used(user.user, call.now)
    if used is not None and call.now - used <= SHARED_WITHIN:
        parts.alerts.sound(Alert("shared_session", user.username, "", call.request_id), call.now)
    token = parts.sessions.start(user.user, call.now)
    return Answer(201, {"token": token, "expires_in": int(LIFE.total_seconds())}, user=user.username)


def sign_out(parts: Parts, call: Call) -> Answer:
    """End the session."""
    parts.sessions.end(call.signed_in)
    return DONE


async def proven(parts: Parts, call: Call, asked: Mapping[str, str]) -> User | None:
    """The user who proves to be who it says by `username`, `password` and `code`; None, at equal cost, for any other.

    The lockout is asked after the proof: of guesses that come together, none is taken once the last one locks (R6).
    """
    named = parts.accounts.named(asked["username"])
    user = _admitted(parts, call, named)
    proves = await parts.accounts.proves(user, asked["password"], asked["code"])
    # What held before the proof may have been taken back while it was made.
    user = _admitted(parts, call, parts.accounts.named(asked["username"]))
    if user is not None and proves and not parts.lockout.locked(user.user, call.now):
        parts.lockout.proved(user.user)
        return user
    _failed(parts, call, named)
    return None


def _failed(parts: Parts, call: Call, named: User | None) -> None:
    if parts.lockout.failed(_row(named), call.now) and named is not None:
        parts.alerts.sound(Alert("locked_out", named.username, "", call.request_id), call.now)


def _row(named: User | None) -> int:
    return NOBODY if named is None else named.user


def _admitted(parts: Parts, call: Call, named: User | None) -> User | None:
    """The user, if the account may do anything at all (R4, R5)."""
    return named if named is not None and parts.rules.account(named, call.now.date()) else None


_NAME = frozenset({"username"})
_REFUSED = (403, "not accepted; one answer for every cause")

ROUTES = (
    Route(
        "POST",
        "/sessions",
        "sign_in",
        sign_in,
        _NAME,
        signed_in=False,
        described=described(
            "signIn",
            {201: answer("the session", shape({"token": TEXT, "expires_in": COUNT}))},
            _REFUSED,
            body=CREDENTIALS,
        ),
    ),
    Route(
        "DELETE",
        "/sessions",
        "sign_out",
        sign_out,
        described=described("signOut", {204: empty("signed out")}, UNKNOWN_SESSION),
    ),
    Route(
        "POST",
        "/accounts/activate",
        "activate",
        activate,
        _NAME,
        signed_in=False,
        described=described(
            "activate",
            {201: answer("the account is open", shape({"totp_secret": TEXT}))},
            _REFUSED,
            body=CREDENTIALS,
        ),
    ),
)
