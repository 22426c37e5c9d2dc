"""A load for the report: its figures, its verdicts, and what it takes to see it again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version

from overreach.audit.context import Context
from overreach.load.changes import read_changes
from overreach.load.conclude import LoadResult
from overreach.load.keep import add, figures
from overreach.model.finding import Finding
from overreach.model.terms import Part, Verdict
from overreach.model.underload import UnderLoad
from overreach.report.load.reading import under_load


def told(context: Context, load: LoadResult, more: Mapping[str, object]) -> UnderLoad:
    """Everything that reports show of a load; where its record is kept, that says the same.

    `more` has what others found out about it, by their keys of `load.json`: `log`, `watchers`.
    """
    counted = context.listener.verdicts
    document = {
        **figures(load),
        "run": _run(context, load),
        "verdicts": {verdict.value: counted[Part.LOAD, verdict] for verdict in Verdict},
        "findings": [_defect(each) for each in context.gatherer.findings({}) if Part.LOAD in each.parts],
        "events": _events(context, load),
        "whole": True,
        **more,
    }
    if context.options.load_out is not None:
        document = add(context.options.load_out, document)
    return under_load(document, load.folder)


def _defect(finding: Finding) -> dict[str, str]:
    words = {"rule": finding.rule, "title": finding.title, "summary": finding.witness.summary}
    return {"severity": finding.severity.value, **words}


def _events(context: Context, load: LoadResult) -> dict[str, int]:
    """Kind of event -> how often one took hold for certain."""
    done = Counter(change.event for change in read_changes(load.folder) if change.done is not None)
    return {event.name: done[event.name] for event in context.bench.pack.load.events}


def _run(context: Context, load: LoadResult) -> dict[str, object]:
    population = context.bench.population
    return {
        "command": context.options.command,
        "version": version("overreach"),
        "recipe": population.meta.recipe,
        "seed": population.meta.seed,
        "children": population.children_count,
        "members": population.users_count,
        "started": f"{dt.datetime.fromtimestamp(load.began, dt.UTC):%Y-%m-%dT%H:%M:%SZ}" if load.began else "",
    }
