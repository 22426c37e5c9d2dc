"""The driver's ceilings, and what it makes of what the loading process left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from overreach.load import record
from overreach.load.conclude import conclude
from overreach.load.drive import Wanted, run_load, within_ceilings
from overreach.model.errors import OverreachError, SyntheticOnlyError, TargetError
from overreach.pack.load import LoadConfig
from overreach.probe.session import SessionFile

CEILINGS = LoadConfig(users=3, seconds=1, max_users=100, max_seconds=60, max_rate=50, habits=())
ORDER = record.Order(users=4, seconds=2)


def left(folder: Path, summary: record.Summary | None) -> Path:
    """What a loading process left: observations and a summary, or no summary; gives the file of its words."""
    (folder / record.OBSERVATIONS.format(0)).touch()
    if summary is not None:
        summary.write(folder)
    words = folder / "locust.log"
    words.write_text("first\nlast words\n")
    return words


def test_a_load_over_a_ceiling_names_the_key_to_raise() -> None:
    """Ceilings of users, of time and of rate are the pack's, raised on purpose or not at all."""
    within_ceilings(CEILINGS, 100, 60)
    with pytest.raises(OverreachError, match="`101` users") as users:
        within_ceilings(CEILINGS, 101, 1)
    assert "max_users" in users.value.remedy
    with pytest.raises(OverreachError, match="`61` seconds") as seconds:
        within_ceilings(CEILINGS, 1, 61)
    assert "max_duration" in seconds.value.remedy
    with pytest.raises(OverreachError, match="`51` requests a second") as rate:
        within_ceilings(CEILINGS, 1, 1, 51)
    assert "max_rate" in rate.value.remedy


def test_a_process_that_left_nothing_did_not_come_to_work(tmp_path: Path) -> None:
    """The error carries its last words in one line."""
    words = tmp_path / "locust.log"
    words.write_text("Traceback\nImportError: no such thing\n")
    with pytest.raises(TargetError, match="locust did not come to work: ImportError: no such thing"):
        conclude(tmp_path, ORDER, words, 1.0)
    words.write_text("")
    with pytest.raises(TargetError, match="locust did not come to work: it ended without a word") as silent:
        conclude(tmp_path, ORDER, words, 1.0)
    assert silent.value.remedy


def test_a_process_that_was_killed_leaves_the_load_unproven(tmp_path: Path) -> None:
    """Without its summary nothing counts as held, and the run cannot be clean."""
    result = conclude(tmp_path, ORDER, left(tmp_path, None), 1.0)
    assert [gap.blocking for gap in result.not_examined] == [True]
    assert not result.controls[0].passed
    assert not result.summary.ran


def test_a_load_that_read_nothing_permitted_is_unproven(tmp_path: Path) -> None:
    """A role that is refused everything proves nothing."""
    result = conclude(tmp_path, ORDER, left(tmp_path, record.Summary(users=4, requests=9)), 1.0)
    assert not result.controls[0].passed
    assert any(gap.blocking for gap in result.not_examined)


def test_errors_refusals_and_missing_users_are_told(tmp_path: Path) -> None:
    """Each with its reason and how many."""
    summary = record.Summary(
        users=3, asked=10, requests=9, permitted=2, refused=1, seconds=2.0, failures={"KeyError in a user": 5}
    )
    gaps = conclude(tmp_path, ORDER, left(tmp_path, summary), 1.0).not_examined
    assert [(gap.reason, gap.count, gap.blocking) for gap in gaps] == [
        ("KeyError in a user", 5, True),
        ("cut off at the end of the shift", 1, False),
        ("the target refused them", 1, False),
        ("without an answer", 1, False),
    ]


def test_a_shift_that_ended_before_its_time_leaves_the_load_unproven(tmp_path: Path) -> None:
    """Whatever ended it: most of what was to happen in it has not."""
    summary = record.Summary(users=4, asked=9, requests=9, permitted=2, seconds=5.0)
    order = record.Order(users=4, seconds=30)
    (gap,) = conclude(tmp_path, order, left(tmp_path, summary), 1.0).not_examined
    assert (gap.reason, gap.count, gap.blocking) == ("over after 5 of 30 seconds", 1, True)


def test_memory_is_told_by_user(tmp_path: Path) -> None:
    """Growth of the process, divided by those whom it grew by."""
    summary = record.Summary(users=4, permitted=1, bytes_before=1000, bytes_after=5000)
    assert conclude(tmp_path, ORDER, left(tmp_path, summary), 1.0).bytes_per_user == 1000


def test_processes_are_added_up_and_one_that_left_nothing_is_missing(tmp_path: Path) -> None:
    """Users, answers and memory are sums; the process that was killed leaves the load unproven."""
    words = left(tmp_path, record.Summary(part=0, users=2, asked=5, requests=5, permitted=1, seconds=2.0, since_up=4))
    record.Summary(part=1, users=2, asked=7, requests=7, seconds=2.0, since_up=6).write(tmp_path)
    order = record.Order(users=4, seconds=2, parts=2)
    both = conclude(tmp_path, order, words, 1.0)
    assert (both.users, both.requests, both.rate, both.not_examined) == (4, 12, 5.0, ())
    missing = conclude(tmp_path, record.Order(users=6, seconds=2, parts=3), words, 1.0)
    assert [(gap.what, gap.count, gap.blocking) for gap in missing.not_examined] == [
        ("processes of the load", 1, True),
        ("users of the load", 2, False),
    ]


def test_a_load_aims_at_the_rate_that_was_ordered_within_the_ceiling() -> None:
    """A small one makes 150 requests a second, a large one lets nobody think for more than eight seconds."""
    assert record.Order(300, 1).think == 2.0
    assert record.Order(3300, 1).think == pytest.approx(8.0)
    assert record.Order(330_000, 1, max_rate=1000).think == 330.0
    assert record.Order(300, 1, rate=50).think == 6.0


@pytest.mark.parametrize(("real", "error"), [(True, SyntheticOnlyError), (False, OverreachError)])
def test_a_load_that_had_to_stop_stops_the_run(tmp_path: Path, real: bool, error: type[OverreachError]) -> None:  # noqa: FBT001 - a parameter of the test
    """What the loading process gave as its reason is raised again, with its remedy."""
    summary = record.Summary(stopped="something is wrong", remedy="mend it", real_person=real)
    with pytest.raises(error, match="something is wrong") as caught:
        conclude(tmp_path, ORDER, left(tmp_path, summary), 1.0)
    assert type(caught.value) is error
    assert caught.value.remedy == "mend it"


def test_a_host_that_is_not_allowed_is_never_loaded(tmp_path: Path) -> None:
    """The refusal comes before anything is started."""
    root = str(Path(__file__).parents[2])
    session = SessionFile(root, "", "http://192.0.2.1:80", "", str(tmp_path), 1, "", {}, ["127.0.0.1"])
    with pytest.raises(TargetError, match=r"`192\.0\.2\.1` is not in allow_hosts"):
        run_load(tmp_path / "session.json", session, Wanted(1, 1.0))
    assert not any(tmp_path.iterdir())
