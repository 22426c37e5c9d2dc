"""Every named fault is found, by the part that is meant to find it; on the correct registry nothing is found."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from overreach.model.finding import Finding
from overreach.model.terms import ExitCode, Part


@dataclass(frozen=True)
class Expected:
    """Where a fault must show."""

    part: Part
    """The part that finds it with all the others off."""
    key: str
    """How the key of one of its findings begins."""
    subject: str
    """A word of the facet, action or duty that the finding names."""


SWEEP, LOAD, WIRE, OUTSIDE, SCAN = Part.SWEEP, Part.LOAD, Part.WIRE, Part.OUTSIDE, Part.SCAN
EXPECTED = {
    "shield-ignored-in-postcode-search": Expected(SWEEP, "inference:POST /children/search", "whereabouts"),
    "shield-ignored-in-view": Expected(SWEEP, "access:POST /children/view:shielded", "whereabouts"),
    "area-not-checked": Expected(SWEEP, "access:POST /children/view:out_of_area", "identity"),
    "leaver-signs-in": Expected(SWEEP, "action:POST /sessions:sign_in", "sign_in"),
    "override-without-alert": Expected(SWEEP, "duty:POST /children/{child.number}/override:alert", "alert"),
    "former-name-searchable": Expected(SWEEP, "inference:POST /children/search", "former_names"),
    "count-includes-hidden": Expected(SWEEP, "inference:POST /children/search", "equal answer"),
    "forbidden-differs-from-absent": Expected(SWEEP, "inference:POST /children/view", "existence"),
    "empty-search-not-logged": Expected(SWEEP, "duty:POST /children/search:log", "log"),
    "cache-shared-between-users": Expected(SWEEP, "access:POST /children/view", "whereabouts"),
    "sessions-mixed-in-parallel": Expected(LOAD, "", ""),
    "whereabouts-in-header": Expected(WIRE, "wire:", "whereabouts"),
    "plaintext-backup": Expected(OUTSIDE, "access:outside:", "whereabouts"),
    "query-built-from-text": Expected(SCAN, "source:B608", "B608"),
}


def test_every_registered_fault_stands_in_the_matrix() -> None:
    """A new fault cannot be forgotten here."""
    listed = subprocess.run(
        [sys.executable, "-m", "overreach", "faults", "--json"], check=True, capture_output=True, text=True
    )
    assert {fault["name"] for fault in json.loads(listed.stdout)} == set(EXPECTED)


@pytest.mark.parametrize("fault", sorted(EXPECTED))
def test_a_fault_is_found_by_its_part_alone(audit, fault: str) -> None:  # type: ignore[no-untyped-def]
    """One part is enough; the finding names subject, roles, reach and a request that shows it again."""
    expected = EXPECTED[fault]
    review = audit(fault, parts={expected.part}).review
    fitting = [finding for finding in review.findings if _fits(finding, expected)]
    assert fitting, [finding.key for finding in review.findings]
    assert review.exit_code == ExitCode.FINDINGS
    finding = fitting[0]
    assert finding.rule
    assert finding.witness.request
    if expected.part is not SCAN:
        assert finding.roles
        assert finding.blast.seen_children or not finding.facets


def test_what_shows_only_in_parallel_is_found_by_no_other_part(audit) -> None:  # type: ignore[no-untyped-def]
    """Sweep and scenarios ask one request at a time, and see a registry that behaves."""
    review = audit("sessions-mixed-in-parallel", parts={Part.SWEEP, Part.SCENARIOS, Part.OUTSIDE, Part.SCAN}).review
    assert not review.findings


def _fits(finding: Finding, expected: Expected) -> bool:
    told = " ".join([finding.subject, *(facet.value for facet in finding.facets), finding.key])
    return finding.key.startswith(expected.key) and expected.subject in told
