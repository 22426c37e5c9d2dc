"""A registry for each module: a load changes what is in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from overreach.probe.session import Bench
from overreach.probe.workspace import TargetOrder, Workspace, open_workspace


@pytest.fixture(scope="module")
def workspace(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The correct registry over the small world, with a broker beside it; nobody else's."""
    folder = tmp_path_factory.mktemp("loaded")
    with open_workspace(folder, bench, TargetOrder(bench.pack.switches, (), port=0, seed=1)) as opened:
        yield opened
