"""Who a user is to the target: activation with a single-use code, password, time-based code, session."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import orjson

from overreach.model.probe import Answer
from overreach.pack.config import TargetConfig

STEP = 30  # seconds for which a time-based code is valid (RFC 6238)
DIGITS = 6


class Sender(Protocol):
    """Whatever sends a request and gives back its answer."""

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
        meanwhile: Callable[[], None] | None = None,
    ) -> Answer:
        """Send one request and read the whole answer; `meanwhile` is what to do while the target is at work."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """A user who is signed in."""

    user: int
    username: str
    authorization: str
    """Value of the Authorization header."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sign-in that did not succeed."""

    user: int
    step: str
    """`activate`, `sign in` or `mint`."""
    answer: Answer


class Credentials:
    """Derives what each user knows from the run's secret; nothing of it is stored in the population."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def activation_code(self, user: int) -> str:
        """The single-use code that the user received by letter: 20 hex characters."""
        return self._derive("activation", user)[:20]

    def password(self, user: int) -> str:
        """The password that the user chooses."""
        return self._derive("password", user)[:32]

    def _derive(self, purpose: str, user: int) -> str:
        return hmac.digest(self._secret, f"{purpose}:{user}".encode(), "sha256").hex()


def one_time_code(secret: str, at: float) -> str:
    """The time-based one-time code of a base-32 secret at a time in seconds (RFC 6238, SHA-1, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(at) // STEP), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def sign_in(
    sender: Sender, config: TargetConfig, credentials: Credentials, user: int, username: str
) -> Session | Refusal:
    """Activate the account of a user and open a session; a Refusal carries the answer that refused it."""
    activation = {
        "username": username,
        "code": credentials.activation_code(user),
        "password": credentials.password(user),
    }
    answer = _post(sender, config.activate, activation, f"activate-{user}")
    secret = _member(answer, "totp_secret")
    if not secret:
        return Refusal(user, "activate", answer)
    try:
        code = one_time_code(secret, time.time())
    except ValueError:  # no secret of the stated form: nobody can sign in with it
        return Refusal(user, "activate", answer)
    opening = {"username": username, "password": credentials.password(user), "code": code}
    answer = _post(sender, config.sign_in, opening, f"sign-in-{user}")
    token = _member(answer, "token")
    if not token:
        return Refusal(user, "sign in", answer)
    return Session(user, username, f"Bearer {token}")


def _post(sender: Sender, request: tuple[str, str], body: dict[str, str], request_id: str) -> Answer:
    method, path = request
    return sender.send(method, path, orjson.dumps(body), (("X-Request-ID", request_id),))


def _member(answer: Answer, name: str) -> str:
    try:
        value = orjson.loads(answer.body)[name]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return value if isinstance(value, str) else ""
