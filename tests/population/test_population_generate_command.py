"""`overreach generate` from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.population.held_pack import HeldPack

from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.folder import open_folder
from overreach.model.errors import PopulationError
from overreach.population.store import Population


@pytest.fixture
def pack(tmp_path: Path) -> HeldPack:
    """A recipe of thirteen parts."""
    return HeldPack.make(tmp_path / "pack")


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


def test_a_shard_says_which_parts_it_drew(pack: HeldPack, tmp_path: Path) -> None:
    """By the numbers in the files' names; the one that ends last tells of the whole as well."""
    out = tmp_path / "out"
    first, second = (pack.run(out, "--shard", f"{each}/2") for each in (1, 2))
    assert first.stdout.startswith(f"overreach: shard 1 of 2: parts 0 to 6 of 13 in {out} (")
    assert first.stdout.endswith("; not whole yet\n")
    assert sorted(file.name for file in out.glob("readers/*")) == [f"{part:05d}.parquet" for part in range(1, 13)]
    assert second.stdout.splitlines()[0].startswith("overreach: shard 2 of 2: parts 7 to 12 of 13")
    assert second.stdout.splitlines()[1].startswith(f"overreach: 90 children and 3 users in {out} (")
    assert first.stderr == second.stderr == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--shard", "3/2"), "there is no shard `3/2`"),
        (("--shard", "half"), "`half` is not a shard"),
        (("--shard", "1/14"), "`14` shards are more than the population has parts"),
        (("--processes", "0"), "Invalid value for '--processes'"),
        (("--processes", "2", "--scheduler", "tcp://127.0.0.1:1"), "exclude each other"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_code_2(
    pack: HeldPack, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    """And leaves no folder."""
    done = pack.run(tmp_path / "out", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[0]
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "out").exists()


def test_an_unfinished_population_is_refused_by_those_who_read_it(pack: HeldPack, tmp_path: Path) -> None:
    """The engine and the registry: not whole, and how to go on."""
    out = tmp_path / "out"
    said = json.loads(pack.run(out, "--shard", "1/2", "--json").stdout)
    assert (said["whole"], said["shard"], said["of"], said["parts"]) == (False, 1, 2, 13)
    with pytest.raises(PopulationError, match="is not a whole population: 7 of 13 parts") as engine:
        Population.open(out)
    assert engine.value.remedy.startswith("go on with `overreach generate library --children 90 ")
    with pytest.raises(RegistryError, match="is not whole") as registry:
        open_folder(out)
    assert registry.value.remedy.startswith("run its `overreach generate` again")
