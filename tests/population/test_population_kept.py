"""Tables that are made once and kept."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from overreach.model.errors import PopulationError
from overreach.population.kept import Batches, Shelf, as_lists, lists_of

DIGEST = "ab" * 32


def _batches() -> Iterator[pa.RecordBatch]:
    for start in (0, 1000):
        yield as_lists({"numbers": pa.array(range(start, start + 1000), pa.int64())})


def _never() -> Iterator[pa.RecordBatch]:
    pytest.fail("the table was kept already")
    yield as_lists({})


def _numbers(batches: Batches) -> list[Any]:
    return [number for batch in batches for number in lists_of(batch)[0].to_pylist()]


def _kept(folder: Path) -> Path:
    Shelf(folder, DIGEST).table("numbers", _batches)
    (file,) = folder.glob("*/*")
    return file


@pytest.mark.parametrize("in_folder", [True, False])
def test_a_table_is_made_once(tmp_path: Path, in_folder: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """And read as it was made, from memory or from a folder."""
    shelf = Shelf(tmp_path / "kept" if in_folder else None, DIGEST)
    assert _numbers(shelf.table("numbers", _batches)) == list(range(2000))
    assert _numbers(shelf.table("numbers", _never)) == list(range(2000))


def test_a_kept_table_is_found_the_next_time(tmp_path: Path) -> None:
    """By another shelf of the same folder; nothing but the table lies there."""
    file = _kept(tmp_path)
    assert _numbers(Shelf(tmp_path, DIGEST).table("numbers", _never)) == list(range(2000))
    assert file.name == "numbers.arrow"


def _cut(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]


@pytest.mark.parametrize(
    "damage",
    [
        *(_cut(share) for share in (0, 0.001, 0.3, 0.9, 0.999)),
        lambda data: data[:-6],
        lambda data: data[: len(data) // 2] + bytes(len(data) - len(data) // 2),
        lambda data: bytes(len(data)),
        lambda data: data.replace(DIGEST.encode(), b"cd" * 32),
        lambda data: data.replace(b"numbers", b"strangs"),
    ],
)
def test_a_torn_or_foreign_file_is_made_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """Never read."""
    file = _kept(tmp_path)
    whole = file.read_bytes()
    file.unlink()
    file.write_bytes(damage(whole))
    assert _numbers(Shelf(tmp_path, DIGEST).table("numbers", _batches)) == list(range(2000))
    assert file.read_bytes() == whole


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    """And what a killed process left goes with the next table."""

    def broken() -> Iterator[pa.RecordBatch]:
        yield from _batches()
        message = "half way"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="half way"):
        Shelf(tmp_path, DIGEST).table("numbers", broken)
    (folder,) = tmp_path.iterdir()
    assert not list(folder.iterdir())
    (folder / "killed.partial").write_bytes(b"ARROW1")
    _kept(tmp_path)
    assert [file.name for file in folder.iterdir()] == ["numbers.arrow"]


def test_populations_keep_their_tables_apart(tmp_path: Path) -> None:
    """In one folder."""
    _kept(tmp_path)
    other = Shelf(tmp_path, "cd" * 32).table("numbers", lambda: iter([as_lists({"numbers": pa.array([7])})]))
    assert _numbers(other) == [7]
    assert _numbers(Shelf(tmp_path, DIGEST).table("numbers", _never)) == list(range(2000))


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    """In one line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(PopulationError, match="cannot keep look-ups"):
        Shelf(tmp_path / "file", DIGEST).table("numbers", _batches)


def _make(folder: Path, barrier: object, made: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]  # of multiprocessing, which has no name for its type

    def counted() -> Iterator[pa.RecordBatch]:
        made.put(os.getpid())  # type: ignore[attr-defined]  # the same
        yield from _batches()

    assert _numbers(Shelf(folder, DIGEST).table("numbers", counted)) == list(range(2000))


def test_of_two_processes_at_once_one_makes_the_table(tmp_path: Path) -> None:
    """The other waits and finds it."""
    spawn = multiprocessing.get_context("spawn")
    barrier, made = spawn.Barrier(2), spawn.Queue()
    workers = [spawn.Process(target=_make, args=(tmp_path, barrier, made), daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0]
    made.get(timeout=5)
    assert made.empty()
