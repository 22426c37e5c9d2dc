"""One whole review: population, policy, target, the parts in turn, the log, the conclusions, the sealed folder."""

from __future__ import annotations

import datetime
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from overreach.audit.conclude import NOTES, oracle_control, role_summaries, run_info, sentence
from overreach.audit.context import Context, Progress
from overreach.audit.listen import Listener, Writer
from overreach.audit.matrix import build_matrix
from overreach.audit.options import Options
from overreach.audit.parts import run_parts
from overreach.audit.sweeping import read_log
from overreach.audit.workspace import Workspace, open_workspace, populate, temporary_folder
from overreach.model.finding import NotExamined
from overreach.model.review import Control, PartOutcome, PartSummary, Review
from overreach.model.terms import Part, Verdict
from overreach.policy.invariants import invariant_violations
from overreach.probe.demand import denied_pairs, enterable
from overreach.probe.findings import Gatherer, merge
from overreach.probe.logbook import Reconciliation
from overreach.probe.session import Bench
from overreach.reach.count import Reach, reach
from overreach.report.folder import RunFolder
from overreach.report.write import write_reports

CHECKED = 2000  # decisions of the columns that cedarpy takes again in every run


@dataclass(frozen=True, slots=True)
class Result:
    """A finished audit."""

    review: Review
    folder: Path


@dataclass(frozen=True, slots=True)
class Live:
    """What the live parts gave."""

    outcomes: tuple[PartOutcome, ...]
    listener: Listener
    gatherer: Gatherer
    log: Reconciliation | None
    log_control: Control
    url: str
    secrets: frozenset[str]


def run_audit(options: Options, progress: Progress) -> Result:
    """Run a whole audit and seal its folder; OverreachError where it cannot be run at all."""
    began, clock = datetime.datetime.now(datetime.UTC), time.perf_counter()
    with temporary_folder() as folder:
        progress("generating the population", 0, 1)
        size = (options.children, options.users, options.seed)
        population = populate(options.pack, options.population, options.recipe, size, folder)
        progress("deciding the policy", 0, 1)
        bench = Bench.build(options.pack, population, options.switches)
        agreed = bench.grid.check(CHECKED, options.seed)
        exact = reach(bench.grid, population)
        reckoned = PartSummary(
            Part.REACH, ran=True, seconds=time.perf_counter() - clock, figures=(("pairs", f"{exact.all_pairs:,}"),)
        )
        run_id = f"{began:%Y%m%dT%H%M%S%f}"[:-3] + f"-{options.recipe}-{options.seed}"
        run_folder = RunFolder.create(options.runs, run_id)
        try:
            observations = run_folder.open_observations()
            live = _live(options, bench, folder, observations.write_line, progress)
            progress("writing the report", 0, 1)
            review = _review(options, bench, exact, live, reckoned, oracle_control(agreed))
            seconds = time.perf_counter() - clock
            review = run_info(review, options, population, bench.policy.digest, (run_id, began, seconds, live.url))
            observations.close()
            write_reports(review, run_folder.path, options.pack.templates, live.secrets)
            return Result(review, run_folder.seal(live.secrets))
        except BaseException:
            # What is half written cannot be trusted, and the same command makes it again.
            shutil.rmtree(run_folder.path, ignore_errors=True)
            raise


def _live(options: Options, bench: Bench, folder: Path, write: Writer, progress: Progress) -> Live:
    """Start the target and let every part at it."""
    progress("starting the target", 0, 1)
    opened = open_workspace(
        folder, bench, switches=options.switches, faults=options.faults, port=options.port, seed=options.seed
    )
    with opened as workspace:
        gatherer = Gatherer(bench.population, bench.policy, bench.grid, workspace.running.url)
        listener = Listener(bench, gatherer, write)
        context = Context(options, bench, workspace, listener, gatherer, progress)
        outcomes = run_parts(context)
        progress("comparing with the target's log", 0, 1)
        log, control = read_log(context)
        return Live(tuple(outcomes), listener, gatherer, log, control, workspace.running.url, _secrets(workspace))


def _secrets(workspace: Workspace) -> frozenset[str]:
    return workspace.secrets()


def _review(
    options: Options, bench: Bench, exact: Reach, live: Live, reckoned: PartSummary, oracles: Control
) -> Review:
    swept = Part.SWEEP in options.parts
    tally = live.listener.tally
    matrix = build_matrix(
        exact, tally.counts(), denied_pairs(bench.grid, bench.pack.rungs), bench.pack.sweep, swept=swept
    )
    cells = enterable(bench.grid)
    unproven = len(cells - tally.cells_asked)
    findings = merge([*live.gatherer.findings(), *(each for outcome in live.outcomes for each in outcome.findings)])
    gaps = [*matrix.gaps, *(gap for outcome in live.outcomes for gap in outcome.not_examined), *_unproven(live)]
    if unproven:
        gaps.append(NotExamined(Part.SWEEP, "cells", "no member of the cell could be asked with an answer", unproven))
    controls = [oracles, live.log_control, *(each for outcome in live.outcomes for each in outcome.controls)]
    gaps += _failed(controls)
    violations = invariant_violations(bench.grid)
    return Review(
        run=None,
        sentence=sentence(matrix.entries, findings, sum(live.listener.verdicts.values())),
        roles=role_summaries(bench.population),
        classes=tuple(bench.policy.classes),
        entries=matrix.entries,
        exposure=exact.exposures(),
        findings=tuple(findings),
        hazards=exact.hazards(),
        not_examined=tuple(gaps),
        controls=tuple(controls),
        parts=(reckoned, *(outcome.summary for outcome in live.outcomes), _log_summary(live)),
        cells=len(cells),
        cells_unproven=unproven,
        underreach=live.listener.underreach,
        fail_on=options.fail_on,
        notes=NOTES,
    )
