"""Small worlds for the detection matrix: a whole audit of 200 children in a few seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from overreach.audit.conclude import Reckoning, conclude, run_info
from overreach.audit.options import Options
from overreach.audit.run import look, prepare
from overreach.model.review import Review
from overreach.model.terms import Facet, Part, Severity
from overreach.pack.config import Pack, find_pack
from overreach.pack.sweep import SweepConfig
from overreach.probe.session import Bench
from overreach.probe.workspace import temporary_folder

ROOT = Path(__file__).parents[2]

World = tuple[Bench, Reckoning]


@pytest.fixture(scope="session")
def world() -> Iterator[Callable[[Options], World]]:
    """People and policy to audit, made once for each size and seed: whatever fault there is and is searched for."""
    made: dict[tuple[int, int], World] = {}
    with ExitStack() as stack:

        def of(options: Options) -> World:
            key = options.seed, options.children
            if key not in made:
                bench = prepare(options, stack.enter_context(temporary_folder()), _silent)
                made[key] = bench, Reckoning.make(bench, options.seed, pictures=False)
            bench, alone = made[key]
            return replace(bench, pack=options.pack), alone

        yield of


@pytest.fixture(scope="session")
def audit(world: Callable[[Options], World]) -> object:
    """Run some parts of an audit over a small world and give its review; reports are other tests' business."""
    # Fewer probes an entry than a real audit: the bounds are wider, the cells are all asked.
    pack = replace(
        find_pack(ROOT), sweep=SweepConfig(locating_probes=12, other_probes=3, members=2, searches=1, comparisons=3)
    )

    def run(  # noqa: PLR0913 - what an audit is asked for
        *faults: str,
        parts: set[Part],
        seed: int = 1,
        users: int = 60,
        searches: str = "all",
        seconds: float = 4.0,
        children: int = 200,
        people: int = 160,
    ) -> Review:
        options = Options(
            pack=_with_searches(pack, searches, seed),
            population=None,
            recipe="small_england",
            children=children,
            users=people,
            seed=seed,
            faults=faults,
            switches=dict(pack.switches),
            parts=frozenset(parts),
            runs=ROOT,  # nothing is written there
            port=0,
            fail_on=Severity.LOW,
            load_users=users,
            load_seconds=seconds,
            examples=5,
            command="overreach audit",
        )
        bench, alone = world(options)
        with temporary_folder() as folder:
            live = look(options, bench, folder, lambda _line: None, _silent)
        began = dt.datetime.now(dt.UTC)
        return conclude(options, bench, alone, live, run_info(options, bench, "small", began, 0.0, live.url))

    return run


def _with_searches(pack: Pack, searches: str, seed: int) -> Pack:
    """`all` searches, `none`, those that name a facet, or `some`: every fourth one, so that many seeds ask them all."""
    operations = pack.target.operations
    known = [name for name, operation in operations.items() if operation.by]
    if searches in set(Facet):
        asked = [name for name in known if Facet(searches) in operations[name].by]
    else:
        asked = {"all": known, "some": known[seed % 4 :: 4], "none": []}[searches]
    kept = {name: operation for name, operation in operations.items() if name in asked or not operation.by}
    return replace(pack, target=replace(pack.target, operations=kept))


def _silent(_text: str, _done: int, _total: int) -> None:
    """Nobody waits for the progress of a test."""
