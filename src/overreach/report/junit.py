"""A review as JUnit XML, for a pipeline's own display: a suite for each part of the audit.

The sweep's suite has one test case for each role and record class. Everything else that was found, or could
not be examined, is a test case of the part that saw it. A finding below the threshold is told in the output
of its case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from overreach.model.finding import Finding
from overreach.model.review import PartSummary, Review
from overreach.model.terms import Part, Verdict
from overreach.report.matrix import Cell, Matrix, State, build_matrix
from overreach.report.wording import children, concerned, users, visible, words, worst_first

# What XML 1.0 cannot hold even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FAILING = (State.OVERREACH, State.BREACH)


def render_junit(review: Review) -> bytes:
    """The XML document, UTF-8; the same review gives the same bytes."""
    document = JUnitXml("overreach")
    summaries = {summary.part: summary for summary in review.parts}
    for part in Part:
        cases = list(_cases(review, part, summaries.get(part)))
        if not cases:
            continue
        suite = TestSuite(part.value)
        suite.timestamp = _text(review.run.started)
        suite.add_testcases(cases)
        suite.time = summaries[part].seconds if part in summaries else 0.0
        document.add_testsuite(suite)
    document.time = review.run.seconds
    rendered = document.tostring()  # type: ignore[no-untyped-call] # junitparser leaves it untyped
    return rendered if isinstance(rendered, bytes) else str(rendered).encode()


def _cases(review: Review, part: Part, summary: PartSummary | None) -> Iterator[TestCase]:
    if summary is not None:
        yield _ran(summary)
    in_matrix = set()
    if part is Part.SWEEP:
        matrix = build_matrix(review)
        in_matrix = {cell.finding for cell in matrix.cells.values() if cell.state in _FAILING}
        yield from _matrix_cases(review, matrix)
    for finding in worst_first(review.findings):
        if part in finding.parts and not (part is Part.SWEEP and finding.key in in_matrix):
            yield _finding_case(review, finding, part)
    for gap in review.not_examined:
        if gap.part is part:
            case = TestCase(_text(gap.what), f"overreach.{part}.not_examined", 0.0)
            case.result = [Skipped(_text(f"{gap.reason} ({gap.count})"))]
            yield case


def _ran(summary: PartSummary) -> TestCase:
    case = TestCase("ran", f"overreach.{summary.part}", summary.seconds)
    if not summary.ran:
        case.result = [Skipped("this part did not run")]
    if summary.figures:
        case.system_out = _text("\n".join(f"{label}: {figure}" for label, figure in summary.figures))
    return case


def _matrix_cases(review: Review, matrix: Matrix) -> Iterator[TestCase]:
    found = {finding.key: finding for finding in review.findings}
    for sector in matrix.sectors:
        for role in sector.roles:
            for name in matrix.classes:
                cells = {facet: matrix.cell(role.role, name, facet) for facet in matrix.facets}
                counted = {facet: cell for facet, cell in cells.items() if cell.state is not State.ABSENT}
                if counted:
                    case = TestCase(_text(words(name)), _text(f"overreach.{sector.name}.{role.role}"), 0.0)
                    _judge(review, case, {facet.value: cell for facet, cell in counted.items()}, found)
                    yield case


def _judge(review: Review, case: TestCase, cells: dict[str, Cell], found: dict[str, Finding]) -> None:
    """Failures for what is over the threshold, a skip where nothing failed and something is unproven."""
    told: list[str] = []
    results: list[Failure | Skipped] = []
    for facet, cell in cells.items():
        if cell.state not in _FAILING:
            told += [f"{words(facet)}: {entry.verdict}: {entry.why}" for entry in cell.entries
                     if entry.verdict is not Verdict.HELD]  # fmt: skip
            continue
        finding = found.get(cell.finding)
        asked = f"{cell.failures} of {cell.probes} requests"
        line = f"{words(facet)}: {cell.state} at {', '.join(cell.wrong)}, {asked}"
        if finding is not None and finding.severity.height < review.fail_on.height:
            told.append(f"{line}; {finding.severity}, below the threshold: {finding.title}")
            continue
        failure = Failure(_text(line), _text(cell.finding or cell.state.value))
        failure.text = _text(_detail(finding)) if finding else _text(line)
        results.append(failure)
    unproven = [words(facet) for facet, cell in cells.items() if cell.state is State.UNPROVEN]
    if unproven and not results:
        case.result = [Skipped(_text(f"unproven: {', '.join(unproven)}"))]
    else:
        case.result = list(results)
    if told:
        case.system_out = _text("\n".join(told))


def _finding_case(review: Review, finding: Finding, part: Part) -> TestCase:
    case = TestCase(_text(finding.key), f"overreach.{part}.findings", 0.0)
    if finding.severity.height >= review.fail_on.height:
        failure = Failure(_text(f"{finding.severity}: {finding.title}"), _text(finding.key))
        failure.text = _text(_detail(finding))
        case.result = [failure]
    else:
        case.system_out = _text(f"below the threshold: {finding.title}\n{_detail(finding)}")
    return case


def _detail(finding: Finding) -> str:
    blast = finding.blast
    return "\n".join(
        [
            f"{finding.title} [{finding.rule}], {finding.severity}",
            f"concerns: {concerned(finding)}",
            f"roles: {', '.join(finding.roles) or '-'}",
            f"seen: {children(blast.seen_children)} by {users(blast.seen_users)}",
            f"up to: {children(blast.upto_children)} by {users(blast.upto_users)}",
            f"witness (synthetic): {finding.witness.summary}",
            f"repeat: {finding.witness.request}",
        ]
    )


def _text(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", visible(text))
