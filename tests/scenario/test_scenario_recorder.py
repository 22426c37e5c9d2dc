"""How the outcome of a test becomes findings, or says that nothing was proven."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from overreach.model.finding import BlastRadius, Finding, Witness
from overreach.model.terms import Facet, Kind, Part, Severity
from overreach.scenario.expect import Overreached, Unproven
from overreach.scenario.profile import Scenario
from overreach.scenario.recorder import line_of
from overreach.scenario.results import FILE, append, from_text, read, to_text

ABOUT = Scenario(11, "R12", examples=3)
FOUND = Finding(
    key="inference:whereabouts",
    kind=Kind.INFERENCE,
    title="a title",
    rule="",
    severity=Severity.HIGH,
    roles=("midwife",),
    facets=(Facet.WHEREABOUTS,),
    subject="whereabouts",
    parts=(Part.SCENARIOS,),
    witness=Witness(Part.SCENARIOS, "summary", "curl", "answer", "a.user", "qxzc00000000"),
    blast=BlastRadius(1, 1),
    policies=("shielded",),
)


def test_a_scenario_that_ran_through_has_passed() -> None:
    """With its examples counted."""
    line = line_of("test_a", ABOUT, None)
    assert (line.outcome, line.examples, line.findings) == ("passed", 3, ())


def test_an_overreach_becomes_a_finding_with_a_stable_key_and_the_scenarios_rules() -> None:
    """Nothing of the run is in the key."""
    (finding,) = line_of("test_a", ABOUT, Overreached(FOUND)).findings
    assert (finding.key, finding.rule) == ("scenario:test_a:inference:whereabouts", "R12")


def test_several_failures_in_one_test_are_several_findings() -> None:
    """Hypothesis raises them as a group; the same defect twice is told once."""
    other = replace(FOUND, key="access:contacts")
    group = ExceptionGroup("found 3 failures", [Overreached(FOUND), Overreached(other), Overreached(FOUND)])
    keys = [finding.key for finding in line_of("test_a", ABOUT, group).findings]
    assert keys == ["scenario:test_a:inference:whereabouts", "scenario:test_a:access:contacts"]


def test_a_plain_assertion_is_a_finding_with_its_message() -> None:
    """Whoever writes a scenario may use `assert`."""
    line = line_of("test_doors_stay_shut", ABOUT, AssertionError("a door was open\nand more"))
    assert line.outcome == "failed"
    assert line.findings[0].witness.answer == "a door was open"
    assert line.findings[0].title == "does not hold: doors stay shut"


@pytest.mark.parametrize("error", [Unproven("no value"), ConnectionError("no value"), KeyError("no value")])
def test_any_other_exception_proves_nothing(error: Exception) -> None:
    """It is neither held nor a finding."""
    line = line_of("test_a", ABOUT, error)
    assert (line.outcome, line.findings) == ("error", ())
    assert "no value" in line.reason


def test_an_overreach_is_told_even_where_something_else_went_wrong() -> None:
    """What leaked all the same comes first."""
    line = line_of("test_a", ABOUT, ExceptionGroup("two", [Unproven("no value"), Overreached(FOUND)]))
    assert line.outcome == "failed"


def test_lines_survive_the_way_through_text_and_file(tmp_path: Path) -> None:
    """Every finding comes back equal."""
    lines = [line_of("test_a", ABOUT, Overreached(FOUND)), line_of("test_b", None, None)]
    lines += [line_of("test_c", None, Unproven("why"))]
    assert [from_text(to_text(line)) for line in lines] == lines
    for line in lines:
        append(tmp_path, line)
    result = read(tmp_path)
    assert (result.failed, result.passed, result.errors) == (("test_a",), ("test_b",), (("test_c", "why"),))
    assert result.findings == lines[0].findings
    assert [(gap.what, gap.reason) for gap in result.not_examined] == [("test_c", "why")]
    assert (tmp_path / FILE).exists()


def test_nothing_was_concluded_where_there_is_no_file(tmp_path: Path) -> None:
    """An empty result, which no caller can take for a pass."""
    assert read(tmp_path).passed == ()
