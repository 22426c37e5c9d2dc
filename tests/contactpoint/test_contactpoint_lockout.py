"""What guessing at an account leads to, and when a session ends of itself."""

from __future__ import annotations

from datetime import timedelta

from tests.contactpoint.desks import activate, alerts, alive, later, sign_in
from tests.contactpoint.inside import Inside

WORKER = "social_worker"


def test_five_failures_lock_an_account_for_a_quarter_of_an_hour(inside: Inside) -> None:
    """Then the right words are refused too, in the same answer; an alert names the account once (R6)."""
    secret = inside.secret(WORKER)
    wrong = [sign_in(inside, WORKER, secret, password="wrong") for _ in range(7)]  # noqa: S106 - a wrong one
    assert sign_in(inside, WORKER, secret) == wrong[0] == sign_in(inside, "nobody", secret)
    assert alerts(inside, "locked_out") == [WORKER]
    later(inside, timedelta(minutes=15))
    assert sign_in(inside, WORKER, secret, steps=1).status == 201


def test_failures_far_apart_or_forgiven_lock_nobody(inside: Inside) -> None:
    """Only those within a quarter of an hour count, and a sign-in forgives them."""
    secret = inside.secret(WORKER)
    for _ in range(4):
        assert activate(inside, WORKER, "guess").status == 403
    assert sign_in(inside, WORKER, secret).status == 201
    for _ in range(4):
        sign_in(inside, WORKER, secret, password="wrong")  # noqa: S106 - a wrong one
    later(inside, timedelta(minutes=15))
    sign_in(inside, WORKER, secret, password="wrong")  # noqa: S106 - a wrong one
    assert sign_in(inside, WORKER, secret, steps=1).status == 201


def test_of_guesses_that_come_together_none_gets_past_the_lock(inside: Inside) -> None:
    """Fifty at once count like fifty one after the other; guessed activation codes count too."""
    secret = inside.secret(WORKER)
    bad = {"username": WORKER, "password": "wrong", "code": "000000"}
    inside.ask_at_once([("POST", "/sessions", bad, "", {}) for _ in range(50)])
    assert sign_in(inside, WORKER, secret).status == 403
    for _ in range(5):
        activate(inside, "midwife", "guess")
    assert activate(inside, "midwife").status == 403


def test_a_session_ends_when_nobody_uses_it(inside: Inside) -> None:
    """Half an hour without a request; whoever works goes on until the session's last hour (R6)."""
    assert alive(inside, WORKER)
    assert alive(inside, "midwife")
    for _ in range(2):
        later(inside, timedelta(minutes=29))
        assert alive(inside, WORKER)
    assert not alive(inside, "midwife")
    later(inside, timedelta(minutes=30))
    assert not alive(inside, WORKER)


def test_a_second_sign_in_beside_a_session_in_use_is_told_of(inside: Inside) -> None:
    """Not where the older one was left alone for longer than a minute, or signed out (R6; our recommendation)."""
    secrets = {name: inside.secret(name) for name in (WORKER, "midwife", "senco")}
    for name, secret in secrets.items():
        sign_in(inside, name, secret)
    token = sign_in(inside, WORKER, secrets[WORKER], steps=1).json["token"]
    assert alerts(inside, "shared_session") == [WORKER]
    later(inside, timedelta(minutes=2))
    sign_in(inside, "midwife", secrets["midwife"], steps=1)
    assert inside.ask("DELETE", "/sessions", token=token).status == 204
    assert inside.ask("GET", "/notices", token=token).status == 401
    assert alerts(inside, "shared_session") == [WORKER]
