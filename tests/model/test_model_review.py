"""The exit code of a review: findings first, then what was not proven, then clean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from overreach.model.finding import Finding, NotExamined, Witness
from overreach.model.review import Review, RunInfo
from overreach.model.terms import ExitCode, Kind, Part, Severity

RUN = RunInfo("1", "", 0.0, "", "", (), 1, "", "", 0, 0, 0, 0, "", "", (), "")
CLEAN = Review(
    run=RUN,
    sentence="",
    roles=(),
    classes=(),
    entries=(),
    exposure=(),
    findings=(),
    hazards=(),
    not_examined=(),
    controls=(),
    parts=(),
    cells=1000,
    cells_unproven=0,
)
BLOCKING = NotExamined(Part.SWEEP, "entries", "timed out", 1, blocking=True)


def finding(severity: Severity) -> Finding:
    """A finding of which only the severity matters."""
    witness = Witness(Part.SWEEP, "", "", "")
    return Finding("k", Kind.ACCESS, "", "R7", severity, (), (), "", (Part.SWEEP,), witness)


def test_a_review_without_findings_and_gaps_is_clean() -> None:
    """Exit 0."""
    assert CLEAN.exit_code == ExitCode.CLEAN


def test_a_finding_comes_before_what_was_not_proven() -> None:
    """Exit 1, whatever else there is."""
    review = replace(CLEAN, findings=(finding(Severity.LOW),), not_examined=(BLOCKING,), cells_unproven=1000)
    assert review.exit_code == ExitCode.FINDINGS


def test_a_blocking_gap_alone_is_not_clean() -> None:
    """Exit 3: nobody may read it as proof."""
    assert replace(CLEAN, not_examined=(BLOCKING,)).exit_code == ExitCode.UNPROVEN


def test_a_gap_that_does_not_block_leaves_the_review_clean() -> None:
    """It is told, and no more."""
    assert replace(CLEAN, not_examined=(replace(BLOCKING, blocking=False),)).exit_code == ExitCode.CLEAN


@pytest.mark.parametrize(("unproven", "code"), [(10, ExitCode.CLEAN), (11, ExitCode.UNPROVEN)])
def test_over_one_cell_in_a_hundred_unproven_is_too_many(unproven: int, code: int) -> None:
    """Exactly one in a hundred is borne."""
    assert replace(CLEAN, cells_unproven=unproven).exit_code == code


def test_a_world_without_cells_is_not_unproven() -> None:
    """Nothing divides by nothing."""
    assert replace(CLEAN, cells=0).exit_code == ExitCode.CLEAN


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("threshold", Severity)
def test_only_findings_at_or_over_the_threshold_fail(severity: Severity, threshold: Severity) -> None:
    """A finding below it does not hide what was not proven."""
    review = replace(CLEAN, findings=(finding(severity),), fail_on=threshold, not_examined=(BLOCKING,))
    fails = severity.height >= threshold.height
    assert review.exit_code == (ExitCode.FINDINGS if fails else ExitCode.UNPROVEN)
