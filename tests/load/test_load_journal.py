"""Every answer, in columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overreach.load import journal
from overreach.load.journal import Journal, Row, read_answers, read_people, write_people
from overreach.model.terms import Verdict

OPERATIONS, REASONS = ["view", "search by name"], ["section_47", "welfare"]
ROWS = st.builds(
    Row,
    time=st.floats(0, 2e9),
    seconds=st.floats(0, 60, width=32),
    user=st.integers(0, 2**32 - 1),
    number=st.integers(0, 2**32 - 1),
    child=st.none() | st.integers(0, 2**31 - 1),
    operation=st.sampled_from(OPERATIONS),
    reason=st.sampled_from(REASONS),
    carried=st.booleans(),
    status=st.integers(0, 599),
    verdict=st.none() | st.sampled_from(list(Verdict)),
    permitted=st.booleans(),
    found=st.lists(st.integers(0, 2**32 - 1), max_size=3),
)


@given(rows=st.lists(ROWS, max_size=9))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_noted_is_read_again(rows: list[Row], tmp_path: Path) -> None:
    """Row by row, whatever stands in it."""
    book = Journal(tmp_path / "answers-0.arrow", OPERATIONS, REASONS)
    for row in rows:
        book.add(row)
    book.close()
    assert list(read_answers(tmp_path / "answers-0.arrow")) == rows


def test_a_process_that_was_killed_leaves_its_whole_batches(tmp_path: Path) -> None:
    """What was written of a batch that was cut off is not read."""
    file = tmp_path / "answers-0.arrow"
    book = Journal(file, OPERATIONS, REASONS)
    row = Row(1.0, 0.5, 1, 1, None, "view", None, carried=True, status=200, verdict=None, permitted=False, found=[])
    for _ in range(2 * journal.BATCH):
        book.add(row)
    book.close()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 3 // 4])
    assert len(list(read_answers(file))) == journal.BATCH
    file.write_bytes(b"")
    assert list(read_answers(file)) == []


def test_the_refusal_of_somebody_who_left_is_told_apart() -> None:
    """No row of the log is owed for it; a 401 to anybody else proves nothing, and is no such refusal."""
    row = Row(
        1.0, 0.5, 1, 1, 2, "view", None, carried=True, status=401, verdict=Verdict.HELD, permitted=False, found=[]
    )
    assert row.left
    assert not replace(row, verdict=None).left
    assert not replace(row, status=404).left


def test_people_are_noted_with_habit_and_misuse(tmp_path: Path) -> None:
    """Whoever works honestly has no time of misuse; a load without anybody is no error."""
    rows = [(7, "practitioner", None, 12), (9, "harvester", 12.5, 40)]
    write_people(tmp_path / "people-0.arrow", rows)
    told = read_people(tmp_path / "people-0.arrow")
    assert [tuple(row.values()) for row in told] == rows
    write_people(tmp_path / "people-1.arrow", [])
    assert read_people(tmp_path / "people-1.arrow") == []
