"""A small world with its policy decided, and a registry over it: for every test that asks a live target."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from overreach.pack.config import Pack
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.probe.session import Bench
from overreach.probe.workspace import TargetOrder, Workspace, open_workspace

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A world of 200 children, with its policy decided."""
    pack = Pack.read(ROOT)
    out = tmp_path_factory.mktemp("world") / "population"
    generate(load_recipe(pack.root, pack.population), Order(children=200, users=120, seed=pack.seed), out)
    return Bench.build(pack, Population.open(out), pack.switches)


@pytest.fixture(scope="session")
def workspace(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The correct registry over that world, with a broker beside it."""
    folder = tmp_path_factory.mktemp("correct")
    with open_workspace(folder, bench, TargetOrder(bench.pack.switches, (), port=0, seed=1)) as opened:
        yield opened
