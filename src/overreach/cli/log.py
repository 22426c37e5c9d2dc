"""`overreach log`: whether the log of the reference registry is what was written."""

from __future__ import annotations

import json
from pathlib import Path

import click

from overreach.cli.faults import told
from overreach.contactpoint.errors import RegistryError
from overreach.model.terms import ExitCode


@click.command("log", short_help="Check the hash chain of the registry's log.")
@click.argument("database", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, database: Path, as_json: bool) -> int:
    """Check that no row of the log in DATABASE was changed, removed, put in or moved.

    Rows cut off at its end show by DATABASE.heads, as far as it goes. Exit code 1 where the chain is broken.
    """
    # The registry's web stack is slow to import; `--help` does without.
    from overreach.contactpoint.chain import verify  # noqa: PLC0415

    try:
        checked = verify(database)
    except RegistryError as error:
        raise told(error) from error
    broken = checked.broken
    if as_json:
        found = None if broken is None else {"sequence": broken.sequence, "why": broken.why}
        click.echo(json.dumps({"rows": checked.rows, "heads": checked.heads, "broken": found}))
    elif broken is not None:
        click.echo(f"row {broken.sequence}: {broken.why}; {checked.rows} rows before it are intact")
    else:
        noted = f"{checked.heads} noted heads agree" if checked.heads else "no heads file: a missing end would not show"
        click.echo(f"{checked.rows} rows, chain intact; {noted}")
    return ExitCode.CLEAN if broken is None else ExitCode.FINDINGS
