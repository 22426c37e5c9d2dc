"""What the scenarios concluded, as lines in the results folder of a run and as one object."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from overreach.model.finding import BlastRadius, Finding, NotExamined, Witness
from overreach.model.terms import Facet, Kind, Part, Severity

EXAMPLES = "OVERREACH_EXAMPLES"
"""Environment variable: examples a test. Without it, the active Hypothesis profile decides."""
FILE = "scenarios.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """The outcome of one test."""

    test: str
    outcome: str
    """`passed`, `failed`, `error`, `skipped` or `halted`."""
    examples: int = 0
    reason: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What a run of the scenarios concluded."""

    findings: tuple[Finding, ...] = ()
    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    """(test, reason): nothing is proven by it."""
    skipped: tuple[tuple[str, str], ...] = ()
    examples: int = 0
    halted: str = ""
    """Why the run had to stop: an answer could have concerned a real person."""

    @property
    def not_examined(self) -> tuple[NotExamined, ...]:
        """What was not proven, with its reason."""
        return tuple(
            NotExamined(Part.SCENARIOS, test, reason, count=1) for test, reason in (*self.errors, *self.skipped)
        )


def append(results: Path, line: Line) -> None:
    """Add the outcome of a test to the file in the results folder."""
    with (results / FILE).open("ab") as file:
        file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def read(results: Path) -> ScenarioResult:
    """What the lines in a results folder amount to; nothing at all where there is no file."""
    file = results / FILE
    lines = [_line(orjson.loads(text)) for text in file.read_bytes().splitlines()] if file.exists() else []
    return ScenarioResult(
        findings=tuple(finding for line in lines for finding in line.findings),
        passed=tuple(line.test for line in lines if line.outcome == "passed"),
        failed=tuple(line.test for line in lines if line.outcome == "failed"),
        errors=tuple((line.test, line.reason) for line in lines if line.outcome == "error"),
        skipped=tuple((line.test, line.reason) for line in lines if line.outcome == "skipped"),
        examples=sum(line.examples for line in lines),
        halted=next((line.reason for line in lines if line.outcome == "halted"), ""),
    )


def to_text(line: Line) -> str:
    """A line as text, to travel between processes."""
    return orjson.dumps(line).decode()


def from_text(text: str) -> Line:
    """The line of `to_text`."""
    return _line(orjson.loads(text))


def _line(value: dict[str, Any]) -> Line:
    findings = tuple(finding_of(finding) for finding in value["findings"])
    return Line(value["test"], value["outcome"], value["examples"], value["reason"], findings)


def finding_of(value: dict[str, Any]) -> Finding:
    """A finding from its plain values."""
    witness = value["witness"]
    plain = {
        "kind": Kind(value["kind"]),
        "severity": Severity(value["severity"]),
        "roles": tuple(value["roles"]),
        "facets": tuple(Facet(facet) for facet in value["facets"]),
        "parts": tuple(Part(part) for part in value["parts"]),
        "policies": tuple(value["policies"]),
        "witness": Witness(**{**witness, "part": Part(witness["part"])}),
        "blast": BlastRadius(**value["blast"]),
    }
    return Finding(**{**value, **plain})
