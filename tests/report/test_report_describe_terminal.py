"""A population on a terminal: complete where it is short, shortened where it is long, summed up in the last line."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from tests.report.described import BY_NAME, cohorts, library, measure
from tests.report.test_report_html import HOSTILE

from overreach.model.population import Measure
from overreach.population.recipe import Tables
from overreach.report.describe.counting import describe
from overreach.report.describe.terminal import print_description


def shown(folder: Path, own: dict[str, Measure], further: Tables | None = None) -> str:
    """What is printed."""
    console = Console(file=io.StringIO(), width=160, highlight=False)
    print_description(describe(library(folder, own, further)), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def cells(text: str) -> list[list[str]]:
    """The rows of all tables."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if line.startswith("│")]


def test_it_says_what_it_is_and_what_each_table_holds(tmp_path: Path) -> None:
    """Recipe, size, seed, date and digest come first."""
    text = shown(tmp_path / "w", {})
    assert text.startswith("library: 20 children and 3 users, seed 7, as of 2009-05-18\n")
    assert "\ndigest " in text
    assert [row[:2] for row in cells(text)] == [["librarians", "3"], ["readers", "20"], ["all", "23"]]


def test_a_measure_is_a_table_beside_its_figures_and_the_last_line_is_the_sum(tmp_path: Path) -> None:
    """Counted, share, figures, difference; then where the figures come from."""
    text = shown(tmp_path / "w", {"names": measure(BY_NAME, {"Ann": 3, "Bob": 1})}, {"cohorts": cohorts(("t", 1, "x"))})
    assert ["Ann", "10", "50.00 %", "75.00 %", "-25.00"] in cells(text)
    assert "figures: modelling choice" in text
    last = text.splitlines()[-1]
    assert last.startswith("The largest difference from the figures is 25.00 percentage points, for `Ann`")
    assert last.endswith("Every one of 1 cohort is present, with 1 case each.")


def test_a_long_measure_is_shortened_to_its_ten_largest_differences(tmp_path: Path) -> None:
    """And says so."""
    counted = "SELECT 'area ' || range AS category, 100 + range AS count FROM range(31)"
    text = shown(tmp_path / "w", {"areas": measure(counted, {f"area {place}": 1 for place in range(31)})})
    told = [row[0] for row in cells(text) if row[0].startswith("area")]
    assert len(told) == 10
    assert set(told) == {f"area {place}" for place in (0, 1, 2, 3, 4, 26, 27, 28, 29, 30)}
    assert "the 10 largest differences of 31 categories; --html and --json tell all of them" in text


def test_a_long_measure_without_figures_is_shortened_to_its_largest_categories(tmp_path: Path) -> None:
    """There are no differences to go by."""
    text = shown(tmp_path / "w", {"areas": measure("SELECT range AS category, range AS count FROM range(31)")})
    assert "the 10 largest categories of 31 categories" in text
    assert "figures" not in text.splitlines()[-4]


def test_text_of_a_population_cannot_turn_a_line_or_colour_it(tmp_path: Path) -> None:
    """Mark-up of the terminal library and control characters are shown as what they are."""
    own = {"x": measure("SELECT '[red]' || chr(27) || '[2J' AS category, 1 AS count", title=HOSTILE)}
    text = shown(tmp_path / "w", own)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red][U+001B][2J" in text
