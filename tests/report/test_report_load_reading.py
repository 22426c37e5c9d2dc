"""A kept load is read again as it was, and what is no record is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.loaded import document, keep_in, overreach

from overreach.model.errors import OverreachError
from overreach.model.underload import Ledger
from overreach.report.load.ledger import balance
from overreach.report.load.reading import read

counts, few = st.integers(0, 1_000_000), st.integers(0, 50)


def test_a_record_is_read_whole(tmp_path: Path) -> None:
    """Figures, and the overreach of every process in order of time."""
    load = read(keep_in(tmp_path))
    assert (load.users, load.wanted, load.count("overreach"), load.count("held")) == (1234, 1240, 3, 5377)
    assert [one.user for one in load.sightings] == [12, 11, 13]
    assert [(one.role, one.answers) for one in load.latency if one.operation == "view"] == [
        ("", 312), ("head_teacher", 4), ("general_practitioner", 104), ("police_employee", 204),
    ]  # fmt: skip


def test_a_line_that_was_cut_off_is_not_read(tmp_path: Path) -> None:
    """A process that was killed leaves half a line."""
    keep_in(tmp_path, found=(overreach(1, 2.0),))
    with (tmp_path / "overreach-1.jsonl").open("a") as file:
        file.write('{"time": 12')
    assert len(read(tmp_path).sightings) == 1


def test_a_folder_without_a_record_is_refused(tmp_path: Path) -> None:
    """With what to name instead."""
    with pytest.raises(OverreachError, match="holds no record of a load") as refused:
        read(tmp_path)
    assert "--out" in refused.value.remedy


@pytest.mark.parametrize(("key", "value"), [("users", None), ("seconds", [{}]), ("people", 3), ("log", {"rows": 1})])
def test_a_record_of_another_form_is_refused(tmp_path: Path, key: str, value: object) -> None:
    """One line that names the file."""
    kept = document() | {key: value}
    if value is None:
        del kept[key]
    with pytest.raises(OverreachError, match=r"`load\.json` in .* is not of the form"):
        read(keep_in(tmp_path, kept))


@given(st.tuples(counts, counts, counts), st.tuples(few, few, few))
def test_what_is_put_down_in_the_books_is_all_there_is(many: tuple[int, int, int], some: tuple[int, int, int]) -> None:
    """Both bars end where the longer side ends, and every part that is not nothing has room to be seen."""
    (paired, missing, extra), (wrong_user, incomplete, repeated) = many, some
    paired += wrong_user + incomplete
    rows = paired + extra + repeated
    ledger = Ledger(paired + missing, rows, missing, extra, wrong_user, incomplete, repeated, 0)
    drawn = balance(ledger)
    assert drawn.off == 0
    assert balance(Ledger(paired + missing, rows + 3, missing, extra, 0, 0, repeated, 0)).off == 3
    for bar in drawn.bars:
        assert sum(piece.width for piece in bar.pieces) <= 100.01
        assert all(piece.width > 0.5 for piece in bar.pieces)
    assert [count for _, count, _ in drawn.lines[:2]] == [ledger.requests, ledger.rows]
