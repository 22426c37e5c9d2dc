"""A load from the command line: users at once, every answer judged, and an exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from overreach.model.terms import ExitCode
from overreach.population.recipe import Order, load_recipe
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small population."""
    folder = tmp_path_factory.mktemp("load-command") / "people"
    generate(load_recipe(ROOT, "small_england"), Order(children=200, users=120, seed=3), folder)
    return folder


def load(people: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a short load."""
    command = [sys.executable, "-m", "overreach", "load", "--pack", str(ROOT), "--population", str(people)]
    return subprocess.run(
        [*command, "--duration", "1s", *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_users_at_once_on_a_correct_registry_are_clean(people: Path) -> None:
    """As JSON: how many worked, what they asked, and that the log names each request."""
    done = load(people, "--users", "5", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == ExitCode.CLEAN, done.stderr
    assert told["users"] == 5
    assert told["requests"] > 0
    assert [told[name] for name in ("overreach", "underreach", "unproven", "log_missing", "log_wrong_user")] == [0] * 5
    assert told["findings"] == []
