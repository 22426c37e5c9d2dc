"""What every template that shows a load needs beside the pictures: its style, and how figures are written."""

from __future__ import annotations

import jinja2

from overreach.report import wording
from overreach.report.load.axis import clock, latency, moment
from overreach.report.load.latency import thousandths

LOAD_STYLE = "load.css"


def with_figures(made: jinja2.Environment) -> jinja2.Environment:
    """An environment that knows how times and latencies are written."""
    made.filters.update(clock=clock, latency=latency, moment=moment)
    made.globals.update(ms=thousandths, number=wording.number)
    return made
