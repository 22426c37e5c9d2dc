"""The gate's laws: known passes, new fails, expired and malformed entries accept nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.evidence.baseline import Baseline, Known, read_baseline, write_baseline
from overreach.evidence.gate import judge
from overreach.model.errors import EvidenceError
from overreach.model.review import Review
from overreach.model.terms import Severity

TODAY = date(2026, 3, 1)
EMPTY = Baseline((), ())


def baseline_of(*known: Known) -> Baseline:
    """A baseline without misfits."""
    return Baseline(known, ())


def accepting(review: Review, days: int | None = None) -> Baseline:
    """A baseline of every finding of a review, for so many days from today."""
    until = None if days is None else TODAY + timedelta(days)
    return baseline_of(*(Known(finding.key, until=until) for finding in review.findings))


@given(st.sets(st.integers(0, 2)), st.sampled_from(list(Severity)))
def test_every_finding_is_told_exactly_once(review: Review, accepted: set[int], fail_on: Severity) -> None:
    """As new, known or below the threshold, and the exit code is 1 where there is something new."""
    baseline = baseline_of(*(Known(review.findings[place].key) for place in accepted))
    result = judge(review, baseline, fail_on, TODAY)
    told = [*result.new, *result.known, *result.below]
    assert sorted(one.key for one in told) == sorted(one.key for one in review.findings)
    assert len(result.known) == len(accepted)
    assert result.exit_code == (1 if result.new else 0)
    assert all(one.severity.height >= fail_on.height for one in result.new)


@given(st.sets(st.integers(0, 2)), st.sets(st.integers(0, 2)), st.sampled_from(list(Severity)))
def test_accepting_more_never_makes_more_new(review: Review, some: set[int], more: set[int], fail_on: Severity) -> None:
    """A longer baseline never fails a run that a shorter one passes."""
    shorter = baseline_of(*(Known(review.findings[place].key) for place in some))
    longer = baseline_of(*(Known(review.findings[place].key) for place in some | more))
    assert set(judge(review, longer, fail_on, TODAY).new) <= set(judge(review, shorter, fail_on, TODAY).new)


@pytest.mark.parametrize(("days", "exit_code"), [(None, 0), (1, 0), (0, 0), (-1, 1)])
def test_an_entry_counts_up_to_its_last_day(review: Review, days: int | None, exit_code: int) -> None:
    """From the next day on the finding is new, and a line says why."""
    result = judge(review, accepting(review, days), Severity.LOW, TODAY)
    assert result.exit_code == exit_code
    assert len(result.ignored) == (3 if exit_code else 0)


def test_a_finding_that_became_worse_is_new(review: Review) -> None:
    """It was accepted as something milder."""
    known = Known(review.findings[0].key, severity=Severity.LOW)
    result = judge(review, baseline_of(known), Severity.HIGH, TODAY)
    assert review.findings[0] in result.new
    assert "was accepted as low and is high now" in result.ignored[0]


def test_what_is_no_longer_found_is_listed_as_fixed(clean_review: Review) -> None:
    """It does not fail the run."""
    result = judge(clean_review, baseline_of(Known("access/old")), Severity.LOW, TODAY)
    assert [known.key for known in result.fixed] == ["access/old"]
    assert result.exit_code == 0


def test_a_run_that_proved_too_little_is_not_passed_by_knowing_its_findings(review: Review) -> None:
    """3 where nothing is new; 1 comes before it."""
    blocked = replace(review, not_examined=(replace(review.not_examined[0], blocking=True),))
    assert judge(blocked, accepting(blocked), Severity.LOW, TODAY).exit_code == 3
    assert judge(blocked, EMPTY, Severity.LOW, TODAY).exit_code == 1
    assert judge(replace(blocked, findings=()), EMPTY, Severity.LOW, TODAY).exit_code == 3


@pytest.mark.parametrize(
    "entry",
    [
        1, None, [], {}, "", {"key": ""}, {"key": 3}, {"key": "k", "until": "soon"},
        {"key": "k", "until": 20300101}, {"key": "k", "until": "2030-02-30"},
        {"key": "k", "until": "20300101"},
        {"key": "k", "untill": "2030-01-01"}, {"key": "k", "note": 5}, {"key": "k", "severity": "mild"},
        {"key": "k", "severity": []},
    ],
)  # fmt: skip
def test_an_entry_of_no_known_form_accepts_nothing_and_is_told(tmp_path: Path, entry: object) -> None:
    """The other entries count all the same."""
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(["a", entry]))
    baseline = read_baseline(path)
    assert baseline.known == (Known("a"),)
    assert len(baseline.refused) == 1
    assert baseline.refused[0].startswith("entry 2: ")


@pytest.mark.parametrize("text", ["", "{", "{}", "3", "\x00", "[" * 100_000])
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    """With the form that is wanted."""
    path = tmp_path / "baseline.json"
    path.write_text(text)
    with pytest.raises(EvidenceError, match="baseline"):
        read_baseline(path)


def test_a_missing_baseline_says_how_to_make_one(tmp_path: Path) -> None:
    """By --update, or empty by hand."""
    with pytest.raises(EvidenceError, match="no baseline") as error:
        read_baseline(tmp_path / "none.json")
    assert "--update" in error.value.remedy


def test_an_updated_baseline_accepts_what_it_was_made_from(review: Review, tmp_path: Path) -> None:
    """Notes and dates stay, what is fixed goes, and an end is never moved."""
    path = tmp_path / "baseline.json"
    old = baseline_of(Known(review.findings[0].key, "ours", date(2020, 1, 1)), Known("gone", "old"))
    write_baseline(path, review.findings, old)
    new = read_baseline(path)
    assert {known.key for known in new.known} == {finding.key for finding in review.findings}
    kept = next(known for known in new.known if known.key == review.findings[0].key)
    assert (kept.note, kept.until) == ("ours", date(2020, 1, 1))
    result = judge(review, new, Severity.LOW, TODAY)
    assert [one.key for one in result.new] == [review.findings[0].key]


@given(st.permutations([0, 1, 2]))
def test_the_order_of_findings_and_entries_does_not_matter(review: Review, order: list[int]) -> None:
    """The same result, told in the same order."""
    mixed = replace(review, findings=tuple(review.findings[place] for place in order))
    baseline = baseline_of(*(Known(review.findings[place].key) for place in order[:1]))
    same = baseline_of(*reversed(baseline.known))
    assert judge(mixed, baseline, Severity.LOW, TODAY) == judge(review, same, Severity.LOW, TODAY)
