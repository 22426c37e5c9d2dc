"""`overreach reach --html` from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from overreach.population.recipe import Order, load_recipe
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]


def overreach(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in the pack's folder."""
    return subprocess.run(
        [sys.executable, "-m", "overreach", "reach", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "OVERREACH_DEBUG"},
        timeout=60,
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of the pack's own recipe."""
    folder = tmp_path_factory.mktemp("world") / "people"
    generate(load_recipe(ROOT, "small_england"), Order(150, 120, 3), folder)
    return folder


def test_a_page_is_written_with_the_alternatives_of_the_pack_and_the_one_asked_for(world: Path, tmp_path: Path) -> None:
    """And the JSON object says where it lies."""
    page = tmp_path / "reach.html"
    done = overreach(world, "--html", page, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["written"] == str(page)
    text = page.read_text()
    assert all(file.stem.replace("_", " ") in text for file in (ROOT / "scenarios" / "what_if").glob("*.cedar"))
    assert "<bdi>G3 = own</bdi>" not in text
    done = overreach(world, "--html", page, "--switch", "G3=own")
    assert (done.returncode, done.stderr) == (0, "")
    assert "<bdi>G3 = own</bdi>" in page.read_text()


def test_a_page_is_never_written_into_the_population(world: Path) -> None:
    """One line, exit 2, and nothing changed."""
    before = sorted(world.rglob("*"))
    done = overreach(world, "--html", world / "reach.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "lies in the population" in done.stderr.splitlines()[0]
    assert sorted(world.rglob("*")) == before


def test_nothing_half_is_left_where_a_part_fails(world: Path, tmp_path: Path) -> None:
    """An alternative that cannot be read is told in one line, and no page is there."""
    page = tmp_path / "reach.html"
    done = overreach(world, "--html", page, "--what-if", tmp_path / "none.cedar")
    assert done.returncode == 2
    assert "none.cedar" in done.stderr.splitlines()[0]
    assert list(tmp_path.iterdir()) == []
