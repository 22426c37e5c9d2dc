"""JUnit XML and Markdown: what a pipeline shows is what was found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET  # the documents are our own

from overreach.model.review import Review
from overreach.model.terms import Severity
from overreach.report.junit import render_junit
from overreach.report.markdown import render_markdown


def suites(review: Review) -> dict[str, ET.Element]:
    """Suites by name."""
    document = ET.fromstring(render_junit(review))  # noqa: S314 - written just here
    return {suite.attrib["name"]: suite for suite in document}


def test_the_sweep_has_a_case_for_each_role_and_record_class(review: Review) -> None:
    """27 roles by 9 classes, besides what stands in no cell."""
    cases = [case for case in suites(review)["sweep"] if not case.attrib["classname"].startswith("overreach.sweep")]
    assert len(cases) == 27 * 9
    failed = {case.attrib["classname"] for case in cases if case.find("failure") is not None}
    assert failed == {
        "overreach.education.head_teacher",
        "overreach.health.general_practitioner",
        "overreach.youth and justice.police_employee",
    }


def test_what_is_unproven_is_skipped_and_never_passed(review: Review) -> None:
    """The case of the unproven cell, the part that did not run, and each gap."""
    found = suites(review)
    skipped = [case.attrib["name"] for suite in found.values() for case in suite if case.find("skipped") is not None]
    assert "adopted" in skipped
    assert "encrypted backup" in skipped
    assert found["outside"][0].attrib["name"] == "ran"
    assert found["outside"][0].find("skipped") is not None


def test_a_finding_fails_in_every_part_that_saw_it(review: Review) -> None:
    """Sweep, scenarios, wire and scan each fail."""
    failing = {name for name, suite in suites(review).items() if suite.findall("*/failure")}
    assert failing == {"sweep", "scenarios", "wire", "scan"}


def test_a_finding_below_the_threshold_does_not_fail(review: Review) -> None:
    """It is told in the output of its case."""
    found = suites(replace(review, fail_on=Severity.CRITICAL))
    assert not found["scan"].findall("*/failure")
    assert "below the threshold" in "".join(found["scan"].itertext())


def test_a_clean_review_has_no_failure(clean_review: Review) -> None:
    """Nor an error."""
    assert not [suite for suite in suites(clean_review).values() if suite.findall("*/failure")]


def test_what_xml_cannot_hold_is_made_visible(review: Review) -> None:
    """Control characters would make the whole document unreadable to a pipeline."""
    gap = replace(review.not_examined[0], what="a\x00b\x1b\ufffe</testcase>")
    assert "a[U+0000]b[U+001B]" in "".join(
        case.attrib["name"] for case in suites(replace(review, not_examined=(gap,)))["sweep"]
    )


def test_both_formats_depend_on_the_review_alone(review: Review, templates: Path) -> None:
    """The same review gives the same bytes."""
    assert render_junit(review) == render_junit(review)
    assert render_markdown(review, templates) == render_markdown(review, templates)


def test_markdown_keeps_the_order_and_the_answer(review: Review, templates: Path) -> None:
    """The headings are those of the page."""
    text = render_markdown(review, templates)
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert titles == [
        "Who could reach what", "Exposure", "Findings: 3", "Hazards: 2", "By policy alone",
        "What was not examined", "How far to trust this",
    ]  # fmt: skip
    assert "If own area only: 81,285 pairs closed to others, 115 to those involved, 0 opened" in text
    assert "5 to 6 stolen accounts open the whereabouts of all 9,998 openable children" in text
    assert "✕●" in text


def test_markdown_shows_hostile_text_as_text(review: Review, templates: Path) -> None:
    """No mark-up, link, mention or column of somebody else's making."""
    text = render_markdown(replace(review, sentence="<script> [x](https://a.example) @all | `b` *c*\n# d"), templates)
    assert r"\<script\> \[x\]\(https\://a.example\) \@all \| \`b\` \*c\* \# d" in text


def test_a_command_with_backticks_stays_one_code_span(review: Review, templates: Path) -> None:
    """The fence is longer than any run inside."""
    run = replace(review.run, command="a `b` ``c``")
    assert "``` a `b` ``c`` ```" in render_markdown(replace(review, run=run), templates)
