"""The two commands of the README, as far as they can be tried without installing anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKES_OWN = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}  # set where the tests themselves run under make


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, a set-up that is done, and an `overreach` that exits as its file `code` says."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "setup").write_text("echo set up >&2\n")
    command = tmp_path / ".venv" / "bin" / "overreach"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\necho "asked: $*"\nexit "$(cat code)"\n')
    command.chmod(0o755)
    return tmp_path


def make(folder: Path, code: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make with the two streams as one, as on a terminal."""
    (folder / "code").write_text(str(code))
    return subprocess.run(
        ["make", *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in MAKES_OWN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("code", [1, 2, 3, 130])
def test_a_failed_audit_fails_make_and_its_code_is_the_last_line(checkout: Path, code: int) -> None:
    """Make has exit codes of its own, so the last line says the audit's."""
    done = make(checkout, code, "audit", "FAULT=shield-ignored-in-view")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1] == f"overreach: exit {code}"
    assert "asked: audit --fault shield-ignored-in-view" in done.stdout


def test_a_clean_audit_lets_make_succeed_also_after_a_failed_one(checkout: Path) -> None:
    """Nothing of an earlier run lingers."""
    assert make(checkout, 1, "audit").returncode != 0
    done = make(checkout, 0, "audit", "ARGS=--seed 3")
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["set up", "asked: audit --seed 3"]


def test_several_faults_and_one_from_a_file_are_passed_on(checkout: Path) -> None:
    """Faults compose, and one may come from outside the package."""
    done = make(checkout, 1, "audit", "FAULT=area-not-checked mine.py::lost-shield")
    assert "asked: audit --fault area-not-checked --fault mine.py::lost-shield" in done.stdout


def test_a_failed_set_up_stops_before_the_audit(checkout: Path) -> None:
    """An audit never runs on half an environment."""
    (checkout / "scripts" / "setup").write_text("exit 2\n")
    done = make(checkout, 0, "audit")
    assert done.returncode != 0
    assert "asked" not in done.stdout
