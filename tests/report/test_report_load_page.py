"""The page of a load: complete, silent towards the network, and true to the record that it was made from."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.report.loaded import FOUND, OPERATIONS, ROLES, document, keep_in, overreach
from tests.report.test_report_html import HOSTILE, Page

from overreach.model.review import Review
from overreach.model.underload import UnderLoad
from overreach.report.html import render_html
from overreach.report.load.page import render_page
from overreach.report.load.reading import read
from overreach.report.markdown import render_markdown

SECTIONS = ["answer", "time", "found", "latency", "log", "watchers", "crew", "again"]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> UnderLoad:
    """The kept load, read again."""
    return read(keep_in(tmp_path_factory.mktemp("kept")))


@pytest.fixture(scope="module")
def source(load: UnderLoad, templates: Path) -> str:
    """Its page."""
    return render_page(load, templates)


def section(source: str, name: str) -> str:
    """The text of a section, elements with a space between them, on one line."""
    inside = source.split(f'<section id="{name}"')[1].split(">", 1)[1].split("</section>", maxsplit=1)[0]
    return " ".join(Page(inside.replace("<", " <")).text.split())


def test_the_answer_stands_first_then_every_picture(source: str) -> None:
    """In the order in which a reviewer asks, and every link leads somewhere."""
    page = Page(source)
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert [each for each in ids if each in SECTIONS] == SECTIONS
    assert len(set(ids)) == len(ids)
    assert {a["href"][1:] for name, a in page.elements if name in {"a", "use"}} <= set(ids)
    assert (
        "3 of 5,432 answers to 1,234 users at once gave what the policy denies; 11 unproven; in the log 2 rows"
        " missing, 4 extra, 3 booked to somebody else, 7 incomplete, 1 repeated" in page.text
    )


def test_the_page_loads_nothing_and_runs_nothing(source: str) -> None:
    """One style by its hash, no script, no other file."""
    page = Page(source)
    policy = next(a["content"] for _, a in page.elements if "http-equiv" in a)
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'", policy)
    assert not {"script", "link", "img", "iframe"} & {name for name, _ in page.elements}
    assert not [a for _, a in page.elements if "style" in a or any(name.startswith("on") for name in a)]
    assert not re.search(r"url\(|@import", source)


def test_every_second_of_the_record_stands_in_a_table(source: str) -> None:
    """Answers, overreach, unproven, told to wait, latencies; a second without any answer has a row, too."""
    text = section(source, "time")
    for second in document()["seconds"]:
        counts = (second["answers"], second["overreach"], second["unproven"], second["throttled"])
        middle = f"{second['p95'] * 1000:.0f}"
        figures = [f"{count:,}" for count in (counts[0], *counts)]
        assert f"{second['second']} s {_phase(second['second'])} {' '.join(figures)} 11 {middle} 300" in text
    assert "10 s all up 0 0 0 0 0 - - -" in text


def _phase(second: int) -> str:
    return "ramp" if second < 4 else "ramp, all up" if second == 4 else "all up"


def test_every_latency_of_the_record_stands_beside_its_strip(source: str) -> None:
    """By operation and role, in milliseconds, with the number of answers."""
    text, kept = section(source, "latency"), document()
    for role in ROLES:
        for operation in OPERATIONS:
            figures = [f"{seconds * 1000:.0f}" for seconds in kept["latency"][role][operation]]
            told = f"{' | '.join(figures)} | {kept['answered'][role][operation]:,}"
            strip = f"{role.replace('_', ' ')} {role.replace('_', ' ')}: half of "
            assert strip in text
            assert told in text.split(strip, 1)[1]
    assert text.index("view") < text.index("search by name"), "the slowest operation stands first"


def test_every_figure_of_log_watchers_and_crew_is_told(source: str) -> None:
    """As the record has it."""
    log = section(source, "log")
    assert "5,421 requests, 5,424 rows: 2 missing, 4 extra, 3 booked to somebody else, 7 incomplete, 1 repeated" in log
    assert "The books balance" in log
    assert "missing, extra or wrong in the log 17" in " ".join(Page(source.replace("<", " <")).text.split())
    watchers = section(source, "watchers")
    assert "13 of 19 who misused the target were named by an alert (recall 68 %)" in watchers
    assert "of 16 people named 13 misused it (precision 81 %), and 3 were accused" in watchers
    assert "curious colleague looks up the family 23 19 13 0 500 ms 8.25 s 31 s 41.5 s same name 15" in watchers
    assert "practitioner none: honest work 1,211 - - 3 - - - - many records 3" in watchers
    crew = section(source, "crew")
    assert "all roles 1,234 1,211 23 (19) 5,432" in crew
    assert "head teacher 634 611 23 (19) 2,800" in crew
    for told in ("15.0 KiB", "4.1 s", "17 ms"):
        assert told in crew


def test_a_mark_of_overreach_leads_to_its_row(source: str) -> None:
    """Rows in order of time; the mark of a second leads to the first of its rows; neighbours are counted and named."""
    page = Page(source)
    links = [a["href"] for name, a in page.elements if name == "a" and a["href"].startswith("#seen")]
    assert links == ["#seen-1", "#seen-2"]
    found = section(source, "found")
    assert re.findall(r"(\d\.\d\d) s POST /children/view load-(\d+)-1", found) == [
        ("6.25", "12"), ("8.70", "11"), ("8.90", "13"),
    ]  # fmt: skip
    assert "head teacher user 11 shielded asked about child 77 7 : view by user 900 about child 5;" in found
    assert "view by user 904 about child 5; 2 more" in found


def test_nothing_is_cut_off_in_silence(tmp_path: Path, templates: Path) -> None:
    """Beyond 200 rows the page says how many more there are, and which have no mark."""
    kept = document()
    kept["verdicts"]["overreach"] = 1300
    many = tuple(overreach(number, 6.0 + number / 1000) for number in range(1, 1235))
    source = render_page(read(keep_in(tmp_path, kept, many)), templates)
    found = section(source, "found")
    assert found.count("POST /children/view") == 200
    assert "1,034 more are not in this table" in found
    assert "66 more stand among the findings" in found


def test_what_was_not_looked_at_is_said(tmp_path: Path, templates: Path) -> None:
    """A record without log and watchers is no clean one."""
    kept = {name: value for name, value in document().items() if name not in {"log", "watchers", "run"}}
    source = render_page(read(keep_in(tmp_path, kept, ())), templates)
    assert "not compared" in section(source, "log")
    assert "not measured" in section(source, "watchers")
    assert "the log was not compared" in Page(source).text
    assert 'id="again"' not in source


def test_a_load_without_any_answer_is_told_too(tmp_path: Path, templates: Path) -> None:
    """Sentences instead of empty pictures, and nothing is proven."""
    nothing: dict[str, Any] = document() | {
        "users": 0, "requests": 0, "rate": 0.0, "up_at": None, "began": 0, "verdicts": {}, "latency": {},
        "answered": {}, "operations": {}, "seconds": [], "people": [], "log": None, "watchers": None,
    }  # fmt: skip
    text = Page(render_page(read(keep_in(tmp_path, nothing, ())), templates)).text
    assert "0 users at once had no answer: nothing is proven" in text
    assert "No answer came." in text
    assert "Nobody took part" in text


def hostile(load: UnderLoad) -> UnderLoad:
    """The same load with hostile text wherever text can stand."""
    assert load.watchers is not None
    seen = load.sightings[0]
    beside = replace(seen.beside[0], request_id=HOSTILE, operation=HOSTILE)
    habits = tuple(replace(one, habit=HOSTILE, misuse=HOSTILE, alerts=((HOSTILE, 1),)) for one in load.watchers.habits)
    return replace(
        load,
        run=replace(load.run, command=HOSTILE, version=HOSTILE, recipe=HOSTILE, started=HOSTILE),
        latency=tuple(replace(one, role=one.role and HOSTILE, operation=HOSTILE) for one in load.latency),
        sightings=(
            replace(
                seen, request_id=HOSTILE, request=HOSTILE, role=HOSTILE, classes=(HOSTILE,), causes=(HOSTILE,),
                beside=(beside,),
            ),
        ),
        people=tuple(replace(one, role=HOSTILE, habit=HOSTILE) for one in load.people),
        watchers=replace(load.watchers, habits=habits),
    )  # fmt: skip


def test_hostile_text_stays_text(load: UnderLoad, templates: Path) -> None:
    """Whatever a target, a pack or a record says."""
    source = render_page(hostile(load), templates)
    page = Page(source)
    assert not {"script", "img"} & {name for name, _ in page.elements}
    assert not [1 for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert "\u202e" not in source
    assert "[U+202E]txt.exe" in page.text
    assert "{{ 7*7 }}" in page.text


def test_the_report_shows_the_same(review: Review, load: UnderLoad, templates: Path) -> None:
    """The section of the audit's report has every picture, loads nothing, and links only within the page."""
    source = render_html(replace(review, load=load), templates)
    page = Page(source)
    text = section(source, "load")
    assert "13 of 19 who misused the target" in text
    assert "5,421 requests, 5,424 rows" in text
    assert text.count("POST /children/view") == len(FOUND)
    ids = {a["id"] for _, a in page.elements if "id" in a}
    assert {a["href"][1:] for name, a in page.elements if name in {"a", "use"}} <= ids
    bad = Page(render_html(replace(review, load=hostile(load)), templates))
    assert [name for name, _ in bad.elements].count("script") == 2
    assert "img" not in {name for name, _ in bad.elements}


def test_markdown_tells_a_load_in_its_figures(review: Review, load: UnderLoad, templates: Path) -> None:
    """Verdicts, latencies, log, alerts and each overreach."""
    text = render_markdown(replace(review, load=load), templates)
    assert "## Under load" in text
    assert "Of 5,432 answers 5,377 held, 3 overreach, 41 underreach, 0 breach, 11 unproven." in text
    assert "| view | 312 | 19 | 59 | 209 |" in text
    assert "13 of 19 misusers named, 3 honest users accused" in text
    assert text.count("`POST /children/view`") == len(FOUND)
    assert HOSTILE not in render_markdown(replace(review, load=hostile(load)), templates)


def test_a_review_without_a_load_has_no_such_section(review: Review, templates: Path) -> None:
    """Where the part was left out, the gaps say so."""
    assert 'id="load"' not in render_html(review, templates)
    assert "Under load" not in render_markdown(review, templates)
