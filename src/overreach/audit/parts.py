"""The parts of an audit in their order; each can be left out."""

from __future__ import annotations

from collections.abc import Callable

from overreach.audit.context import Context
from overreach.audit.sweeping import run_sweep
from overreach.model.review import PartOutcome
from overreach.model.terms import Part

_RUNNERS: dict[Part, Callable[[Context], PartOutcome]] = {
    Part.SWEEP: run_sweep,
}


def run_parts(context: Context) -> list[PartOutcome]:
    """Run the parts that were asked for, one after the other."""
    return [run(context) for part, run in _RUNNERS.items() if part in context.options.parts]
