"""The page of a population: complete, silent towards the network, readable without seeing it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.report.described import BY_NAME, cohorts, library, measure
from tests.report.test_report_html import HOSTILE, Page

from overreach.model.errors import PackError
from overreach.population.store import Population
from overreach.report.describe.counting import describe
from overreach.report.describe.page import render_page

BY_DAY = "SELECT day(joined) AS category, count(*) AS count FROM readers GROUP BY ALL ORDER BY ALL"
FIGURES = {str(day): 1 for day in range(1, 19)}


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Population:
    """Two measures, one of names and one of numbers, and two cohorts."""
    own = {
        "names": measure(BY_NAME, {"Ann": 1, "Bob": 1}),
        "days": measure(BY_DAY, FIGURES, "Readers by day of joining"),
        "posts": measure("SELECT post AS category, count(*) AS count FROM librarians GROUP BY ALL", title="Posts"),
    }
    table = cohorts(("twins", 1, "born together"), ("moved", 2, "lives elsewhere"))
    return library(tmp_path_factory.mktemp("page") / "w", own, {"cohorts": table})


@pytest.fixture(scope="module")
def source(population: Population, templates: Path) -> str:
    """Its page."""
    return render_page(describe(population), templates)


def test_every_measure_has_a_section_with_plot_table_query_and_source(source: str) -> None:
    """In the order of the manifest."""
    page = Page(source)
    headings = re.findall(r'<h2 id="h-measure-\d">(.*?) <small>', source)
    assert headings == ["Readers by name", "Readers by day of joining", "Posts"]
    assert [a["class"] for name, a in page.elements if a.get("role") == "img"] == ["lying", "upright", "lying"]
    assert page.text.count("The table behind the picture") == 3
    assert BY_DAY in page.text
    assert page.text.count("Figures: modelling choice.") == 2
    assert page.text.count("Nothing was published or decided about it.") == 1


def test_bars_and_marks_can_be_told_apart_without_colour(source: str) -> None:
    """A bar is a rectangle, a figure a line across it, and both stand in words beside or above."""
    page = Page(source)
    bars = [a for name, a in page.elements if name == "rect" and a.get("class") == "counted"]
    marks = [a for name, a in page.elements if name == "line" and a.get("class") == "level"]
    assert len(bars) == 1 + 2 + 18 + 1
    assert len(marks) == 1 + 2 + 18
    assert "a bar is the share counted here" in page.text
    assert "a line across it is the share in the figures" in page.text
    assert "1: 2 readers, 10.00 %; 5.56 % in the figures" in page.text


def test_every_picture_has_its_words(source: str) -> None:
    """For a reader that does not see it; nothing inside of it is read aloud a second time."""
    page = Page(source)
    assert all(len(a["aria-label"]) > 40 for _, a in page.elements if a.get("role") == "img")
    assert all(a.get("aria-hidden") == "true" for name, a in page.elements if name == "svg")


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(source: str) -> None:
    """And every table has headings of rows and columns."""
    page = Page(source)
    scrolling = [a for _, a in page.elements if a.get("class") == "scroll"]
    assert scrolling
    assert all(a.get("tabindex") == "0" and a.get("role") == "region" and a["aria-label"] for a in scrolling)
    assert {a.get("scope") for name, a in page.elements if name == "th"} == {"col", "row"}


def test_cohorts_are_listed_with_counts_and_notes(source: str) -> None:
    """And the sentence at the top sums them up."""
    text = Page(source).text
    assert "born together" in text
    assert "lives elsewhere" in text
    assert "Every one of 2 cohorts is present, with 1 case each." in text


def test_the_page_loads_nothing_and_runs_nothing(source: str) -> None:
    """No element names another file, no script, and one style by its hash."""
    page = Page(source)
    links = [a[key] for _, a in page.elements for key in ("src", "href", "action", "srcset", "data") if key in a]
    assert links
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= {a["id"] for _, a in page.elements if "id" in a}
    policy = next(a["content"] for _, a in page.elements if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy + "".join(name for name, _ in page.elements)
    assert not re.search(r"url\(|@import", source)
    assert not any("style" in a or name == "link" for name, a in page.elements)


def test_no_name_of_a_person_and_no_path_of_the_machine_is_on_it(population: Population, source: str) -> None:
    """Counts only: cards of readers never appear."""
    cards = [str(card) for card in population.table("readers").column("card").to_pylist()]
    assert len(cards) == 20
    assert not [card for card in cards if card in source]
    assert str(population.path) not in source


def test_missing_cohorts_are_told_where_cohorts_are(tmp_path: Path, templates: Path) -> None:
    """Also where the table is missing as a whole."""
    own = {"cohorts": measure("", {"lost_boys": 1})}
    text = Page(render_page(describe(library(tmp_path / "w", own)), templates)).text
    assert "Missing: lost boys." in text
    assert "Missing of 1 cohort: lost boys." in text


def test_a_population_without_measures_still_has_its_tables(tmp_path: Path, templates: Path) -> None:
    """With no empty section and no dead link."""
    page = Page(render_page(describe(library(tmp_path / "w", {})), templates))
    assert "librarians" in page.text
    assert "Measures" not in page.text
    assert "Cohorts" not in page.text
    assert not [1 for _, a in page.elements if a.get("href") in {"#measures", "#cohorts"}]


def test_hostile_text_stays_text(tmp_path: Path, templates: Path) -> None:
    """Names of categories, cohorts and notes that look like mark-up, formulas or reversed text."""
    quoted = HOSTILE.replace("'", "''")
    counted = f"SELECT '{quoted}' AS category, 1 AS count UNION ALL SELECT 'b', 1"
    own = {HOSTILE: measure(counted, {HOSTILE: 3, "b": 2}, HOSTILE)}
    table = cohorts((HOSTILE, 1, HOSTILE))
    source = render_page(describe(library(tmp_path / "w", own, {"cohorts": table})), templates)
    page = Page(source)
    assert not {"script", "img"} & {name for name, _ in page.elements}
    assert "\u202e" not in source
    assert "[U+202E]txt.exe" in page.text
    assert "{{ 7*7 }}" in page.text


def test_templates_of_another_pack_that_lack_the_page_are_named(population: Population, tmp_path: Path) -> None:
    """A pack made before there was such a page."""
    (tmp_path / "report.css").write_text("")
    with pytest.raises(PackError, match=r"population\.css"):
        render_page(describe(population), tmp_path)
    (tmp_path / "population.css").write_text("")
    with pytest.raises(PackError, match=r"holds no template `population\.html\.j2`"):
        render_page(describe(population), tmp_path)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no browser to look with")
def test_a_browser_lays_the_page_out_without_a_complaint(source: str, tmp_path: Path) -> None:
    """The style is allowed by its hash, and in a narrow window nothing sticks out."""
    probe = (
        "<script>document.title=JSON.stringify([document.documentElement.scrollWidth, innerWidth,"
        " getComputedStyle(document.querySelector('.lying .row')).display,"
        " document.querySelectorAll('.upright rect').length])</script>"
    )
    with_probe = source.replace("style-src", "script-src 'unsafe-inline'; style-src").replace("</body>", probe)
    (tmp_path / "page.html").write_text(with_probe, encoding="utf-8")
    switches = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
        " --disable-component-update --disable-sync --window-size=380,800 --dump-dom"
    )
    done = subprocess.run(
        ["chromium", *switches.split(), f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "page.html").as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=40,
    )
    title = re.search(r"<title>\[(\d+),(\d+),\"(\w+)\",(\d+)\]</title>", done.stdout.replace("&quot;", '"'))
    assert title is not None
    assert int(title[1]) <= int(title[2])
    assert (title[3], int(title[4])) == ("grid", 18)
