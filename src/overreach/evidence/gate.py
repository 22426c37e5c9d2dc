"""The gate of a pipeline: new findings against known ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from overreach.evidence.baseline import Baseline, Known
from overreach.model.finding import Finding
from overreach.model.review import Review
from overreach.model.terms import ExitCode, Severity
from overreach.report.wording import worst_first


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate decides, and on what grounds."""

    new: tuple[Finding, ...]
    """Findings at or over the threshold that no entry accepts, worst first."""
    known: tuple[Finding, ...]
    """Findings that an entry accepts."""
    below: tuple[Finding, ...]
    """Findings under the threshold that no entry accepts."""
    fixed: tuple[Known, ...]
    """Entries whose finding is no longer there."""
    ignored: tuple[str, ...]
    """One line for each entry that accepts nothing: expired, outgrown or of no known form."""
    unproven: bool
    """Whether the run did not prove enough, whatever it found."""

    @property
    def exit_code(self) -> int:
        """1 before 3 before 0 (docs/reference/exit-codes.md)."""
        if self.new:
            return ExitCode.FINDINGS
        return ExitCode.UNPROVEN if self.unproven else ExitCode.CLEAN


def judge(review: Review, baseline: Baseline, fail_on: Severity, today: date) -> GateResult:
    """Hold a review against a baseline; an entry counts up to and including its `until`."""
    entries = {known.key: known for known in baseline.known}
    ignored = list(baseline.refused)
    known: list[Finding] = []
    others: list[Finding] = []
    for finding in worst_first(review.findings):
        entry = entries.get(finding.key)
        why = "" if entry is None else _refusal(entry, finding, today)
        if why:
            ignored.append(f"`{finding.key}` {why}")
        (known if entry is not None and not why else others).append(finding)
    present = {finding.key for finding in review.findings}
    return GateResult(
        new=tuple(one for one in others if one.severity.height >= fail_on.height),
        known=tuple(known),
        below=tuple(one for one in others if one.severity.height < fail_on.height),
        fixed=tuple(sorted((one for one in baseline.known if one.key not in present), key=lambda one: one.key)),
        ignored=tuple(ignored),
        unproven=replace(review, findings=()).exit_code == ExitCode.UNPROVEN,
    )


def _refusal(entry: Known, finding: Finding, today: date) -> str:
    """Why an entry does not accept a finding of its key; empty where it does."""
    if entry.until is not None and entry.until < today:
        return f"was accepted until {entry.until.isoformat()} only"
    if entry.severity is not None and finding.severity.height > entry.severity.height:
        return f"was accepted as {entry.severity} and is {finding.severity} now"
    return ""
