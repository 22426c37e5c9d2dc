"""A lease: both processes of a worker see it, and it ends by itself."""

from __future__ import annotations

import time
from pathlib import Path

from overreach.load.lease import GONE_AFTER, LOST_AFTER, SECONDS, Lease


def test_a_lease_that_was_never_given_does_not_hold(tmp_path: Path) -> None:
    """Nobody asks the target before the master has answered."""
    assert not Lease(tmp_path / "lease").holds()


def test_the_other_process_sees_it_extended(tmp_path: Path) -> None:
    """It counts from the moment of the question, not of the answer: who was paused in between has none."""
    own, other = Lease(tmp_path / "lease"), Lease(tmp_path / "lease")
    own.extend(time.monotonic())
    assert other.holds()
    own.extend(time.monotonic() - SECONDS)
    assert not other.holds()


def test_nobody_is_given_up_while_a_lease_may_hold() -> None:
    """The master hears a question after it was asked: by the time it gives up a worker, that worker asks no more."""
    assert SECONDS < GONE_AFTER < LOST_AFTER
