"""The summary on a terminal fits it, keeps the order, and cannot be led astray by what it prints."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from overreach.model.review import Review
from overreach.report.console import print_summary

ORDER = [
    "Answer", "Who could reach what", "Exposure", "Findings: 3, worst first", "Hazards: 2", "Not examined",
    "How far to trust this",
]  # fmt: skip


def printed(review: Review, width: int, encoding: str = "utf-8") -> str:
    """The summary as plain text."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    print_summary(review, Console(file=stream, width=width), Path("reports/runs/one"))
    stream.flush()
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode(encoding)


def test_the_sections_stand_in_the_same_order_as_on_the_page(review: Review) -> None:
    """Answer first, trust last."""
    lines = printed(review, 100).splitlines()
    places = [next(at for at, line in enumerate(lines) if line.startswith(title)) for title in ORDER]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_everything_but_what_is_there_to_be_copied_fits_the_width(review: Review, width: int) -> None:
    """Only requests, the command and the place of the report run over."""
    copied = ("   repeat ", "command ", "report ")
    assert not [
        line for line in printed(review, width).splitlines() if len(line) > width and not line.startswith(copied)
    ]


def test_the_matrix_says_what_was_found_by_sign_not_by_colour(review: Review) -> None:
    """Overreach, unproven and rungs have signs of their own, explained above the table."""
    text = printed(review, 100)
    assert "✕ overreach" in text
    row = next(line for line in text.splitlines() if line.strip().startswith("head teacher"))
    assert "118  ✕●·" in row


def test_roles_that_look_alike_share_a_line_within_their_sector(clean_review: Review) -> None:
    """The head count of the line is that of all its roles."""
    lines = printed(clean_review, 100).splitlines()
    assert any(line.strip().startswith("head teacher +5") and " 558 " in line for line in lines)


def test_a_terminal_without_circles_gets_letters(review: Review) -> None:
    """Nothing is lost where only ASCII can be shown."""
    text = printed(review, 80, "ascii")
    assert "# overreach" in text
    assert "V override" in text


def test_the_request_can_be_copied_whole(review: Review) -> None:
    """It stands on one line, however narrow the terminal."""
    assert review.findings[1].witness.request in printed(review, 60)


def test_hostile_text_is_no_markup_and_no_control(review: Review) -> None:
    """Square brackets stay, escape sequences and reversals are made visible."""
    text = printed(replace(review, sentence="[bold red]x[/] \x1b[2J \u202eabc\nline"), 100)
    assert "[bold red]x[/] [U+001B][2J [U+202E]abc line" in text


def test_a_clean_run_says_so(clean_review: Review) -> None:
    """No finding, exit 0, and the hazards all the same."""
    text = printed(clean_review, 100)
    assert "Findings: 0" in text
    assert "exit      0" in text
    assert "Hazards: 2" in text


def test_long_lists_are_cut_with_their_number(review: Review) -> None:
    """A summary stays one; the report has the rest."""
    many = replace(review, not_examined=review.not_examined * 20)
    assert "... and 40 more in the report" in printed(many, 100)
