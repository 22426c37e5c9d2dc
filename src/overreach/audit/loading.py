"""Load and wire, as parts of an audit: the same traffic, judged at both of its ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from overreach.audit.context import Context
from overreach.load.drive import LoadResult, run_load
from overreach.model.decision import Claims
from overreach.model.review import PartOutcome
from overreach.model.terms import Action, Part
from overreach.probe.record import read_lines
from overreach.wire.drive import Watch, watch


def run_load_and_wire(context: Context) -> tuple[list[PartOutcome], LoadResult]:
    """Put the configured users to work, through the watcher where the wire is watched.

    Where only the wire is asked for, the users' own judgement is left aside: they are the traffic.
    """
    options = context.options
    context.progress(f"load: {options.load_users} users", 0, 1)
    with _watched(context) as watcher:
        load = _work(context, watcher.url if watcher else None)
        outcomes: list[PartOutcome] = []
        if Part.LOAD in options.parts:
            for file in load.observations:
                for observation in read_lines(file):
                    context.listener.hear(observation)
            outcomes.append(PartOutcome(load.summary, (), load.controls, load.not_examined))
        if watcher is not None:
            seen = watcher.result()
            for observation in read_lines(seen.observations):
                context.listener.hear(observation)
            outcomes.append(PartOutcome(seen.summary, seen.findings, seen.controls, seen.not_examined))
    return outcomes, load


@contextlib.contextmanager
def _watched(context: Context) -> Iterator[Watch | None]:
    if Part.WIRE not in context.options.parts:
        yield None
        return
    workspace = context.workspace
    with watch(workspace.session_file, workspace.session, workspace.running.url) as watcher:
        yield watcher


def _work(context: Context, host: str | None) -> LoadResult:
    workspace, options = context.workspace, context.options
    grid, population = context.bench.grid, context.bench.population
    able = sum(grid.allows(user, None, Action.SIGN_IN, Claims()) for user in range(population.users_count))
    users = min(options.load_users, able)
    try:
        return run_load(workspace.session_file, workspace.session, users, options.load_seconds, host)
    finally:
        workspace.broker.release(Part.LOAD)
