"""A run's folder is either sealed and whole, or partial and trusted by nobody."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest

from overreach.model.errors import OverreachError
from overreach.model.review import Review
from overreach.report.folder import RunFolder
from overreach.report.seal import FileHash, root_of
from overreach.report.storage import write_whole
from overreach.report.write import write_reports


def write_one(runs: Path, review: Review, templates: Path) -> Path:
    """A sealed run."""
    folder = RunFolder.create(runs, review.run.run_id)
    with folder.open_observations() as observations:
        observations.write({"status": 200, "why": "held\n"})
    write_reports(review, folder.path, templates)
    return folder.seal()


def test_the_same_review_and_observations_give_the_same_bytes(
    small_review: Review, templates: Path, tmp_path: Path
) -> None:
    """Every file, the compressed one and the manifest included."""
    first, second = (write_one(tmp_path / name, small_review, templates) for name in "ab")
    names = sorted(path.name for path in first.iterdir())
    assert names == ["junit.xml", "manifest.json", "observations.jsonl.gz", "report.html", "report.json"]
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


def test_a_run_is_partial_until_it_is_sealed(tmp_path: Path) -> None:
    """Nothing bears the run's name before."""
    folder = RunFolder.create(tmp_path, "one")
    (folder.path / "a").write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == [".one.partial"]
    assert folder.seal() == tmp_path / "one"
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_the_manifest_lists_every_file_with_hash_and_size(tmp_path: Path) -> None:
    """Those in sub-folders too, and one root over all of them."""
    folder = RunFolder.create(tmp_path, "one")
    (folder.path / "load").mkdir()
    (folder.path / "load" / "a.txt").write_bytes(b"abc")
    manifest = json.loads((folder.seal() / "manifest.json").read_text())
    digest = hashlib.sha256(b"abc").hexdigest()
    assert manifest["files"] == {"load/a.txt": {"sha256": digest, "bytes": 3}}
    assert manifest["root"] == root_of("one", {"load/a.txt": FileHash(digest, 3)})


def test_observations_are_one_object_a_line(tmp_path: Path) -> None:
    """In order, with line breaks inside of texts escaped; sealing closes the file."""
    folder = RunFolder.create(tmp_path, "one")
    writer = folder.open_observations()
    for place in range(3):
        writer.write({"place": place, "text": "a\nb\ud800"})
    run = folder.seal()
    lines = gzip.decompress((run / "observations.jsonl.gz").read_bytes()).splitlines()
    assert [json.loads(line)["place"] for line in lines] == [0, 1, 2]


@pytest.mark.parametrize("run_id", ["", ".", "..", "../x", "a/b", ".hidden", "a" * 101, "a\nb", "ü"])
def test_an_id_that_could_leave_the_folder_is_refused(tmp_path: Path, run_id: str) -> None:
    """Before anything is made."""
    with pytest.raises(OverreachError, match="cannot name a run"):
        RunFolder.create(tmp_path / "runs", run_id)
    assert not (tmp_path / "runs").exists()


def test_a_run_never_replaces_another(tmp_path: Path) -> None:
    """Neither a sealed nor a partial one."""
    folder = RunFolder.create(tmp_path, "one")
    with pytest.raises(OverreachError, match="already exists"):
        RunFolder.create(tmp_path, "one")
    (folder.path / "a").write_text("x")
    folder.seal()
    with pytest.raises(OverreachError, match="already exists"):
        RunFolder.create(tmp_path, "one")


def test_an_empty_run_is_not_sealed(tmp_path: Path) -> None:
    """A run without a file is evidence of nothing."""
    with pytest.raises(OverreachError, match="holds no file"):
        RunFolder.create(tmp_path, "one").seal()


def test_a_link_in_the_folder_is_not_sealed(tmp_path: Path) -> None:
    """Its content could change afterwards."""
    folder = RunFolder.create(tmp_path, "one")
    (folder.path / "a").symlink_to("/dev/null")
    with pytest.raises(OverreachError, match="not a regular file"):
        folder.seal()


def test_a_full_disk_is_one_line_and_leaves_the_run_partial(
    small_review: Review, templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what could not be written and what to do; nothing half written bears a report's name."""
    folder = RunFolder.create(tmp_path, "one")

    def full(descriptor: int) -> None:
        del descriptor
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OverreachError, match="no space left on device") as error:
        write_reports(small_review, folder.path, templates)
    assert error.value.remedy
    assert "\n" not in error.value.message
    assert list(folder.path.iterdir()) == []
    assert not (tmp_path / "one").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_observations_on_a_full_device_are_one_line(tmp_path: Path) -> None:
    """The real error of a real device, while streaming."""
    folder = RunFolder.create(tmp_path, "one")
    (folder.path / "observations.jsonl.gz").symlink_to("/dev/full")
    writer = folder.open_observations()
    with pytest.raises(OverreachError, match="no space left"):  # noqa: PT012 - whichever of the two meets it first
        for place in range(200_000):
            writer.write({"place": place, "digest": hashlib.sha256(str(place).encode()).hexdigest()})
        writer.close()


def test_writing_whole_replaces_all_or_nothing(tmp_path: Path) -> None:
    """An older file stays until the new one is complete."""
    path = tmp_path / "a"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(OverreachError, match="cannot write"):
        write_whole(tmp_path / "no" / "a", b"x")
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The older file stays, and nothing lies beside it."""

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "a"
    write_whole(path, b"old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", b"old")]


def test_a_link_is_written_through_and_stays_a_link(tmp_path: Path) -> None:
    """As /dev/stdout is one: nothing else of this machine may be replaced by a page."""
    path, link = tmp_path / "a", tmp_path / "link"
    path.write_bytes(b"old")
    link.symlink_to(path)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
