"""Who a user is to the target: derived credentials, time-based codes, and a sign-in that tells why it failed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.probe import Answer
from overreach.pack.config import Pack
from overreach.target.identity import Credentials, Refusal, Session, one_time_code, sign_in

SECRET = base64.b32encode(b"12345678901234567890").decode()
TARGET = Pack.read(Path(__file__).parents[2]).target


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_one_time_codes_are_those_of_rfc_6238(at: float, code: str) -> None:
    """The last six digits of its test vectors for SHA-1 (appendix B)."""
    assert one_time_code(SECRET, at) == code


@given(st.binary(min_size=1, max_size=40), st.integers(0, 2**40))
def test_a_code_holds_for_thirty_seconds_whatever_the_padding(key: bytes, step: int) -> None:
    """Secrets come with or without their padding."""
    padded = base64.b32encode(key).decode()
    codes = {one_time_code(secret, step * 30 + s) for secret in (padded, padded.rstrip("=")) for s in (0, 0.5, 29)}
    assert len(codes) == 1
    assert len(codes.pop()) == 6


@given(st.binary(), st.integers(0, 10**7))
def test_credentials_follow_from_the_secret_alone(secret: bytes, user: int) -> None:
    """The same secret gives the same; nothing is stored."""
    one, again = Credentials(secret), Credentials(secret)
    assert one.activation_code(user) == again.activation_code(user)
    assert one.password(user) == again.password(user)
    assert len(one.activation_code(user)) == 20
    assert len(one.password(user)) == 32


@given(st.binary(min_size=1), st.binary(min_size=1), st.integers(0, 10**7), st.integers(0, 10**7))
def test_credentials_differ_by_secret_user_and_purpose(one: bytes, other: bytes, user: int, friend: int) -> None:
    """Who knows one knows no other."""
    known = Credentials(one)
    assert known.activation_code(user) != known.password(user)[:20]
    assert (known.password(user) == known.password(friend)) == (user == friend)
    # HMAC pads a short key with zero bytes: only keys that differ beyond them are different keys.
    if one.rstrip(b"\0") != other.rstrip(b"\0") and max(len(one), len(other)) <= 64:
        assert known.password(user) != Credentials(other).password(user)
        assert known.activation_code(user) != Credentials(other).activation_code(user)


@dataclass
class Answers:
    """A sender that gives answers from a list and keeps what was sent."""

    answers: list[bytes]
    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
        meanwhile: Callable[[], None] | None = None,
    ) -> Answer:
        """The next answer."""
        assert dict(headers).keys() == {"X-Request-ID"}
        assert meanwhile is None
        self.sent.append((method, path, json.loads(body)))
        return Answer(200, (), self.answers[len(self.sent) - 1], 0.0)


def test_signing_in_activates_and_then_opens_a_session() -> None:
    """With the code of the letter, the password chosen and a time-based code."""
    credentials = Credentials(b"secret")
    sender = Answers([json.dumps({"totp_secret": SECRET}).encode(), b'{"token": "t0"}'])
    assert sign_in(sender, TARGET, credentials, 3, "a.b01") == Session(3, "a.b01", "Bearer t0")
    (activation, opening) = sender.sent
    assert activation[:2] == ("POST", "/accounts/activate")
    assert activation[2] == {
        "username": "a.b01",
        "code": credentials.activation_code(3),
        "password": credentials.password(3),
    }
    assert opening[:2] == ("POST", "/sessions")
    assert opening[2]["password"] == credentials.password(3)
    assert len(opening[2]["code"]) == 6


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b"7", b'"text"', b"{}", b'{"totp_secret": null}', b'{"totp_secret": 5}', b"\xff"]
)
def test_an_activation_that_gives_no_secret_is_a_refusal(body: bytes) -> None:
    """With the answer that refused it, and no attempt to sign in."""
    sender = Answers([body])
    outcome = sign_in(sender, TARGET, Credentials(b"s"), 3, "a.b01")
    assert isinstance(outcome, Refusal)
    assert (outcome.step, outcome.user, outcome.answer.body) == ("activate", 3, body)
    assert len(sender.sent) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b'{"token": ""}', b'{"token": 1}', b'{"error": "no"}'])
def test_an_opening_that_gives_no_token_is_a_refusal(body: bytes) -> None:
    """The account stays without a session."""
    sender = Answers([json.dumps({"totp_secret": SECRET}).encode(), body])
    outcome = sign_in(sender, TARGET, Credentials(b"s"), 3, "a.b01")
    assert isinstance(outcome, Refusal)
    assert (outcome.step, outcome.answer.body) == ("sign in", body)
