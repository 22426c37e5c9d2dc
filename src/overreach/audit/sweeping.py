"""The sweep and the reading of the target's log, as parts of an audit."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator

import numpy as np

from overreach.audit.context import Context
from overreach.audit.loading import compared_with_log
from overreach.load import keep
from overreach.load.conclude import LoadResult
from overreach.model.decision import Claims
from overreach.model.errors import TargetError
from overreach.model.finding import NotExamined
from overreach.model.probe import Answer
from overreach.model.review import Control, PartOutcome, PartSummary
from overreach.model.terms import Action, Part, Verdict
from overreach.probe.alerts import Alert, alert_of
from overreach.probe.logbook import Fetch, Reconciliation, read_pages, reconcile, row_of, with_query
from overreach.probe.sweep import Sweep
from overreach.target.http import HttpTarget
from overreach.target.identity import Session

MOST_READERS = 8
"""Users of the role that reads the log who are tried."""
_SIGNED_OUT = 401


def run_sweep(context: Context) -> PartOutcome:
    """Sweep the live system."""
    started = time.perf_counter()
    workspace, listener = context.workspace, context.listener
    target = workspace.target()
    try:
        sweep = Sweep(context.bench, workspace.broker, target, context.options.seed, listener.hear)
        result = sweep.run(context.progress)
    finally:
        target.close()
        workspace.broker.release(Part.SWEEP)
    gaps = [
        NotExamined(Part.SWEEP, f"role {role.replace('_', ' ')}", "no member could sign in", 1, blocking=True)
        for role in result.roles_without_members
    ]
    if result.refused:
        gaps.append(NotExamined(Part.SWEEP, "accounts", "refused at sign-in though active", len(result.refused)))
    broken = listener.verdicts[Part.SWEEP, Verdict.UNPROVEN]
    read, failed = result.controls_read, result.controls_failed
    figures = (
        ("requests", f"{listener.count(Part.SWEEP):,}"),
        ("users signed in", f"{len(result.sessions):,}"),
        ("answers that prove nothing", f"{broken:,}"),
    )
    return PartOutcome(
        PartSummary(Part.SWEEP, ran=True, seconds=time.perf_counter() - started, figures=figures),
        controls=(
            Control(
                "shielded records can be read by somebody entitled",
                read > 0 and failed == 0,
                f"{read:,} read back whole, {failed:,} not",
            ),
            *_role_controls(context),
        ),
        not_examined=tuple(gaps),
    )


def _role_controls(context: Context) -> Iterable[Control]:
    """Each role that may read something was given something: otherwise its refusals mean nothing."""
    grid, population = context.bench.grid, context.bench.population
    able, given = set(), context.listener.permitted
    claims = [rung.claims for rung in context.bench.pack.rungs]
    reading = [np.any(grid.masks(each) > 0, axis=(1, 2)) for each in claims]
    for user in range(population.users_count):
        if any(column[grid.user_class[user]] for column in reading):
            able.add(str(population.user_fields(user)["role"]))
    silent = sorted(role for role in able if not given[role])
    detail = f"{len(able) - len(silent)} of {len(able)} roles" + (f"; not {', '.join(silent)}" if silent else "")
    yield Control("each role was given something that it may read", not silent, detail)


def read_log(context: Context, load: LoadResult | None) -> tuple[PartOutcome, Reconciliation | None, tuple[Alert, ...]]:
    """Compare everything that was asked with the target's own log and alerts, and give the alerts."""
    started = time.perf_counter()
    config = context.bench.pack.target
    name = "the target's log can be read"
    target = context.workspace.target()
    try:
        reader = _reader(context, target)
        if reader is None:
            control = Control(name, passed=False, detail=f"nobody of role {config.log_role} could sign in")
            return PartOutcome(_log_summary(started, None), controls=(control,)), None, ()
        fetch = _fetcher(target, reader)
        log = (row_of(raw, config.log_entry) for raw in read_pages(fetch, config.log[1], "entries"))
        raised = read_pages(fetch, config.alerts[1], "alerts")
        alerts = tuple(alert_of(raw, config.alert_entry) for raw in raised)
        of_load = None if load is None else compared_with_log(context, load, reader.user)
        told = [each._asdict() for each in alerts]
        result = reconcile(context.listener.sent, log, told, config.operations, of_load)
    except TargetError as error:
        failed = Control(name, passed=False, detail=error.message)
        return PartOutcome(_log_summary(started, None), controls=(failed,)), None, ()
    finally:
        target.close()
    for sent, violation in result.violations:
        context.gatherer.take(sent.probe, violation)
    if result.others is not None and context.options.load_out is not None:
        keep.add(context.options.load_out, {"log": result.others.books()})
    control = Control(name, result.read > 0, f"{result.read:,} rows, {len(alerts):,} alerts")
    summary, gaps = _log_summary(started, result), tuple(_unproven(result))
    return PartOutcome(summary, controls=(control,), not_examined=gaps), result, alerts


def _unproven(result: Reconciliation) -> Iterable[NotExamined]:
    if result.unproven:
        reason = "the process that worked for these users did not come to its end"
        yield NotExamined(Part.LOG, "rows of the load in the log", reason, result.unproven)


def _log_summary(started: float, result: Reconciliation | None) -> PartSummary:
    figures: tuple[tuple[str, str], ...] = ()
    if result is not None:
        figures = (
            ("answered requests compared", f"{result.requests:,}"),
            ("missing from the log", f"{result.missing:,}"),
            ("naming another user", f"{result.wrong_user:,}"),
            ("lacking a record that was answered", f"{result.incomplete:,}"),
            ("rows that no request explains", f"{result.extra:,}"),
            ("further rows of one request", f"{result.repeated:,}"),
            ("alerts owed", f"{result.alerts_owed:,}"),
            ("alerts missing", f"{result.alerts_missing:,}"),
        )
    return PartSummary(Part.LOG, ran=result is not None, seconds=time.perf_counter() - started, figures=figures)


def _reader(context: Context, target: HttpTarget) -> Session | None:
    """Somebody who may read the log: the first whose session lives, for some sign out in the course of a load."""
    found: Session | None = None
    for reader in itertools.islice(_readers(context), MOST_READERS):
        found = found or reader
        path = with_query(context.bench.pack.target.alerts[1], "after=0&limit=1")
        if _fetcher(target, reader)(path).status != _SIGNED_OUT:
            return reader
    return found


def _readers(context: Context) -> Iterator[Session]:
    population, grid = context.bench.population, context.bench.grid
    for user in range(population.users_count):
        is_reader = population.user_fields(user)["role"] == context.bench.pack.target.log_role
        if is_reader and grid.allows(user, None, Action.READ_LOG, Claims()):
            outcome = context.workspace.broker.lease(user, Part.SWEEP)
            if isinstance(outcome, Session):
                yield outcome


def _fetcher(target: HttpTarget, session: Session) -> Fetch:
    numbers = itertools.count(1)

    def fetch(path: str) -> Answer:
        headers = (("Authorization", session.authorization), ("X-Request-ID", f"log-{next(numbers)}"))
        return target.send("GET", path, headers=headers)

    return fetch
