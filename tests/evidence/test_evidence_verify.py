"""Whatever is done to a sealed run is named."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.evidence.manifest import is_plain_name, parse_manifest
from overreach.evidence.verify import read_verified, require_run, verify
from overreach.model.errors import EvidenceError
from overreach.report.folder import RunFolder
from overreach.report.seal import FileHash, manifest_bytes


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A small sealed run that a test may change."""
    folder = RunFolder.create(tmp_path / "runs", "small")
    (folder.path / "report.json").write_text('{"a": 1}\n')
    (folder.path / "load").mkdir()
    (folder.path / "load" / "log.txt").write_text("lines\n")
    return folder.seal()


def test_a_run_as_it_was_sealed_has_no_problem(sealed: Path) -> None:
    """And gives the root to note elsewhere."""
    result = verify(sealed)
    assert result.problems == ()
    assert result.files == 4
    assert result.root == json.loads((sealed / "manifest.json").read_text())["root"]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_changed_byte_in_any_file_is_named(sealed_clean: Path, data: st.DataObject) -> None:
    """The manifest's own bytes included."""
    path = data.draw(st.sampled_from(sorted(one for one in sealed_clean.rglob("*") if one.is_file())))
    raw = path.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.integers(1, 255))
    try:
        path.write_bytes(raw[:at] + bytes([raw[at] ^ other]) + raw[at + 1 :])
        problems = verify(sealed_clean).problems
        assert [line.split(":")[0] for line in problems] == [path.name]
    finally:
        path.write_bytes(raw)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_file_cut_short_or_grown_is_named(sealed_clean: Path, data: st.DataObject) -> None:
    """With both sizes."""
    path = data.draw(st.sampled_from(sorted(one for one in sealed_clean.rglob("*.*") if one.name != "manifest.json")))
    raw = path.read_bytes()
    keep = data.draw(st.integers(0, len(raw) - 1))
    changed = data.draw(st.sampled_from([raw[:keep], raw + b"\n"]))
    try:
        path.write_bytes(changed)
        (problem,) = verify(sealed_clean).problems
        assert problem.startswith(f"{path.name}: changed (")
    finally:
        path.write_bytes(raw)


def test_missing_and_added_files_are_named(run: Path) -> None:
    """Wherever they lie, hidden ones too."""
    (run / "load" / "log.txt").unlink()
    (run / "load" / ".extra").write_text("")
    assert verify(run).problems == ("load/.extra: not in the manifest", "load/log.txt: missing")


def test_a_link_in_place_of_a_file_is_named_though_its_content_is_the_same(run: Path, tmp_path: Path) -> None:
    """What it points to could change after it was looked at."""
    shutil.move(run / "report.json", tmp_path / "copy")
    (run / "report.json").symlink_to(tmp_path / "copy")
    assert verify(run).problems == ("report.json: not a regular file",)


def test_a_link_in_place_of_a_folder_is_named(run: Path, tmp_path: Path) -> None:
    """Links are never followed."""
    shutil.move(run / "load", tmp_path / "load")
    (run / "load").symlink_to(tmp_path / "load")
    assert verify(run).problems == ("load: not in the manifest", "load/log.txt: missing")


def test_a_pipe_in_place_of_a_file_is_named_and_not_waited_for(run: Path) -> None:
    """Nothing that blocks is opened."""
    (run / "report.json").unlink()
    os.mkfifo(run / "report.json")
    assert verify(run).problems == ("report.json: not a regular file",)


@pytest.mark.parametrize("kind", ["missing", "link", "folder"])
def test_a_manifest_that_is_no_file_is_named(run: Path, kind: str, tmp_path: Path) -> None:
    """Nothing is verified against something else."""
    shutil.move(run / "manifest.json", tmp_path / "manifest.json")
    if kind == "link":
        (run / "manifest.json").symlink_to(tmp_path / "manifest.json")
    if kind == "folder":
        (run / "manifest.json").mkdir()
    (problem,) = verify(run).problems
    assert problem.startswith("manifest.json: ")


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../b", "a//b", "./a", "a/", "", ".", "manifest.json", "a\\b", "a\0b"]
)
def test_a_manifest_cannot_name_a_file_outside_of_the_run(name: str) -> None:
    """Nor one under two names."""
    assert not is_plain_name(name)
    with pytest.raises(EvidenceError, match=r"manifest\.json: names"):
        parse_manifest(manifest_bytes("x", {name: FileHash("0" * 64, 1)}))


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?", fullmatch=True), st.integers(0, 9), max_size=4))
def test_what_sealing_writes_is_what_verifying_reads(sizes: dict[str, int]) -> None:
    """Names, hashes and root come back."""
    files = {name: FileHash(f"{size:064x}", size) for name, size in sizes.items()}
    manifest = parse_manifest(manifest_bytes("run", files))
    assert manifest.files == files
    assert manifest.run_id == "run"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"null", b"[]", b"{}", b"\xff", b"[" * 200_000, b"1" * 20_000_000,
        b'{"format": "x", "run_id": "", "files": {}, "root": ""}',
        b'{"format": "overreach-run/1", "run_id": 1, "files": {}, "root": ""}',
        b'{"format": "overreach-run/1", "run_id": "a", "files": {"b": {"sha256": 1}}, "root": ""}',
    ],
)  # fmt: skip
def test_a_broken_manifest_is_a_problem_and_no_stack_trace(run: Path, data: bytes) -> None:
    """One line that begins with its name."""
    (run / "manifest.json").write_bytes(data)
    (problem,) = verify(run).problems
    assert problem.startswith("manifest.json: ")
    assert "\n" not in problem


def test_a_manifest_that_says_the_same_in_other_bytes_is_named(run: Path) -> None:
    """A repeated member could hide what another reader would see."""
    raw = (run / "manifest.json").read_bytes()
    (run / "manifest.json").write_bytes(raw.replace(b'"run_id"', b'"run_id": "other",\n "run_id"', 1))
    assert verify(run).problems[0].startswith("manifest.json: was written anew")


def test_a_name_that_could_forge_a_line_is_shown_escaped(run: Path) -> None:
    """One line for each file, whatever it is called."""
    (run / "a\nreport.html: fine").write_text("")
    assert verify(run).problems == ("'a\\nreport.html: fine': not in the manifest",)


def test_a_partial_run_and_a_folder_that_is_no_run_are_refused(tmp_path: Path) -> None:
    """In one line that says what to do."""
    folder = RunFolder.create(tmp_path, "one")
    (folder.path / "report.json").write_text("{}")
    with pytest.raises(EvidenceError, match="never sealed"):
        require_run(folder.path)
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "none"):
        with pytest.raises(EvidenceError, match="not a run folder"):
            require_run(path)
    assert verify(tmp_path / "empty").problems == ("manifest.json: missing",)


def test_only_a_verified_run_is_read(sealed: Path, run: Path) -> None:
    """A changed one, and one whose report is none, are refused."""
    assert read_verified(sealed).run.seed == 2007
    with pytest.raises(EvidenceError, match="format"):
        read_verified(run)
    (run / "report.json").write_text('{"a": 2}\n')
    with pytest.raises(EvidenceError, match=r"does not verify: report\.json: changed"):
        read_verified(run)
