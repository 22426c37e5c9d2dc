"""The record of a worker arrives as it was written, however it grew, and nothing else does."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.load import record
from overreach.load.parcels import GROWING, Courier, Shelf
from overreach.model.errors import OverreachError


class Road:
    """Carries what a courier sends to a shelf, and remembers the marks."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.marks: list[float] = []

    def __call__(self, head: dict[str, Any], body: bytes) -> object:
        """Deliver one message."""
        if head["do"] == "mark":
            self.marks.append(head["time"])
        elif head["do"] == "grown":
            self.shelf.grow(head["name"], head["offset"], body)
        else:
            self.shelf.put(head["name"], body)
        return {}


@given(st.lists(st.lists(st.tuples(st.sampled_from(GROWING), st.binary(max_size=50)), max_size=4), max_size=5))
def test_files_arrive_as_they_were_written(rounds: list[list[tuple[str, bytes]]]) -> None:
    """Whatever was added to which between two looks."""
    with tempfile.TemporaryDirectory() as name:
        own, other = Path(name) / "own", Path(name) / "other"
        own.mkdir()
        other.mkdir()
        courier = Courier(own, 3, Road(Shelf(other, 3)))
        for written in rounds:
            for file, some in written:
                with (own / file.format(3)).open("ab") as open_file:
                    open_file.write(some)
            courier.carry()
        for left in own.iterdir():
            arrived = other / left.name
            assert (arrived.read_bytes() if arrived.exists() else b"") == left.read_bytes()


def test_what_was_said_before_a_mark_has_arrived(tmp_path: Path) -> None:
    """The mark is the moment up to which the part had written everything; the same one is sent once."""
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    road = Road(Shelf(other, 0))
    courier = Courier(own, 0, road)
    (own / record.HELD.format(0)).write_bytes(b"one\n")
    record.replace_json(own / record.LIVE.format(0), {"flushed": 12.5, "users": 4})
    courier.carry()
    courier.carry()
    assert road.marks == [12.5]
    assert (other / record.HELD.format(0)).read_bytes() == b"one\n"
    assert not courier.finish(), "without its summary a part has not come to its end"
    record.Summary(0, users=4).write(own)
    assert courier.finish()
    assert record.Summary.read(other / record.SUMMARY.format(0)) == record.Summary(0, users=4)


@pytest.mark.parametrize("name", ["../order.json", "order.json", "/etc/passwd", "answers-1.arrow", "lost-0.json", ""])
def test_a_worker_writes_its_own_files_only(tmp_path: Path, name: str) -> None:
    """Not those of another part, nor any other file of the master."""
    shelf = Shelf(tmp_path, 0)
    with pytest.raises(OverreachError, match="that is not its own"):
        shelf.grow(name, 0, b"x")
    with pytest.raises(OverreachError, match="that is not its own"):
        shelf.put(name, b"x")
    assert not list(tmp_path.iterdir())


def test_a_gap_in_a_file_is_noticed(tmp_path: Path) -> None:
    """What goes on later than what has come would be read as something else."""
    shelf = Shelf(tmp_path, 0)
    shelf.grow(record.ANSWERS.format(0), 0, b"abc")
    with pytest.raises(OverreachError, match="goes on at byte `5`, and 3 have come"):
        shelf.grow(record.ANSWERS.format(0), 5, b"x")
