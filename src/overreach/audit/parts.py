"""The parts of an audit in their order; each can be left out."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.audit.context import Context
from overreach.audit.loading import run_load_and_wire
from overreach.audit.others import run_scan_part, run_scenario_part
from overreach.audit.outside import run_outside
from overreach.audit.sweeping import read_log, run_sweep
from overreach.audit.underload import told
from overreach.audit.watching import compare_alerts
from overreach.load.conclude import LoadResult
from overreach.load.watched import Watchers
from overreach.model.review import PartOutcome
from overreach.model.terms import Part
from overreach.model.underload import UnderLoad
from overreach.probe.logbook import Reconciliation


@dataclass(frozen=True, slots=True)
class PartResults:
    """What the parts handed over."""

    outcomes: tuple[PartOutcome, ...]
    load: LoadResult | None
    """Figures of the load, where there was one."""
    log: Reconciliation | None
    """The comparison with the target's log, where that could be read."""
    watchers: Watchers | None = None
    """What the target's alerts told of the load, where both are there."""
    under_load: UnderLoad | None = None
    """The load as reports show it, where there was one."""


def run_parts(context: Context) -> PartResults:
    """Run the parts that were asked for, one after the other.

    The sweep comes first, on a system that nobody has used yet; load comes after everything that looks at
    answers one by one; files are read last, when everything has been written, and then the target's own log.
    """
    wanted = context.options.parts
    outcomes: list[PartOutcome] = []
    load = None
    if Part.SWEEP in wanted:
        outcomes.append(run_sweep(context))
    if Part.SCENARIOS in wanted:
        outcomes.append(run_scenario_part(context))
    if wanted & {Part.LOAD, Part.WIRE}:
        loaded, load = run_load_and_wire(context)
        outcomes += loaded
    if Part.OUTSIDE in wanted:
        outcomes.append(run_outside(context))
    if Part.SCAN in wanted:
        outcomes.append(run_scan_part(context))
    context.progress("comparing with the target's log", 0, 1)
    compared, log, alerts = read_log(context, load)
    watchers = None
    if load is not None and log is not None:
        watchers, compared = compare_alerts(context, load, alerts, compared)
    under_load = None
    if load is not None and Part.LOAD in wanted:
        more: dict[str, object] = {} if watchers is None else {"watchers": watchers.to_json()}
        if log is not None and log.others is not None:
            more["log"] = log.others.books()
        under_load = told(context, load, more)
    return PartResults((*outcomes, compared), load, log, watchers, under_load)
