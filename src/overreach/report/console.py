"""The summary on a terminal, in the order that every format keeps."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from overreach.model.finding import Finding
from overreach.model.review import Review
from overreach.model.terms import ExitCode, Kind, Severity
from overreach.report.console_matrix import Signs, matrix_lines
from overreach.report.exposure import figures
from overreach.report.matrix import build_matrix
from overreach.report.wording import (
    children,
    concerned,
    duration,
    listed,
    most_first,
    number,
    one_line,
    people,
    percent_at_least,
    users,
    words,
    worst_first,
)

_SEVERITY_STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold",
}
_MOST = 20  # findings or gaps told one by one
_OUTCOME = {
    ExitCode.CLEAN: "no finding at or over the threshold, and enough was proven",
    ExitCode.FINDINGS: "findings at or over the threshold",
    ExitCode.UNPROVEN: "not enough was proven",
}


def print_summary(review: Review, console: Console, folder: Path | None = None) -> None:
    """Print the whole summary; `folder` is where the reports of this run lie.

    Text from the audited system is never read as markup, and control characters are made visible.
    """
    _heading(console, "Answer")
    _line(console, one_line(review.sentence), style="bold")
    _heading(console, "Who could reach what")
    for text in matrix_lines(build_matrix(review), console.width, Signs.of(console.encoding)):
        console.print(text, soft_wrap=True)
    _exposure(review, console)
    _findings(review, console)
    _hazards(review, console)
    _gaps(review, console)
    _trust(review, console, folder)


def _line(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    """One paragraph, wrapped at the console's width, every line indented."""
    for part in Text(text, style=style).wrap(console, max(20, console.width - indent)):
        part.rstrip()
        console.print(Text(" " * indent) + part, soft_wrap=True)


def _heading(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold underline"))


def _exposure(review: Review, console: Console) -> None:
    _heading(console, "Exposure")
    if not review.exposure:
        _line(console, "not counted in this run")
    for facet in dict.fromkeys(one.facet for one in review.exposure):
        groups = [
            f"{one_line(words(one.group))} children: a median of {told.median:g} users, {number(told.most)} at most"
            for one in review.exposure
            if one.facet is facet
            for told in [figures(one)]
        ]
        _line(console, f"Who could open one child's {words(facet)}. " + "; ".join(groups).capitalize())


def _findings(review: Review, console: Console) -> None:
    found = worst_first(review.findings)
    _heading(console, f"Findings: {number(len(found))}" + (", worst first" if len(found) > 1 else ""))
    if not found:
        _line(console, "none")
    for place, finding in enumerate(found[:_MOST], 1):
        title = f"{place}. {finding.severity.upper()} {one_line(finding.title)} [{one_line(finding.rule)}]"
        _line(console, title, style=_SEVERITY_STYLE[finding.severity])
        for label, value in _facts(finding):
            _line(console, f"{label:<9} {value}", indent=3)
        # On one line whatever its length: it is there to be copied.
        label = "source" if finding.kind is Kind.SOURCE else "repeat"
        console.print(Text(f"   {label:<9} {one_line(finding.witness.request)}"), soft_wrap=True)
    _more(console, len(found))


def _more(console: Console, count: int) -> None:
    if count > _MOST:
        _line(console, f"... and {number(count - _MOST)} more in the report")


def _facts(finding: Finding) -> list[tuple[str, str]]:
    blast = finding.blast
    facts = [("concerns", one_line(concerned(finding)))]
    if finding.roles:
        facts.append(("roles", one_line(listed(finding.roles))))
    if any((blast.seen_users, blast.seen_children, blast.upto_users, blast.upto_children)):
        share = "" if blast.share_at_least is None else f", share at least {percent_at_least(blast.share_at_least)}"
        facts.append(("reached", f"{children(blast.seen_children)} by {users(blast.seen_users)} seen"))
        facts.append(("up to", f"{children(blast.upto_children)} by {users(blast.upto_users)}{share}"))
    facts.append(("witness", one_line(finding.witness.summary) + " (synthetic)"))
    return facts


def _hazards(review: Review, console: Console) -> None:
    _heading(console, f"Hazards: {number(len(review.hazards))} (permitted by the policy, harmful all the same)")
    if not review.hazards:
        _line(console, "none seen")
    for hazard in most_first(review.hazards):
        title = f"{one_line(hazard.title)} [{one_line(hazard.rule)}]"
        _line(console, f"- {title}: {children(hazard.children)}, {users(hazard.users)}")


def _gaps(review: Review, console: Console) -> None:
    _heading(console, "Not examined")
    _line(console, f"{number(review.cells_unproven)} of {people(review.cells, 'cell', 'cells')} unproven")
    for gap in sorted(review.not_examined, key=lambda gap: not gap.blocking)[:_MOST]:
        stops = " (stops a clean result)" if gap.blocking else ""
        _line(console, f"- {gap.part}: {one_line(gap.what)}: {one_line(gap.reason)}; {number(gap.count)}{stops}")
    _more(console, len(review.not_examined))
    if review.underreach:
        _line(console, f"- refused though allowed: {people(review.underreach, 'answer', 'answers')}; no leak")


def _trust(review: Review, console: Console, folder: Path | None) -> None:
    run = review.run
    _heading(console, "How far to trust this")
    failed = [control for control in review.controls if not control.passed]
    passed = len(review.controls) - len(failed)
    _line(console, f"controls  {passed} of {len(review.controls)} passed")
    for control in failed:
        _line(
            console,
            f"- failed: {one_line(control.name)}: {one_line(control.detail)}",
            style="bold red",
            indent=2,
        )
    _line(console, "bounds    one-sided, 95 %; they cover random defects, not aimed ones")
    for note in review.notes:
        _line(console, f"note      {one_line(note)}")
    _line(console, f"seed      {run.seed}, recipe {one_line(run.recipe)}, as of {run.as_of}")
    versions = ", ".join(f"{name} {version}" for name, version in run.versions)
    _line(console, "versions  " + one_line(f"overreach {run.version}, {versions}".rstrip(", ")))
    console.print(Text(f"command   {one_line(run.command)}"), soft_wrap=True)
    _line(console, f"took      {duration(run.seconds)}")
    if folder is not None:
        console.print(Text(f"report    {folder / 'report.html'}"), soft_wrap=True)
    outcome = _OUTCOME[review.exit_code]
    _line(console, f"exit      {review.exit_code}: {outcome} (threshold: {review.fail_on})")
