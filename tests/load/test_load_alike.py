"""Hosts of a fleet have the same pack, the same population and the same time, or do not work together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from overreach.load.alike import digest_of, marks, refuse_other_time, refuse_unlike
from overreach.model.errors import OverreachError
from overreach.pack.config import Pack
from overreach.probe.session import Bench

ROOT = Path(__file__).parents[2]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of what a pack says of a load."""
    for name in ("scenarios", "load"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_copy_of_a_pack_is_the_same_pack(pack: Path) -> None:
    """Wherever it lies, and whatever else stands in its pyproject.toml."""
    file = pack / "pyproject.toml"
    file.write_text(file.read_text().replace("line-length = 120", "line-length = 99"))
    assert digest_of(Pack.read(pack)) == digest_of(Pack.read(ROOT))


@pytest.mark.parametrize("file", ["scenarios/policy.cedar", "load/people.py", "load/habits/harvester.py"])
def test_a_changed_policy_or_habit_is_another_pack(pack: Path, file: str) -> None:
    """So is a configuration that differs in one value."""
    (pack / file).write_text((pack / file).read_text() + "\n")
    assert digest_of(Pack.read(pack)) != digest_of(Pack.read(ROOT))


def test_a_changed_value_is_another_pack(pack: Path) -> None:
    """Judges with other bounds would not give one result."""
    file = pack / "pyproject.toml"
    file.write_text(file.read_text().replace("max_rate = 4000", "max_rate = 4001"))
    assert digest_of(Pack.read(pack)) != digest_of(Pack.read(ROOT))


def test_the_first_difference_is_named_with_its_remedy(bench: Bench) -> None:
    """By what it is, the host, and both values."""
    own = marks(bench.pack, bench.population)
    refuse_unlike("there", own, own)
    with pytest.raises(OverreachError, match="worker `there` has population `abc`, and the master `") as caught:
        refuse_unlike("there", own, own | {"population": "abc"})
    assert "--population" in caught.value.remedy
    with pytest.raises(OverreachError, match="has version ``"):
        refuse_unlike("there", own, {})


@pytest.mark.parametrize(("ahead", "round_trip"), [(0.0, 0.0), (0.05, 0.0), (-0.05, 0.0), (0.14, 0.2)])
def test_clocks_that_cannot_be_told_apart_are_taken(ahead: float, round_trip: float) -> None:
    """A slow network tells less: what it leaves open is no reason to refuse."""
    refuse_other_time("there", ahead, round_trip)


@pytest.mark.parametrize(("ahead", "way"), [(0.2, "ahead of"), (-3600.0, "behind")])
def test_another_time_is_refused(ahead: float, way: str) -> None:
    """With how much it is, and which way."""
    with pytest.raises(OverreachError, match=f"seconds {way} the master's") as caught:
        refuse_other_time("there", ahead, 0.01)
    assert "NTP" in caught.value.remedy
