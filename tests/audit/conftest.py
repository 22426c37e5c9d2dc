"""An audit's options, and what is live in one that has asked nothing yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from overreach.audit.conclude import Live
from overreach.audit.listen import Listener
from overreach.audit.options import OPTIONAL, Options
from overreach.audit.parts import PartResults
from overreach.model.review import PartOutcome
from overreach.model.terms import Severity
from overreach.probe.findings import Gatherer
from overreach.probe.session import Bench

Silent = Callable[..., Live]


@pytest.fixture
def options(bench: Bench, tmp_path: Path) -> Options:
    """A whole audit of the small world."""
    pack = bench.pack
    sweep = replace(pack.sweep, locating_probes=20, other_probes=5, members=2)
    return Options(
        pack=replace(pack, sweep=sweep),
        population=bench.population.path,
        recipe=pack.population,
        children=200,
        users=120,
        seed=1,
        faults=(),
        switches=dict(pack.switches),
        parts=frozenset(OPTIONAL),
        runs=tmp_path / "runs",
        port=0,
        fail_on=Severity.LOW,
        load_users=5,
        load_seconds=1.0,
        examples=1,
        command="overreach audit",
    )


@pytest.fixture
def silent(bench: Bench, options: Options) -> Silent:
    """Make a live audit whose parts gave these outcomes and no observation."""

    def make(*outcomes: PartOutcome) -> Live:
        gatherer = Gatherer(bench.population, bench.policy, bench.grid)
        listener = Listener(bench, gatherer, lambda _line: None, options.parts)
        return Live(PartResults(outcomes, None, None), listener, gatherer, "http://127.0.0.1:1", frozenset())

    return make
