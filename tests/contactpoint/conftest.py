"""Fixtures of the registry's tests: one small population for all, and one registry a test that changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
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


@pytest.fixture
def both(population: Path, tmp_path: Path) -> Callable[..., tuple[Any, Any]]:
    """Asks the same of a correct registry and of one with the fault, and gives both answers."""

    def ask(name: str, question: Callable[[Inside], Any]) -> tuple[Any, Any]:
        answers = []
        for faults in ((), (name,)):
            folder = Path(mkdtemp(dir=tmp_path))
            with Inside(population, folder, faults) as inside:
                answers.append(question(inside))
        return answers[0], answers[1]

    return ask
