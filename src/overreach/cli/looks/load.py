"""`overreach load`: a load in a few lines on the terminal, and as a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from overreach.cli.looks.tables import print_table
from overreach.model.finding import Finding
from overreach.model.underload import Defect, UnderLoad
from overreach.pack.config import Pack
from overreach.report.load.latency import thousandths
from overreach.report.load.ledger import sentence
from overreach.report.load.page import render_page
from overreach.report.redact import redact
from overreach.report.storage import write_whole

_HEADS = ("operation", "answers", "50 % within, ms", "95 %", "99 %")


def show_load(load: UnderLoad) -> None:
    """Latencies by operation, slowest first, and what the log says."""
    rows = sorted((row for row in load.latency if not row.role), key=lambda row: (-row.p95, row.operation))
    figures = ((row.operation, row.answers, *map(thousandths, (row.p50, row.p95, row.p99))) for row in rows)
    print_table(_HEADS, figures, len(_HEADS) - 1)
    click.echo(f"log: {'not compared' if load.log is None else sentence(load.log)}")
    if load.events:
        click.echo("meanwhile: " + ", ".join(f"{count:,} {event}" for event, count in load.events))


def show_finding(finding: Finding | Defect, seen: str) -> None:
    """What was found, and who saw it."""
    click.echo(f"{finding.severity.upper()}  {finding.rule}  {finding.title}\n  {seen}")


def write_pages(load: UnderLoad, pack: Pack, files: Iterable[Path], secrets: frozenset[str] = frozenset()) -> None:
    """Write the same page to each file, there in full or not at all; OverreachError where one cannot be written."""
    wanted = list(files)
    if wanted:
        page = render_page(redact(load, secrets), pack.templates).encode("utf-8", "replace")
        for file in wanted:
            write_whole(file, page)
