"""`overreach verify`, `gate` and `report` as a pipeline calls them: one line, the right exit code."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from overreach.cli.main import run
from overreach.model.review import Review
from overreach.report.folder import RunFolder
from overreach.report.json_form import load


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


class Overreach(Protocol):
    """The command line."""

    def __call__(self, *arguments: object) -> Done:
        """Run it with these arguments."""


@pytest.fixture
def overreach(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Overreach:
    """The entry point of the console script, as a process would enter it."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["overreach", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            run()
        printed = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, printed.out, printed.err)

    return call


@pytest.fixture
def copy(sealed: Path, tmp_path: Path) -> Path:
    """A copy of a sealed run that a test may change."""
    shutil.copytree(sealed, tmp_path / "run")
    return tmp_path / "run"


def test_verify_says_whether_a_run_is_as_it_was_sealed(overreach: Overreach, copy: Path) -> None:
    """0 and the root; 1 and a line for each file; the same as JSON."""
    good = overreach("verify", copy)
    assert (good.returncode, good.stderr) == (0, "")
    assert "\nroot " in good.stdout
    (copy / "junit.xml").write_text("<testsuites/>")
    (copy / "added").write_text("")
    bad = overreach("verify", copy)
    assert bad.returncode == 1
    assert [line.split(":")[0] for line in bad.stdout.splitlines()] == ["added", "junit.xml"]
    told = json.loads(overreach("verify", copy, "--json").stdout)
    assert (told["verified"], len(told["problems"]), told["root"]) == (False, 2, "")


def test_every_command_refuses_what_was_never_sealed(overreach: Overreach, tmp_path: Path) -> None:
    """With exit 2, one line and a remedy, and no stack trace."""
    partial = RunFolder.create(tmp_path, "one").path
    (partial / "report.json").write_text("{}")
    for arguments in (("verify",), ("report",), ("gate", "--baseline", tmp_path / "b.json", "--update")):
        for path, why in ((partial, "never sealed"), (tmp_path, "not a run folder")):
            done = overreach(arguments[0], path, *arguments[1:])
            assert done.returncode == 2
            assert why in done.stderr.splitlines()[0]
            assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "b.json").exists()


def test_gate_tells_new_from_known(overreach: Overreach, sealed: Path, tmp_path: Path) -> None:
    """2 without a baseline, 0 after --update, 1 where an entry is taken out."""
    path = tmp_path / "baseline.json"
    missing = overreach("gate", sealed, "--baseline", path)
    assert missing.returncode == 2
    assert "--update" in missing.stderr
    assert overreach("gate", sealed, "--baseline", path, "--fail-on", "low", "--update").returncode == 0
    entries = json.loads(path.read_text())
    path.write_text(json.dumps(entries[1:]))
    new = overreach("gate", sealed, "--baseline", path, "--fail-on", "high", "--json")
    assert new.returncode == 1
    assert [one["key"] for one in json.loads(new.stdout)["new"]] == [entries[0]["key"]]


def test_gate_lists_what_was_fixed_and_passes_a_clean_run(
    overreach: Overreach, sealed_clean: Path, tmp_path: Path
) -> None:
    """And tells entries that it ignores."""
    path = tmp_path / "baseline.json"
    path.write_text('["access/old", {"key": "x", "untill": "2030-01-01"}]')
    done = overreach("gate", sealed_clean, "--baseline", path)
    assert done.returncode == 0
    assert "fixed: access/old" in done.stdout
    assert "ignored baseline entry: entry 2: has unknown members: untill" in done.stdout


def test_gate_refuses_a_changed_run(overreach: Overreach, copy: Path, tmp_path: Path) -> None:
    """Whoever takes a finding out of the report does not get through."""
    (tmp_path / "baseline.json").write_text("[]")
    text = (copy / "report.json").read_text().replace('"critical"', '"low"')
    (copy / "report.json").write_text(text)
    done = overreach("gate", copy, "--baseline", tmp_path / "baseline.json")
    assert done.returncode == 2
    assert "report.json: changed" in done.stderr


@pytest.mark.parametrize("form", ["html", "json", "junit", "markdown"])
def test_report_writes_every_format_again(
    overreach: Overreach, sealed: Path, tmp_path: Path, review: Review, form: str
) -> None:
    """The same bytes as in the run, where the run holds that format."""
    out = tmp_path / "out"
    assert overreach("report", sealed, "--format", form, "--out", out).returncode == 0
    same = {"html": "report.html", "json": "report.json", "junit": "junit.xml"}.get(form)
    if same:
        assert out.read_bytes() == (sealed / same).read_bytes()
    if form == "json":
        assert load(out.read_bytes()) == review


def test_gate_never_writes_its_baseline_into_a_sealed_run(overreach: Overreach, copy: Path, tmp_path: Path) -> None:
    """Neither beside nor over its files, nor by a link; it would not verify afterwards."""
    (tmp_path / "link").symlink_to(copy)
    for path in (copy / "baseline.json", copy / "junit.xml", copy / "new" / "b.json", tmp_path / "link" / "b.json"):
        done = overreach("gate", copy, "--baseline", path, "--update")
        assert done.returncode == 2
        assert "would lie in the sealed run" in done.stderr
        assert len(done.stderr.splitlines()) == 2
    assert overreach("verify", copy).returncode == 0


def test_report_writes_to_a_pipe_and_leaves_it_a_pipe(overreach: Overreach, sealed: Path, tmp_path: Path) -> None:
    """Whoever reads it gets the whole report."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # A reader that ends by itself: one whose pipe was replaced would wait for ever.
    got = tmp_path / "got"
    with got.open("wb") as into, subprocess.Popen(["timeout", "10", "cat", pipe], stdout=into):
        done = overreach("report", sealed, "--format", "json", "--out", pipe)
    assert got.read_bytes() == (sealed / "report.json").read_bytes()
    assert done.returncode == 0
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["got", "pipe"]


def test_report_writes_to_a_device_and_leaves_it_a_device(overreach: Overreach, sealed: Path, tmp_path: Path) -> None:
    """By a link, since a test must not be able to replace a device of the machine."""
    link = tmp_path / "device"
    link.symlink_to(os.devnull)
    assert overreach("report", sealed, "--out", link).returncode == 0
    assert link.is_symlink()
    assert stat.S_ISCHR(link.stat().st_mode)


def test_report_never_writes_into_a_sealed_run(overreach: Overreach, copy: Path) -> None:
    """It would not verify afterwards."""
    done = overreach("report", copy, "--out", copy / "report.html")
    assert done.returncode == 2
    assert "lies in the sealed run" in done.stderr
    assert overreach("verify", copy).returncode == 0
