"""`overreach report`: tell a sealed run again, in another format."""

from __future__ import annotations

import json
from pathlib import Path

import click

from overreach.evidence.verify import read_verified
from overreach.model.errors import OverreachError
from overreach.pack.config import find_pack
from overreach.report.storage import write_whole
from overreach.report.write import FORMATS, render


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="html", show_default=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; standard output without.")
@click.option("--pack", type=click.Path(path_type=Path, file_okay=False), help="Folder whose templates are used.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object that says what was written.")
def command(run: Path, form: str, out: Path | None, pack: Path | None, *, as_json: bool) -> None:
    """Write the report of RUN again, from its report.json; RUN is verified first and never changed.

    Exit codes: 0 written, 2 RUN is not a sealed run, or the file cannot be written.
    """
    data = render(read_verified(run), form, find_pack(pack).templates)
    if out is None:
        click.echo(data, nl=False)
        return
    if out.resolve().is_relative_to(run.resolve()):
        message = f"`{out}` lies in the sealed run"
        raise OverreachError(message, "name a file outside of it")
    write_whole(out, data)
    click.echo(json.dumps({"written": str(out), "format": form, "bytes": len(data)}) if as_json else f"wrote {out}")
