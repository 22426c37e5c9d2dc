"""`overreach gate`: whether a release may go out."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import click

from overreach.evidence.baseline import Baseline, read_baseline, write_baseline
from overreach.evidence.gate import GateResult, judge
from overreach.evidence.verify import read_verified
from overreach.model.errors import OverreachError
from overreach.model.finding import Finding
from overreach.model.terms import ExitCode, Severity
from overreach.report.wording import one_line


@click.command("gate")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--baseline",
    "baseline_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Known findings: a JSON list.",
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.HIGH.value,
    show_default=True,
    help="Lowest severity of a new finding that fails.",
)
@click.option("--update", is_flag=True, help="Write the findings of RUN as the baseline, then judge by it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context, run: Path, baseline_file: Path, fail_on: str, *, update: bool, as_json: bool
) -> None:
    """Compare the findings of RUN with the known ones; RUN is verified first.

    Exit codes: 0 nothing new at or over the threshold, 1 something new, 2 RUN or the baseline cannot be
    used, 3 not enough was proven.
    """
    review = read_verified(run)
    if update:
        if baseline_file.resolve().is_relative_to(run.resolve()):
            message = f"`{baseline_file}` would lie in the sealed run"
            raise OverreachError(message, "keep the baseline beside your source, not in a run")
        old = read_baseline(baseline_file) if baseline_file.exists() else Baseline((), ())
        write_baseline(baseline_file, review.findings, old)
    result = judge(review, read_baseline(baseline_file), Severity(fail_on), _today())
    click.echo(_json(result) if as_json else _text(result, fail_on))
    ctx.exit(result.exit_code)


def _today() -> date:
    return datetime.now(UTC).date()


def _text(result: GateResult, fail_on: str) -> str:
    lines = [_line("new", finding) for finding in result.new]
    lines += [_line("below threshold", finding) for finding in result.below]
    lines += [_line("known", finding) for finding in result.known]
    lines += [f"fixed: {one_line(known.key)}: no longer found, take it out of the baseline" for known in result.fixed]
    lines += [f"ignored baseline entry: {one_line(line)}" for line in result.ignored]
    if result.unproven:
        lines.append("unproven: the run did not prove enough; see its report")
    outcome = {
        ExitCode.CLEAN: f"passed: nothing new at or over {fail_on}",
        ExitCode.FINDINGS: f"failed: {len(result.new)} new at or over {fail_on}",
        ExitCode.UNPROVEN: "failed: not enough was proven",
    }
    return "\n".join([*lines, outcome[result.exit_code]])


def _line(label: str, finding: Finding) -> str:
    return f"{label}: {finding.severity}: {one_line(finding.key)}: {one_line(finding.title)}"


def _json(result: GateResult) -> str:
    return json.dumps(
        {
            "exit_code": result.exit_code,
            "new": [_object(finding) for finding in result.new],
            "below": [_object(finding) for finding in result.below],
            "known": [_object(finding) for finding in result.known],
            "fixed": [known.key for known in result.fixed],
            "ignored": list(result.ignored),
            "unproven": result.unproven,
        }
    )


def _object(finding: Finding) -> dict[str, str]:
    return {"key": finding.key, "severity": finding.severity.value, "title": finding.title}
