"""One whole review: population, policy, target, the parts in turn, the log, the conclusions, the sealed folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from overreach.audit.conclude import Live, Reckoning, conclude, refuse_contradictions, run_info
from overreach.audit.context import Context, Progress
from overreach.audit.listen import Listener, Writer
from overreach.audit.options import Options
from overreach.audit.parts import run_parts
from overreach.model.review import Review
from overreach.population.recipe import Order
from overreach.probe.findings import Gatherer
from overreach.probe.session import Bench
from overreach.probe.workspace import TargetOrder, open_workspace, populate, temporary_folder
from overreach.report.folder import RunFolder
from overreach.report.write import write_reports
from overreach.scan.sources import registry_sources


@dataclass(frozen=True, slots=True)
class Result:
    """A finished audit."""

    review: Review
    folder: Path


def run_audit(options: Options, progress: Progress) -> Result:
    """Run a whole audit and seal its folder; OverreachError where it cannot be run at all."""
    began, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    with temporary_folder() as folder:
        bench = prepare(options, folder, progress)
        policy_alone = Reckoning.make(bench, options.seed)
        meta = bench.population.meta
        run_folder = RunFolder.create(options.runs, f"{began:%Y%m%dT%H%M%S%f}"[:-3] + f"-{meta.recipe}-{meta.seed}")
        try:
            observations = run_folder.open_observations()
            live = look(options, bench, folder, observations.write_line, progress)
            observations.close()
            progress("writing the report", 0, 1)
            info = run_info(options, bench, run_folder.run_id, began, time.perf_counter() - clock, live.url)
            review = conclude(options, bench, policy_alone, live, info)
            write_reports(review, run_folder.path, options.pack.templates, live.secrets)
            return Result(review, run_folder.seal(live.secrets))
        except BaseException:
            # What is half written cannot be trusted, and the same command makes it again.
            shutil.rmtree(run_folder.path, ignore_errors=True)
            raise


def run_load_only(options: Options, progress: Progress) -> Live:
    """Only the load, judged and compared with the log; no report."""
    with temporary_folder() as folder:
        bench = prepare(options, folder, progress)
        return look(options, bench, folder, lambda _line: None, progress)


def prepare(options: Options, folder: Path, progress: Progress) -> Bench:
    """Population and policy, checked against each other."""
    registry_sources(options.faults)  # an unknown fault is refused before anything is made
    progress("generating the population", 0, 1)
    order = Order(options.children, options.users, options.seed)
    population = populate(options.pack, options.population, options.recipe, order, folder, options.prepared)
    progress("deciding the policy", 0, 1)
    bench = Bench.build(options.pack, population, options.switches)
    refuse_contradictions(bench.grid)
    bench.prepare()
    return bench


def look(options: Options, bench: Bench, folder: Path, write: Writer, progress: Progress) -> Live:
    """Start the target and let every part at it."""
    progress("starting the target", 0, 1)
    order = TargetOrder(
        *(options.switches, options.faults, options.port, options.seed),
        minting=options.signing_in < 1 or (options.fleet is not None and bool(options.pack.target.mint)),
        prepared=options.prepared,
    )
    with _settled(), open_workspace(folder, bench, order) as workspace:
        gatherer = Gatherer(bench.population, bench.policy, bench.grid)
        listener = Listener(bench, gatherer, write, options.parts)
        parts = run_parts(Context(options, bench, workspace, listener, gatherer, progress))
        return Live(parts, listener, gatherer, workspace.running.url, workspace.secrets())


@contextlib.contextmanager
def _settled() -> Iterator[None]:
    """What has been loaded stays until the end: the collector need not look at it again and again meanwhile."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
