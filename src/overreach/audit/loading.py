"""Load and wire, as parts of an audit: the same traffic, judged at both of its ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import perf_counter

from overreach.audit.context import Context
from overreach.load import record
from overreach.load.alike import marks
from overreach.load.befalling import touched_by
from overreach.load.blame import Blame
from overreach.load.changes import read_changes
from overreach.load.comparing import Comparison, Reading, usernames_of
from overreach.load.conclude import LoadResult
from overreach.load.door import minted
from overreach.load.drive import Wanted, run_load
from overreach.load.keep import keep
from overreach.load.ledger import Ledger
from overreach.load.members import enough, lost_users, members
from overreach.load.roster import FleetOrder
from overreach.load.settle import settle
from overreach.load.sightings import noted
from overreach.load.supposing import suppose
from overreach.load.underway import UnderWay
from overreach.model.review import PartOutcome
from overreach.model.terms import Part, Verdict
from overreach.probe.logbook import of_this_run
from overreach.probe.record import read_lines, to_line
from overreach.wire.drive import Watch, watch

MINTED_TOGETHER = 50_000
"""Sessions that one command of the target's mints: it says how it goes no more often."""


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
        if options.load_out is not None:
            keep(load, options.load_out)
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
    _settle(context, load)
    ledger = ledger_of(context, load)
    for verdict, count in ledger.verdicts().items():
        context.listener.verdicts[Part.LOAD, verdict] += count
    population = context.bench.population
    context.listener.permitted.update(ledger.permitted_by(population.query(population.shape.user_fields)["role"]))


def _settle(context: Context, load: LoadResult) -> None:
    """Judge what was held back, and note it where it would stand had it been judged at once."""
    moments, under_way = dict(load.moments), UnderWay(load.folder)
    settled, late = (load.folder / name.format(load.processes) for name in (record.SETTLED, record.NEIGHBOURS))
    with settled.open("wb") as lines, late.open("wb") as sighted:
        for held, observation in settle(context.bench, load.folder):
            context.listener.hear(observation)
            if observation.verdict is Verdict.HELD and not observation.violations:
                continue
            lines.write(to_line(observation))
            moment = moments.get(int(held.ended) - load.began)
            if moment is not None:
                moment.judged(observation.verdict)
            if observation.violations:
                beside = under_way.beside(held.probe.request.request_id, held.began, held.ended)
                sighted.write(noted(observation, held.began, beside))


def ledger_of(context: Context, load: LoadResult) -> Ledger:
    """All that the users of a load sent."""
    return Ledger.read(load.folder, lost_users(context.bench, load.folder, context.options.seed))


def compared_with_log(context: Context, load: LoadResult, reader: int) -> Comparison:
    """What takes the rows of the log that the load explains; `reader` is the user who reads them."""
    bench, population = context.bench, context.bench.population
    ledger = ledger_of(context, load)
    part = Part.LOAD if Part.LOAD in context.options.parts else Part.WIRE
    blame = Blame(bench, ledger, part, reader)
    # A record that stays shows what both showed: tokens, too, that they share with others.
    stays = {
        touched: each.into
        for each in read_changes(load.folder)
        if each.into is not None
        for touched in touched_by(population, bench.pack.load.ties, each.child, each.into)
    }
    usernames = usernames_of(population.query(population.shape.user_fields)["username"])
    return Comparison(
        ledger,
        Reading(usernames, population.child_by_number, of_this_run, stays),
        ledger.owe_alert(bench.pack.target.operations),
        lambda amiss: context.gatherer.take(*blame.of(amiss)),
    )


@contextlib.contextmanager
def _watched(context: Context) -> Iterator[Watch | None]:
    if Part.WIRE not in context.options.parts:
        yield None
        return
    workspace = context.workspace
    with watch(workspace.session_file, workspace.session, workspace.running.url) as watcher:
        yield watcher


def _fleet(context: Context, able: Sequence[int]) -> FleetOrder | None:
    """The workers that are waited for, with what they must have alike with this host."""
    fleet, bench = context.options.fleet, context.bench
    if fleet is None:
        return None
    minting = bool(bench.pack.target.mint)
    return replace(fleet, marks=marks(bench.pack, bench.population), members=able, minting=minting)


def _work(context: Context, host: str) -> LoadResult:
    workspace, options = context.workspace, context.options
    able = members(context.bench, options.seed)
    if options.parts == {Part.LOAD}:
        enough(len(able), options.load_users)
    wanted = Wanted(
        users=min(options.load_users, len(able)),
        seconds=options.load_seconds,
        rate=options.load_rate,
        processes=options.load_processes,
        web=options.web,
        sign_in=options.signing_in,
        host=host,
        fleet=_fleet(context, able),
    )
    try:
        began = perf_counter()
        _mint(context, minted(able, wanted.users, _parts(wanted), wanted.sign_in))
        seconds = perf_counter() - began
        load = run_load(workspace.session_file, workspace.session, wanted, context.progress)
        suppose(context.bench, options.seed, load.folder)
    finally:
        workspace.broker.release(Part.LOAD)
    return replace(load, spawn_seconds=seconds + load.spawn_seconds)


def _parts(wanted: Wanted) -> int:
    return wanted.processes if wanted.fleet is None else wanted.fleet.workers


def _mint(context: Context, users: Sequence[int]) -> None:
    """Open these sessions before anybody works: a target that has people to answer mints slowly, and they wait."""
    for start in range(0, len(users), MINTED_TOGETHER):
        context.progress("load: opening sessions", start, len(users))
        context.workspace.broker.open_many(users[start : start + MINTED_TOGETHER], Part.LOAD)
