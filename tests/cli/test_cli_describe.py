"""`overreach describe` from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.report.described import BY_NAME, library, measure

from overreach.pack.config import Pack
from overreach.population.recipe import Order, load_recipe
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]


def overreach(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "overreach", "describe", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={key: value for key, value in os.environ.items() if key != "OVERREACH_DEBUG"},
        timeout=60,
    )


def refused(done: subprocess.CompletedProcess[str], told: str) -> None:
    """One line, one remedy, exit 2, and nothing on standard output."""
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (2, "", 2), done.stderr
    assert lines[0].startswith("overreach: ")
    assert told in lines[0]
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of the pack's own recipe."""
    folder = tmp_path_factory.mktemp("world") / "people"
    generate(load_recipe(Pack.read(ROOT).root, "small_england"), Order(200, 120, 3), folder)
    return folder


@pytest.fixture
def readers(tmp_path: Path) -> Path:
    """The library, in several parts."""
    return library(tmp_path / "readers", {"names": measure(BY_NAME, {"Ann": 1, "Bob": 1})}).path


def test_a_world_of_the_pack_is_described_with_its_cohorts(world: Path, tmp_path: Path) -> None:
    """Tables, cohorts, and a sentence in the last line."""
    done = overreach(world, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("small_england: 200 children and 120 users, seed 3")
    assert "former_addresses" in done.stdout
    assert "cohorts is present" in done.stdout.splitlines()[-1]


def test_the_page_is_written_beside_the_text(readers: Path, tmp_path: Path) -> None:
    """And a second time over the first; nothing else is left."""
    for _ in range(2):
        done = overreach(readers, "--html", "page.html", folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "page page.html" in done.stdout.splitlines()
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "readers"]


def test_json_is_one_object(readers: Path, tmp_path: Path) -> None:
    """It says what was written."""
    done = overreach(readers, "--json", "--html", "page.html", folder=tmp_path)
    told = json.loads(done.stdout)
    assert told["measures"]["names"]["counted"] == 20
    assert told["written"] == "page.html"


def test_a_folder_that_is_missing_or_unfinished_is_told(tmp_path: Path) -> None:
    """Nothing is described by half."""
    refused(overreach("nowhere", folder=tmp_path), "`nowhere` does not exist")
    (tmp_path / "empty").mkdir()
    refused(overreach("empty", "--html", "page.html", folder=tmp_path), "`empty` is not a whole population")
    (tmp_path / "file").write_text("")
    refused(overreach("file", folder=tmp_path), "`file` is not a folder")
    assert not (tmp_path / "page.html").exists()


def test_a_changed_file_is_told(readers: Path, tmp_path: Path) -> None:
    """What is described is what was generated."""
    with (readers / "readers" / "00001.parquet").open("ab") as file:
        file.write(b"x")
    refused(overreach(readers, folder=tmp_path), "was changed after it was generated")


def test_a_measure_that_fails_leaves_no_page(tmp_path: Path) -> None:
    """One line that names the measure."""
    library(tmp_path / "readers", {"broken": measure("SELECT nothing FROM readers")})
    refused(overreach("readers", "--html", "page.html", folder=tmp_path), "measure `broken` cannot be counted")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("nowhere/page.html", "cannot write `nowhere/page.html`: no such file or directory"),
        ("readers/page.html", "`readers/page.html` lies in the population"),
        (".", "`.` is a folder"),
    ],
)
def test_a_page_that_cannot_be_written_is_told(readers: Path, tmp_path: Path, file: str, told: str) -> None:
    """And the population stays as it was."""
    before = sorted(readers.rglob("*"))
    refused(overreach("readers", "--html", file, folder=tmp_path), told)
    assert sorted(readers.rglob("*")) == before
