"""`overreach describe`: what a population is like, beside the figures it should follow."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from overreach.cli.options import json_option, pack_option, refuse_inside, the_pack
from overreach.population.store import Population
from overreach.report.describe import json_form
from overreach.report.describe.counting import describe
from overreach.report.describe.page import render_page
from overreach.report.describe.terminal import print_description
from overreach.report.storage import write_whole

_PIPE_WIDTH = 160


@click.command("describe")
@click.argument("population_dir", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with plots as well.")
@pack_option
@json_option
def command(population_dir: Path, html: Path | None, pack_folder: Path | None, *, as_json: bool) -> None:
    """Say what the population in DIR is like, beside the figures that its recipe follows. Counts only.

    Exit codes: 0 described, 2 DIR is not a whole population, a measure cannot be counted, or FILE cannot be
    written.
    """
    population = Population.open(population_dir)
    if html is not None:
        refuse_inside(html, population_dir)
    description = describe(population)
    if html is not None:
        write_whole(html, render_page(description, the_pack(pack_folder).templates).encode("utf-8", "replace"))
    if as_json:
        click.echo(json.dumps(json_form.as_json(description) | ({} if html is None else {"written": str(html)})))
        return
    # A pipe has no width of its own: give the tables what they need instead of cutting their words.
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
    print_description(description, console, page=html)
