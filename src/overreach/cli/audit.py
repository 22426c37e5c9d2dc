"""`overreach audit`: the whole review."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from overreach.audit.options import OPTIONAL, Options
from overreach.audit.run import Result, run_audit
from overreach.cli.options import (
    fault_option,
    json_option,
    pack_option,
    parts_of,
    shown_progress,
    switch_option,
    switches_of,
    the_pack,
)
from overreach.model.terms import Severity
from overreach.report.console import print_summary
from overreach.report.json_form import to_json

EXAMPLES = 20  # Hypothesis examples for each scenario


@click.command()
@pack_option
@click.option("--population", type=click.Path(path_type=Path), help="A population folder; generated otherwise.")
@click.option("--recipe", help="Recipe to generate from; the pack's own otherwise.")
@click.option("--children", type=click.IntRange(1), help="Children to generate.")
@click.option("--users", type=click.IntRange(1), help="Users to generate.")
@click.option("--seed", type=click.IntRange(0), help="Seed of everything that is drawn.")
@fault_option
@switch_option
@click.option("--only", multiple=True, metavar="PART", help=f"Run these parts only: {', '.join(OPTIONAL)}.")
@click.option(
    "--out", "runs", type=click.Path(path_type=Path), help="Folder for the run's folder; reports/runs otherwise."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the registry; any free one otherwise.")
@click.option("--fail-on", type=click.Choice([each.value for each in Severity]), help="Lowest severity that exits 1.")
@click.option("--examples", type=click.IntRange(1), default=EXAMPLES, show_default=True, help="Examples a scenario.")
@json_option
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    pack_folder: Path | None,
    population: Path | None,
    recipe: str | None,
    children: int | None,
    users: int | None,
    seed: int | None,
    faults: tuple[str, ...],
    switches: tuple[str, ...],
    only: tuple[str, ...],
    runs: Path | None,
    port: int,
    fail_on: str | None,
    examples: int,
    *,
    as_json: bool,
) -> int:
    """Review the pack's target: who could reach whose record, and whether they should.

    Without a target of its own, the pack's reference registry is started, loaded with a generated population,
    swept, probed by scenarios and by load, and scanned; report and evidence land in reports/runs.
    """
    pack = the_pack(pack_folder)
    options = Options(
        pack=pack,
        population=population,
        recipe=recipe or pack.population,
        children=children or pack.children,
        users=users or pack.users,
        seed=pack.seed if seed is None else seed,
        faults=faults,
        switches=switches_of(pack, switches),
        parts=parts_of(only, OPTIONAL),
        runs=runs or Path("reports/runs"),
        port=port,
        fail_on=Severity(fail_on) if fail_on else pack.fail_on,
        load_users=pack.load.users,
        load_seconds=pack.load.seconds,
        examples=examples,
        command="",
    )
    with shown_progress() as progress:
        result = run_audit(replace(options, command=_command(options, population)), progress)
    _tell(result, as_json=as_json)
    return result.review.exit_code


def _command(options: Options, population: Path | None) -> str:
    """The command that makes the same run again, whatever the pack's own sizes become."""
    words = ["overreach", "audit"]
    if population is None:
        sizes = (("--recipe", options.recipe), ("--children", options.children), ("--users", options.users))
        words += [str(word) for pair in sizes for word in pair]
    else:
        words += ["--population", str(population)]
    words += ["--seed", str(options.seed)]
    for fault in options.faults:
        words += ["--fault", fault]
    for name, value in sorted(options.switches.items()):
        words += ["--switch", f"{name}={value}"]
    if options.parts != frozenset(OPTIONAL):
        words += ["--only", ",".join(part for part in OPTIONAL if part in options.parts)]
    return shlex.join(words)


def _tell(result: Result, *, as_json: bool) -> None:
    if as_json:
        json.dump(
            {"folder": str(result.folder), "exit_code": result.review.exit_code} | to_json(result.review), sys.stdout
        )
        sys.stdout.write("\n")
        return
    print_summary(result.review, Console())
    click.echo(f"report: {result.folder / 'report.html'}")
