"""Turns what pytest says of the scenarios into lines in the results folder of a run.

Failures are recorded where they happen, in an xdist worker for example, and written where pytest collects its
reports, by one process.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from overreach.model.finding import BlastRadius, Finding, Witness
from overreach.model.terms import Kind, Part, Severity
from overreach.scenario.expect import Overreached
from overreach.scenario.profile import Scenario, scenario_of
from overreach.scenario.results import Line, append, from_text, to_text
from overreach.scenario.stage import Halted

_PROPERTY = "overreach"


class Recorder:
    """A pytest plugin of one run; `results` is the run's folder for what its parts report."""

    def __init__(self, results: Path, *, writes: bool) -> None:
        self._results = results
        self._writes = writes

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the outcome of a test on its report."""
        report = yield
        error = call.excinfo.value if call.excinfo is not None else None
        if call.when == "call" or error is not None:
            about = scenario_of(getattr(item, "obj", None))
            line = line_of(item.name, about, error, skipped=report.skipped)
            if about is not None:
                about.examples = 0  # the same function may run again with other parameters
            if call.when != "call" and line.outcome == "failed":
                line = replace(line, outcome="error", findings=())  # set-up and tear-down are ours, not the target's
            report.user_properties.append((_PROPERTY, to_text(line)))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the outcome of a test."""
        for name, value in report.user_properties:
            if name == _PROPERTY and self._writes:
                append(self._results, from_text(str(value)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write that a file cannot be loaded."""
        if report.failed and self._writes:
            reason = str(report.longrepr).strip().splitlines()[-1]
            append(self._results, Line(report.nodeid, "error", reason=f"cannot be loaded: {reason}"))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Write why every test stopped, where an answer was the reason."""
        if isinstance(excinfo.value, Halted):
            append(self._results, Line("scenarios", "halted", reason=str(excinfo.value)))


def line_of(test: str, about: Scenario | None, error: BaseException | None, *, skipped: bool = False) -> Line:
    """The outcome of a test that ended with this exception; None for none."""
    examples = about.examples if about is not None else 0
    if error is None:
        return Line(test, "passed", examples)
    if skipped:
        return Line(test, "skipped", examples, _first_line(error))
    failures = list(_leaves(error))
    findings = tuple(_finding(test, about, failure) for failure in failures if isinstance(failure, AssertionError))
    if findings:
        unique = {finding.key: finding for finding in findings}
        return Line(test, "failed", examples, findings=tuple(unique.values()))
    return Line(test, "error", examples, "; ".join(dict.fromkeys(map(_first_line, failures))))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _finding(test: str, about: Scenario | None, failure: AssertionError) -> Finding:
    rules = about.rules if about is not None else ""
    found = failure.finding if isinstance(failure, Overreached) else _asserted(test, failure)
    return replace(found, key=f"scenario:{test}:{found.key}", rule=found.rule or rules)


def _asserted(test: str, failure: AssertionError) -> Finding:
    """A plain `assert` that failed: all that is known is its message."""
    title = test.removeprefix("test_").replace("_", " ")
    message = _first_line(failure)
    return Finding(
        key=f"{Kind.INFERENCE.value}:asserted",
        kind=Kind.INFERENCE,
        title=f"does not hold: {title}",
        rule="",
        severity=Severity.HIGH,
        roles=(),
        facets=(),
        subject=title,
        parts=(Part.SCENARIOS,),
        witness=Witness(Part.SCENARIOS, message, f"overreach test -k {test}", message),
        blast=BlastRadius(),
    )


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
