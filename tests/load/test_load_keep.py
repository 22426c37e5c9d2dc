"""What is kept of a load: who did what, when everybody was up, and what each operation took."""

from __future__ import annotations

from pathlib import Path

import pytest

from overreach.load import record
from overreach.load.conclude import LoadResult, conclude
from overreach.load.histogram import Histogram
from overreach.load.keep import PAGE, WHOLE, add, figures, keep
from overreach.load.timeline import Timeline
from overreach.model.errors import OverreachError
from overreach.report.load.reading import read


def concluded(folder: Path) -> LoadResult:
    """A load of two processes that looked up and viewed for three seconds."""
    for part in (0, 1):
        timeline = Timeline()
        for second in (100, 101 + part):
            timeline.at(second).answers += 3
            timeline.at(second).latency.add(0.02)
        latency = Histogram()
        for _ in range(3 + part):
            latency.add(0.02)
        record.Summary(
            part,
            users=2,
            requests=6,
            permitted=1,
            up_at=101.5 + part / 10,
            people={"head_teacher": {"practitioner": (2, 5 + part, part)}},
            verdicts={"held": 5, "overreach": part},
            latency={"head_teacher": {"view": latency.to_json()}},
            timeline=timeline.to_json(),
        ).write(folder)
    words = folder / "locust.log"
    words.touch()
    return conclude(folder, record.Order(users=4, seconds=2, parts=2), words, 3.0)


def test_the_record_adds_up_what_the_processes_did(tmp_path: Path) -> None:
    """People and their requests by role and habit, verdicts, answers by operation, and the axis of time."""
    kept = figures(concluded(tmp_path))
    assert kept["people"] == [
        {"role": "head_teacher", "habit": "practitioner", "people": 4, "requests": 11, "misusing": 1}
    ]
    assert kept["verdicts"] == {"held": 10, "overreach": 1}
    assert kept["answered"] == {"head_teacher": {"view": 7}}
    assert kept["latency"] == {"head_teacher": kept["operations"]}
    assert (kept["began"], kept["wanted"]) == (100, 4)
    seconds = kept["seconds"]
    assert isinstance(seconds, list)
    assert [(each["second"], each["answers"]) for each in seconds] == [(0, 6), (1, 3), (2, 3)]


def test_everybody_is_up_when_the_last_process_says_so(tmp_path: Path) -> None:
    """In seconds from the beginning of the axis; nothing where it never came."""
    up_at = concluded(tmp_path).up_at
    assert up_at is not None
    assert round(up_at, 6) == 1.6
    words = tmp_path / "locust.log"
    record.Summary(0, users=1, requests=1).write(tmp_path)
    (tmp_path / record.SUMMARY.format(1)).unlink()
    assert conclude(tmp_path, record.Order(users=4, seconds=2), words, 1.0).up_at is None


def test_a_load_that_was_broken_off_is_no_record(tmp_path: Path) -> None:
    """Until all of it was judged it is refused; of an earlier load in the same folder nothing is left beside it."""
    load, out = concluded(tmp_path), tmp_path / "record"
    out.mkdir()
    for name in (PAGE, "answers-7.arrow", "note.txt"):
        (out / name).write_text("earlier")
    keep(load, out)
    assert {file.name for file in out.iterdir()} == {WHOLE, "note.txt"}
    with pytest.raises(OverreachError, match="broken off"):
        read(out)
    add(out, {"whole": True})
    assert read(out).users == 4


def test_a_record_that_cannot_be_kept_says_where(tmp_path: Path) -> None:
    """And what to do."""
    place = tmp_path / "file"
    place.touch()
    with pytest.raises(OverreachError, match="cannot be kept in") as told:
        keep(concluded(tmp_path), place / "record")
    assert "--out" in told.value.remedy
