"""`overreach test`: the scenarios, with pytest underneath."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import click
import orjson

from overreach.cli.options import fault_option, json_option, pack_option, switch_option, switches_of, the_pack
from overreach.model.terms import ExitCode
from overreach.probe.session import SessionFile
from overreach.scenario.drive import run_scenarios
from overreach.scenario.own import Wish, own_session
from overreach.scenario.results import ScenarioResult


@click.command(
    name="test",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True},
    short_help="Run the scenarios against a registry of their own.",
)
@pack_option
@click.option("--population", type=click.Path(path_type=Path), help="Population folder; otherwise a small one is made.")
@fault_option
@switch_option
@click.option("--examples", type=click.IntRange(min=1), help="Examples of each test.")
@json_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARGUMENTS]...")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    pack_folder: Path | None,
    population: Path | None,
    faults: tuple[str, ...],
    switches: tuple[str, ...],
    examples: int | None,
    arguments: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    """Run the scenarios: property tests of what must hold, on a registry of their own.

    What Overreach does not know goes to pytest: -k, -n, --hypothesis-seed and so on.
    """
    pack = the_pack(pack_folder)
    pack = replace(pack, switches=switches_of(pack, switches))
    with (
        tempfile.TemporaryDirectory(prefix="overreach-test-") as folder,
        own_session(Wish(pack, Path(folder), population, faults)) as file,
    ):
        result = run_scenarios(file, SessionFile.read(file), examples, arguments, show=not as_json)
    if as_json:
        click.echo(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    else:
        _summarise(result)
    if result.findings:
        return ExitCode.FINDINGS
    return ExitCode.UNPROVEN if result.errors or not result.passed else ExitCode.CLEAN


def _summarise(result: ScenarioResult) -> None:
    for finding in result.findings:
        click.echo(f"{finding.severity.upper()}  {finding.rule}  {finding.title}\n  {finding.witness.summary}")
    for test, reason in (*result.errors, *result.skipped):
        click.echo(f"unproven  {test}: {reason}")
    click.echo(
        f"{len(result.passed)} scenarios held, {len(result.failed)} did not, {len(result.errors)} unproven;"
        f" {result.examples} examples"
    )
