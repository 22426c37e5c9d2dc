"""`overreach scan`: bandit over source code."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
import orjson

from overreach.model.terms import ExitCode
from overreach.pack.config import find_pack
from overreach.scan.drive import ScanResult, run_scan
from overreach.scan.sources import registry_sources


@click.command(name="scan")
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Scan the source of this fault too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(path: Path | None, faults: tuple[str, ...], *, as_json: bool) -> int:
    """Look for security defects in Python source with bandit.

    PATH is a file or folder; without it the reference registry is scanned, without its faults.
    """
    if path is not None and faults:
        message = "--fault goes with the reference registry, not with a path"
        raise click.UsageError(message)
    result = run_scan([path] if path is not None else registry_sources(faults))
    code = _exit_code(result)
    if as_json:
        click.echo(orjson.dumps({**asdict(result), "exit_code": code}).decode())
    else:
        _tell(result)
    return code


def _tell(result: ScanResult) -> None:
    for finding in result.findings:
        click.echo(f"{finding.severity.value:8} {finding.rule}  {finding.witness.request}  {finding.title}")
        click.echo(f"         {finding.witness.answer}")
    for gap in result.not_examined:
        click.echo(f"not examined: {gap.what}: {gap.reason}")
    for control in result.controls:
        if not control.passed:
            click.echo(f"unproven: {control.detail}")
    click.echo("; ".join(f"{label}: {figure}" for label, figure in result.summary.figures))


def _exit_code(result: ScanResult) -> int:
    lowest = find_pack().fail_on
    if any(finding.severity.height >= lowest.height for finding in result.findings):
        return ExitCode.FINDINGS
    unproven = result.not_examined or not all(control.passed for control in result.controls)
    return ExitCode.UNPROVEN if unproven else ExitCode.CLEAN
