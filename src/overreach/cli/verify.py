"""`overreach verify`: whether a run is as it was sealed."""

from __future__ import annotations

import json
from pathlib import Path

import click

from overreach.evidence.verify import Verification, require_run, verify
from overreach.model.terms import ExitCode


@click.command("verify")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, run: Path, *, as_json: bool) -> None:
    """Check that every file of RUN is as it was sealed; works offline.

    Exit codes: 0 as sealed, 1 a file was changed, added or taken away, 2 not a run folder.
    """
    require_run(run)
    result = verify(run)
    click.echo(_json(run, result) if as_json else _text(run, result))
    ctx.exit(ExitCode.FINDINGS if result.problems else ExitCode.CLEAN)


def _text(run: Path, result: Verification) -> str:
    if result.problems:
        return "\n".join(result.problems)
    return f"{run}: {result.files} files as they were sealed\nroot {result.root}"


def _json(run: Path, result: Verification) -> str:
    return json.dumps(
        {
            "run": str(run),
            "verified": not result.problems,
            "files": result.files,
            "root": result.root,
            "problems": list(result.problems),
        }
    )
