"""`overreach faults`: the registry's faults, with rule and scenario."""

from __future__ import annotations

import json

import click

from overreach.contactpoint.errors import RegistryError
from overreach.model.errors import OverreachError


@click.command("faults", short_help="List the faults of the reference registry.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, as_json: bool) -> None:
    """List the faults of the reference registry: name, rule broken, scenario that shows it, what is wrong."""
    # The registry's web stack is slow to import; `--help` does without.
    from overreach.contactpoint.fault import known_faults  # noqa: PLC0415

    try:
        known = known_faults()
    except RegistryError as error:
        raise told(error) from error
    if as_json:
        rows = [
            {"name": each.name, "breaks": each.breaks, "scenario": each.scenario, "wrong": each.wrong} for each in known
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    width = max((len(each.name) for each in known), default=0)
    for each in known:
        click.echo(f"{each.name:<{width}}  {each.breaks:<3}  {each.scenario:>2}  {each.wrong}")


def told(error: RegistryError) -> OverreachError:
    """The registry's complaint as the command line tells it."""
    return OverreachError(error.message, error.remedy)
