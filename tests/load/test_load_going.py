"""How a load is going: from what its processes said last, in words."""

from __future__ import annotations

from pathlib import Path

from overreach.load import record
from overreach.load.going import Going


def said(folder: Path, part: int, **figures: float) -> None:
    """What a process says of itself."""
    value = {"users": 0, "requests": 0, "rate": 0.0, "p95": 0.0, "overreach": 0, "unproven": 0, "passed": 0.0}
    record.replace_json(folder / record.LIVE.format(part), value | figures)


def test_until_everybody_is_up_users_are_counted(tmp_path: Path) -> None:
    """Of those wanted."""
    said(tmp_path, 0, users=40, rate=100.0)
    said(tmp_path, 1, users=20, rate=50.5)
    going = Going.read(tmp_path, 3300, 30.0)
    assert going.steps == (60, 3300)
    assert going.words.splitlines() == [
        "load: 60 of 3,300 users up, 30 s once all are up",
        "150 answers a second, 95 % within 0 ms, 0 overreach, 0 unproven",
    ]


def test_then_the_time_that_is_left_is(tmp_path: Path) -> None:
    """Rates and findings are sums, the latency is that of the slowest process."""
    said(tmp_path, 0, users=2000, rate=200.0, p95=0.04, overreach=3, passed=12.4)
    said(tmp_path, 1, users=1300, rate=212.0, p95=0.051, unproven=2, passed=12.0)
    going = Going.read(tmp_path, 3300, 30.0)
    assert going.steps == (12, 30)
    assert going.words.splitlines() == [
        "load: 3,300 of 3,300 users up, 18 s left",
        "412 answers a second, 95 % within 51 ms, 3 overreach, 2 unproven",
    ]


def test_before_anybody_has_spoken_there_are_zeros(tmp_path: Path) -> None:
    """And no division by them."""
    assert Going.read(tmp_path, 10, 1.0).steps == (0, 10)
