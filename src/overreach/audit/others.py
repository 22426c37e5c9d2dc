"""Scenarios and scan, as parts of an audit."""

from __future__ import annotations

import time

from overreach.audit.context import Context
from overreach.model.review import Control, PartOutcome, PartSummary
from overreach.model.terms import Part
from overreach.scan.drive import run_scan
from overreach.scan.sources import registry_sources
from overreach.scenario.drive import run_scenarios


def run_scenario_part(context: Context) -> PartOutcome:
    """Run the pack's scenarios."""
    started = time.perf_counter()
    context.progress("scenarios", 0, 1)
    workspace = context.workspace
    try:
        result = run_scenarios(workspace.session_file, workspace.session, context.options.examples)
    finally:
        workspace.broker.release(Part.SCENARIOS)
    ran = len(result.passed) + len(result.failed)
    figures = (
        ("scenarios passed", f"{len(result.passed):,}"),
        ("scenarios failed", f"{len(result.failed):,}"),
        ("examples", f"{result.examples:,}"),
    )
    return PartOutcome(
        PartSummary(Part.SCENARIOS, ran=ran > 0, seconds=time.perf_counter() - started, figures=figures),
        findings=result.findings,
        controls=(Control("scenarios came to a conclusion", ran > 0 and not result.errors, f"{ran} of them"),),
        not_examined=result.not_examined,
    )


def run_scan_part(context: Context) -> PartOutcome:
    """Scan the source of the registry, with the files of the faults that are switched on."""
    context.progress("scan", 0, 1)
    result = run_scan(registry_sources(context.options.faults))
    return PartOutcome(result.summary, result.findings, result.controls, result.not_examined)
