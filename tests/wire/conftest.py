"""A small registry with an audit's workspace around it, for the tests of the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from overreach.pack.config import Pack
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.probe.session import Bench
from overreach.probe.workspace import Workspace, open_workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A world of 200 children, with its policy decided."""
    pack = Pack.read(ROOT)
    out = tmp_path_factory.mktemp("wire-world") / "population"
    generate(load_recipe(pack.root, pack.population), Order(children=200, users=120, seed=pack.seed), out)
    return Bench.build(pack, Population.open(out), pack.switches)


@pytest.fixture(scope="session")
def workspace(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The correct registry over that world, with a broker beside it."""
    folder = tmp_path_factory.mktemp("wire-correct")
    with open_workspace(folder, bench, switches=bench.pack.switches, faults=(), port=0, seed=1) as opened:
        yield opened
