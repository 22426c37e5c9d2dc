"""`overreach generate` from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from overreach.population.store import Population


def _overreach(*arguments: str) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-c", "from overreach.cli.main import run; run()", "generate"]
    return subprocess.run([*start, *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_it_writes_a_population_and_says_so_in_json(tmp_path: Path) -> None:
    """It writes a population and says so in json."""
    out = tmp_path / "world"
    size = ("--children", "60", "--users", "60", "--seed", "3")
    result = _overreach("small_england", *size, "--out", str(out), "--json")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    said = json.loads(result.stdout)
    population = Population.open(out)
    assert said["digest"] == population.digest
    assert (said["children"], said["users"], said["seed"]) == (60, 60, 3)
    again = _overreach("small_england", *size, "--out", str(out))
    assert again.returncode == 2
    assert "already exists and is not empty" in again.stderr
    assert "Traceback" not in again.stderr


def test_an_unknown_recipe_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    """An unknown recipe is one line and exit code 2."""
    result = _overreach("atlantis", "--out", str(tmp_path / "world"))
    assert result.returncode == 2
    assert "no recipe is called `atlantis`" in result.stderr
    assert "small_england" in result.stderr
    assert list(tmp_path.iterdir()) == []
