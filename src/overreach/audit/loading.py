"""Load and wire, as parts of an audit: the same traffic, judged at both of its ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from overreach.audit.context import Context
from overreach.load import record
from overreach.load.conclude import LoadResult
from overreach.load.drive import Wanted, run_load
from overreach.load.journal import Row, read_answers
from overreach.load.keep import keep
from overreach.load.members import members
from overreach.load.settle import settle
from overreach.model.decision import Claims
from overreach.model.probe import Probe, Request
from overreach.model.review import PartOutcome
from overreach.model.terms import Part, Rung, Verdict
from overreach.probe.logbook import Sent, owes_alert
from overreach.probe.record import read_lines
from overreach.target.operations import render
from overreach.wire.drive import Watch, watch


def run_load_and_wire(context: Context) -> tuple[list[PartOutcome], LoadResult]:
    """Put the configured users to work, through the watcher where the wire is watched.

    Where only the wire is asked for, the users' own judgement is left aside: they are the traffic.
    """
    options = context.options
    context.progress(f"load: {options.load_users} users", 0, 1)
    with _watched(context) as watcher:
        load = _work(context, watcher.url if watcher else "")
        outcomes: list[PartOutcome] = []
        if Part.LOAD in options.parts:
            hear(context, load)
            outcomes.append(PartOutcome(load.summary, (), load.controls, load.not_examined))
        if watcher is not None:
            seen = watcher.result()
            for observation in read_lines(seen.observations):
                context.listener.hear(observation)
            outcomes.append(PartOutcome(seen.summary, seen.findings, seen.controls, seen.not_examined))
    return outcomes, load


def hear(context: Context, load: LoadResult) -> None:
    """Tell the listener of every answer: in full what is not plainly held, counted what is."""
    for file in record.files(load.folder, record.OBSERVATIONS):
        for observation in read_lines(file):
            context.listener.hear(observation)
    for observation in settle(context.bench, load.folder):
        context.listener.hear(observation)
    for file in record.files(load.folder, record.ANSWERS):
        for row in read_answers(file):
            if row.verdict is not None:
                _count(context, row)


def _count(context: Context, row: Row) -> None:
    """Count an answer that was plainly held, and remember it for the comparison with the log."""
    population, listener = context.bench.population, context.listener
    fields = population.user_fields(row.user)
    listener.verdicts[Part.LOAD, row.verdict or Verdict.HELD] += 1
    if row.permitted:
        listener.permitted[str(fields["role"])] += 1
    if row.status and not row.left:
        operation = context.bench.pack.target.operation(row.operation)
        found = frozenset(str(population.child_fields(child)["number"]) for child in row.found)
        alert_owed = owes_alert(operation, row.status)
        listener.sent.append(
            Sent(_probe(context, row, str(fields["role"])), str(fields["username"]), found, alert_owed)
        )


def _probe(context: Context, row: Row, role: str) -> Probe:
    """The request of a row, made again: the same child, operation and claims give the same request."""
    operation = context.bench.pack.target.operation(row.operation)
    claims = Claims(reason=row.reason)
    number = f"load-{row.user}-{row.number}"
    request = None
    if row.child is not None:
        fields = context.bench.population.child_fields(row.child)
        request = render(operation, fields, claims if row.carried else Claims(), number)
    return Probe(
        part=Part.LOAD,
        operation=row.operation,
        user=row.user,
        role=role,
        child=row.child,
        rung=Rung.DECLARED if row.reason else Rung.OPEN,
        claims=claims,
        request=request or Request(operation.method, operation.path, "", number),
        by=operation.by,
    )


@contextlib.contextmanager
def _watched(context: Context) -> Iterator[Watch | None]:
    if Part.WIRE not in context.options.parts:
        yield None
        return
    workspace = context.workspace
    with watch(workspace.session_file, workspace.session, workspace.running.url) as watcher:
        yield watcher


def _work(context: Context, host: str) -> LoadResult:
    workspace, options = context.workspace, context.options
    able = len(members(context.bench, options.seed))
    wanted = Wanted(
        users=min(options.load_users, able),
        seconds=options.load_seconds,
        rate=options.load_rate,
        processes=options.load_processes,
        web=options.web,
        sign_in=options.signing_in,
        host=host,
    )
    try:
        load = run_load(workspace.session_file, workspace.session, wanted, context.progress)
        if options.load_out is not None:
            keep(load, options.load_out)
    finally:
        workspace.broker.release(Part.LOAD)
    return load
