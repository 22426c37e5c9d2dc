"""Coming in and leaving: activate, sign in, sign out."""

from __future__ import annotations

from overreach.contactpoint.calls import DONE, REFUSED, Answer, Call, texts
from overreach.contactpoint.describing import COUNT, TEXT, UNKNOWN_SESSION, answer, described, empty, shape
from overreach.contactpoint.facts import User
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import CREDENTIALS
from overreach.contactpoint.sessions import LIFE


async def activate(parts: Parts, call: Call) -> Answer:
    """Open an account with the code that works once."""
    asked = texts(call, required=("username", "code", "password"))
    secret = None
    if asked["password"]:
        user = _admitted(parts, call, asked["username"])
        secret = await parts.accounts.activate(user, asked["code"], asked["password"])
    return REFUSED if secret is None else Answer(201, {"totp_secret": secret})


async def sign_in(parts: Parts, call: Call) -> Answer:
    """Begin a session with username, password and one-time code."""
    asked = texts(call, required=("username", "password", "code"))
    user = _admitted(parts, call, asked["username"])
    if not await parts.accounts.proves(user, asked["password"], asked["code"]) or user is None:
        return REFUSED
    token = parts.sessions.start(user.user, call.now)
    return Answer(201, {"token": token, "expires_in": int(LIFE.total_seconds())}, user=user.username)


def sign_out(parts: Parts, call: Call) -> Answer:
    """End the session."""
    parts.sessions.end(call.signed_in)
    return DONE


def _admitted(parts: Parts, call: Call, username: str) -> User | None:
    """The user, if the account may do anything at all (R4, R5)."""
    user = parts.accounts.named(username)
    return user if user is not None and parts.rules.account(user, call.now.date()) else None


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
