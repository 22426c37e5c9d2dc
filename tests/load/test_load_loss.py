"""What is lost with a worker is told, with whom it concerns and since when."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from overreach.load import record
from overreach.load.changes import read_changes
from overreach.load.conclude import conclude
from overreach.load.loss import Loss, gaps, losses, shared_out
from overreach.load.supposing import suppose
from overreach.probe.session import Bench


@given(st.lists(st.integers(0, 1000), unique=True), st.integers(1, 7))
def test_everybody_goes_to_one_of_those_who_are_left(users: list[int], among: int) -> None:
    """Nobody is forgotten, nobody is given away twice, and no two shares differ by more than one."""
    shares = shared_out(users, among)
    assert sorted(user for share in shares for user in share) == sorted(users)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_lost_worker_leaves_the_load_unproven_for_its_users(tmp_path: Path) -> None:
    """Blocking, by their number, with the time since which nothing is known; and it is no process that went missing."""
    Loss([4, 5, 6], 1_258_502_400.0, 2).write(tmp_path, 1)
    record.Summary(0, users=4, asked=9, requests=9, permitted=3, seconds=1.0).write(tmp_path)
    order = record.Order(users=4, seconds=1, parts=2, hosts=True)
    (tmp_path / "locust.log").touch()
    result = conclude(tmp_path, order, tmp_path / "locust.log", 1.0)
    assert (result.workers, result.reassigned, result.summary.ran) == (2, 2, False)
    assert [(gap.what, gap.count, gap.blocking) for gap in result.not_examined] == [("users of a lost worker", 3, True)]
    reason = result.not_examined[0].reason
    assert reason == "their worker was lost: nothing is known of it after 00:00:00 UTC; 2 of them went on elsewhere"


def test_nothing_is_told_where_nobody_was_lost(tmp_path: Path) -> None:
    """Nor is anything supposed."""
    assert not losses(tmp_path)
    assert not list(gaps(tmp_path))


def test_what_a_lost_worker_may_have_changed_is_supposed(bench: Bench, tmp_path: Path) -> None:
    """Its share of the children, each at any time since it was last heard of; what it told of is known."""
    record.Order(users=80, seconds=1, parts=2).write(tmp_path)
    suppose(bench, 1, tmp_path)
    assert not read_changes(tmp_path)
    Loss([4], 77.0, 0).write(tmp_path, 1)
    suppose(bench, 1, tmp_path)
    supposed = read_changes(tmp_path)
    assert supposed
    assert {(change.sent, change.done) for change in supposed} == {(77.0, None)}
    suppose(bench, 1, tmp_path)
    assert read_changes(tmp_path) == supposed, "each is supposed once"
