"""Every named fault is found, by the part that is meant to find it; on the correct registry nothing is found."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Protocol

import pytest
from tests.detection.expected import EXPECTED, Expected

from overreach.audit.options import OPTIONAL
from overreach.model.finding import Finding
from overreach.model.review import Review
from overreach.model.terms import ExitCode, Facet, Part


class Audit(Protocol):
    """The fixture of conftest.py."""

    def __call__(  # noqa: PLR0913 - what an audit is asked for
        self,
        *faults: str,
        parts: set[Part],
        seed: int = 1,
        users: int = 60,
        searches: str = "all",
        seconds: float = 4.0,
        children: int = 200,
        people: int = 160,
    ) -> Review:
        """Run some parts of an audit over a small world."""
        ...


def test_every_registered_fault_stands_in_the_matrix() -> None:
    """A new fault cannot be forgotten here."""
    listed = subprocess.run(
        [sys.executable, "-m", "overreach", "faults", "--json"], check=True, capture_output=True, text=True
    )
    assert {fault["name"] for fault in json.loads(listed.stdout)} == set(EXPECTED)


FOUND = sorted(name for name, each in EXPECTED.items() if each.found and not each.meanwhile)
LOADS = 3
MEANWHILE = sorted({each.meanwhile for each in EXPECTED.values()} - {""})
#: What the audit does not find yet, by the part that ought to.
MISSED: dict[Part, list[str]] = {}
for _name, _each in sorted(EXPECTED.items()):
    if not _each.found:
        MISSED.setdefault(_each.part, []).append(_name)


def missed_cases() -> list[object]:
    """Every fault that is not found yet; those of one part stay in one process, which audits them once."""
    strict = pytest.mark.xfail(reason="the audit does not find it yet", strict=True, raises=AssertionError)
    return [
        pytest.param(part, name, marks=[strict, pytest.mark.xdist_group(f"missed-{part.value}")], id=name)
        for part, names in MISSED.items()
        for name in names
    ]


@pytest.fixture(scope="session")
def missed(audit: Audit) -> Callable[[Part], Review]:
    """The review of a registry with all faults at once that a part ought to find and does not: it finds none."""
    return functools.cache(lambda part: audit(*MISSED[part], parts={part}))


@pytest.mark.parametrize(("part", "fault"), missed_cases())
def test_a_fault_is_not_found_yet(missed: Callable[[Part], Review], part: Part, fault: str) -> None:
    """A list to be emptied: the day that one of them is found, this says so."""
    assert any(_fits(finding, EXPECTED[fault]) for finding in missed(part).findings)


@pytest.mark.parametrize("fault", FOUND)
def test_a_fault_is_found_by_its_part_alone(audit: Audit, fault: str) -> None:
    """One part is enough; the finding names subject, roles, reach and a request that shows it again."""
    expected = EXPECTED[fault]
    review = audit(fault, parts={expected.part}, searches=_searches(expected))
    fitting = [finding for finding in review.findings if _fits(finding, expected)]
    assert fitting, [finding.key for finding in review.findings]
    assert review.exit_code == ExitCode.FINDINGS
    finding = fitting[0]
    assert finding.rule
    assert finding.witness.request
    if expected.part is not Part.SCAN:
        assert finding.roles
        # A scenario cannot tell how far a defect goes.
        assert finding.blast.seen_children or not finding.facets or expected.part is Part.SCENARIOS


def _searches(expected: Expected) -> str:
    """The searches in which a fault can show: they are more than half of a sweep.

    One that shows in views needs none; one that lets a facet be inferred those that name it, and no other may find it.
    """
    if expected.part is Part.SWEEP and "search" not in expected.key and not expected.searching:
        return "none"
    inferred = expected.key.startswith("inference:") and expected.subject in set(Facet)
    return expected.subject if inferred else "all"


@pytest.mark.parametrize("group", MEANWHILE)
def test_what_shows_only_while_records_change_is_found_by_load(audit: Audit, group: str) -> None:
    """Officers shield, lift, move and merge while others look at just those records.

    Whether two requests meet is chance: of three loads one must have met each.
    """
    missed = {name for name, each in EXPECTED.items() if each.meanwhile == group}
    for _ in range(LOADS):
        review = audit(*sorted(missed), parts={Part.LOAD}, users=240, seconds=8.0, children=400, people=320)
        for fault in sorted(missed):
            fitting = [finding for finding in review.findings if _fits(finding, EXPECTED[fault])]
            missed -= {fault} if fitting and fitting[0].witness.request else set()
        if not missed:
            break
    assert not missed


def test_the_correct_registry_is_clean_while_records_change(audit: Audit) -> None:
    """Whatever is answered matches the facts before a change, after it, or either where the two overlap."""
    review = audit(parts={Part.LOAD}, users=240, seconds=8.0, children=400, people=320)
    assert not review.findings
    assert review.underreach == 0


def test_what_shows_only_in_parallel_is_found_by_no_other_part(audit: Audit) -> None:
    """Sweep and scenarios ask one request at a time, and see a registry that behaves.

    Two of those faults: each waits on purpose in every request, and all together would take minutes.
    """
    faults = ("sessions-mixed-in-parallel", "log-names-another-in-parallel")
    review = audit(*faults, parts={Part.SWEEP, Part.SCENARIOS, Part.OUTSIDE, Part.SCAN}, searches="none")
    assert not review.findings


def _fits(finding: Finding, expected: Expected) -> bool:
    told = " ".join([finding.subject, *(facet.value for facet in finding.facets), finding.key])
    return finding.key.startswith(expected.key) and expected.subject in told


@pytest.mark.parametrize("seed", range(50))
def test_the_correct_registry_gives_no_finding(audit: Audit, seed: int) -> None:
    """Fifty worlds, each swept, searched outside and compared with its log: nothing found, nothing refused.

    Each is asked a quarter of the searches; the whole audit below asks all.
    """
    review = audit(parts={Part.SWEEP, Part.OUTSIDE}, seed=seed, searches="some")
    assert not review.findings
    assert review.underreach == 0
    assert review.cells_unproven == 0
    assert all(control.passed for control in review.controls)


def test_a_whole_audit_of_the_correct_registry_is_clean(audit: Audit) -> None:
    """Every part runs, enough is proven, and what is permitted and harmful is listed."""
    review = audit(parts=set(OPTIONAL), seed=3)
    assert not review.findings
    assert review.exit_code == ExitCode.CLEAN, review.not_examined
    assert review.hazards
