"""Claims made in one request and holding in the next."""

from __future__ import annotations

from pathlib import Path

from overreach.model.decision import Claims
from overreach.model.probe import Answer
from overreach.model.terms import Rung
from overreach.pack.config import Pack
from overreach.wire.exchange import Exchange, Matched
from overreach.wire.follow import OVERRIDE_SECONDS, Follower, rung_of

TARGET = Pack.read(Path(__file__).parents[2]).target


def asked(name: str, number: str = "one", reason: str | None = None) -> Matched:
    """A request of an operation about a record."""
    return Matched(TARGET.operation(name), None, number, reason)


def answered(follower: Follower, matched: Matched, status: int = 204, at: float = 0.0, session: str = "s") -> Claims:
    """Let a request cross the wire; its claims."""
    claims = follower.claims(session, matched, at)
    follower.learn(session, matched, Exchange("POST", "/", (), b"", Answer(status, (), b"", 0.1), at))
    return claims


def test_a_declared_reason_holds_for_this_record_and_this_session_only() -> None:
    """Another record, or another session, knows nothing of it."""
    follower = Follower()
    answered(follower, asked("declare", reason="welfare"))
    assert follower.claims("s", asked("open"), 1.0) == Claims(reason="welfare")
    assert follower.claims("s", asked("open", "two"), 1.0) == Claims()
    assert follower.claims("t", asked("open"), 1.0) == Claims()


def test_a_refused_declaration_changes_nothing() -> None:
    """Only what was acknowledged counts."""
    follower = Follower()
    answered(follower, asked("declare", reason="welfare"), status=403)
    assert follower.claims("s", asked("open"), 1.0) == Claims()


def test_a_reason_in_the_request_holds_for_this_request() -> None:
    """And stands before the one declared earlier."""
    follower = Follower()
    answered(follower, asked("declare", reason="welfare"))
    assert follower.claims("s", asked("view", reason="section_47"), 1.0) == Claims(reason="section_47")
    assert follower.claims("s", asked("view"), 1.0) == Claims(reason="welfare")


def test_an_override_ends_at_the_next_request_for_another_record() -> None:
    """Rule R13: and does not come back for the first one."""
    follower = Follower()
    answered(follower, asked("override", reason="child_protection"), status=201)
    assert follower.claims("s", asked("open"), 1.0) == Claims(reason="child_protection", override=True)
    assert not follower.claims("s", asked("open", "two"), 2.0).override
    assert not follower.claims("s", asked("open"), 3.0).override


def test_an_override_ends_by_closing_and_after_ten_minutes() -> None:
    """Whichever comes first."""
    follower = Follower()
    answered(follower, asked("override", reason="child_protection"), status=201)
    answered(follower, asked("end override"))
    assert not follower.claims("s", asked("open"), 1.0).override
    answered(follower, asked("override", reason="child_protection"), status=201, at=2.0)
    assert follower.claims("s", asked("open"), 2.0 + OVERRIDE_SECONDS).override
    assert not follower.claims("s", asked("open"), 3.0 + OVERRIDE_SECONDS).override


def test_claims_have_their_rung() -> None:
    """The lowest at which they are made."""
    assert rung_of(Claims()) is Rung.OPEN
    assert rung_of(Claims(reason="welfare")) is Rung.DECLARED
    assert rung_of(Claims(reason="welfare", override=True)) is Rung.OVERRIDE
