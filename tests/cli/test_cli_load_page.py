"""`overreach load --out`, `--html` and `--show` from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.report.loaded import document, keep_in

from overreach.model.terms import ExitCode
from overreach.population.recipe import Order, load_recipe
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]


def load(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "overreach", "load", "--pack", str(ROOT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A short load, kept in a folder beside its page, and what it printed."""
    folder = tmp_path_factory.mktemp("load-page")
    generate(load_recipe(ROOT, "small_england"), Order(children=200, users=120, seed=3), folder / "people")
    size = ("--population", folder / "people", "--users", 20, "--duration", "2s")
    return folder, load(*size, "--out", folder / "kept", "--html", folder / "page.html")


def test_a_load_tells_how_it_goes_and_what_it_took(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Plain lines on standard error where that is no terminal; the table and the log on standard output."""
    _, done = run
    assert done.returncode == ExitCode.CLEAN, done.stderr
    assert "starting the target\n" in done.stderr
    assert "20 users" in done.stderr
    assert "\x1b" not in done.stderr
    assert "search by name" in done.stdout
    assert "\nlog: " in done.stdout


def test_the_page_is_that_of_the_record(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The folder holds the page, too, and the same one is made again from the record."""
    folder, _ = run
    page = (folder / "page.html").read_bytes()
    assert (folder / "kept" / "load.html").read_bytes() == page
    done = load("--show", folder / "kept", "--html", folder / "again.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "again.html").read_bytes() == page
    kept = json.loads((folder / "kept" / "load.json").read_bytes())
    assert kept["users"] == kept["wanted"] == 20
    assert f"20 users at once had {kept['requests']:,} answers, none of them with what the policy denies" in done.stdout
    assert sum(each["people"] for each in kept["people"]) == 20
    assert sum(kept["verdicts"].values()) == kept["requests"]
    assert 0 < kept["up_at"] <= len(kept["seconds"])
    assert kept["watchers"]["people"] == 20, "what others found out about the load stands in its record and its page"
    assert "20 took part." in page.decode()
    assert "--users 20 --duration 2s --population" in kept["run"]["command"]


def test_a_record_is_shown_as_json_as_it_was_kept(tmp_path: Path) -> None:
    """Nothing else on standard output."""
    done = load("--show", keep_in(tmp_path), "--json")
    assert done.stderr == ""
    assert json.loads(done.stdout) == document()


def test_what_is_no_record_cannot_be_shown(tmp_path: Path) -> None:
    """One line, and what to do."""
    done = load("--show", tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "holds no record of a load" in done.stderr


def test_a_page_that_cannot_be_written_is_refused_before_the_load(tmp_path: Path) -> None:
    """Not after ten minutes."""
    done = load("--html", tmp_path / "nowhere" / "page.html", "--population", tmp_path / "none")
    assert done.returncode == ExitCode.USAGE
    assert "nowhere" in done.stderr
