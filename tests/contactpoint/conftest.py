"""Fixtures of the registry's tests: one small population for all, and one registry a test that changes it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The helpers of this folder import each other by their place in the tree, however pytest was started.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.contactpoint.inside import Inside
from tests.contactpoint.outside import Outside, started
from tests.contactpoint.tables import write_population


@pytest.fixture(scope="session")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small population whose every member has a part to play."""
    return write_population(tmp_path_factory.mktemp("population") / "small")


@pytest.fixture
def inside(population: Path, tmp_path: Path) -> Iterator[Inside]:
    """A correct registry in this process."""
    with Inside(population, tmp_path) as registry:
        yield registry


@pytest.fixture(scope="module")
def outside(population: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A correct registry as a process of its own, one for all tests of a module."""
    with started(population, tmp_path_factory.mktemp("served")) as registry:
        yield registry
