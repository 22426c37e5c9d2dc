"""The parts of an audit in their order; each can be left out."""

from __future__ import annotations

from overreach.audit.context import Context
from overreach.audit.loading import run_load_and_wire
from overreach.audit.others import run_scan_part, run_scenario_part
from overreach.audit.outside import run_outside
from overreach.audit.sweeping import run_sweep
from overreach.model.review import PartOutcome
from overreach.model.terms import Part


def run_parts(context: Context) -> list[PartOutcome]:
    """Run the parts that were asked for, one after the other.

    The sweep comes first, on a system that nobody has used yet; load comes after everything that looks at
    answers one by one; files are read last, when everything has been written.
    """
    wanted = context.options.parts
    outcomes = []
    if Part.SWEEP in wanted:
        outcomes.append(run_sweep(context))
    if Part.SCENARIOS in wanted:
        outcomes.append(run_scenario_part(context))
    if wanted & {Part.LOAD, Part.WIRE}:
        outcomes += run_load_and_wire(context)
    if Part.OUTSIDE in wanted:
        outcomes.append(run_outside(context))
    if Part.SCAN in wanted:
        outcomes.append(run_scan_part(context))
    return outcomes
