"""The page: its order, its silence towards the network, and what hostile text cannot do to it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from overreach.model.errors import PackError
from overreach.model.exact import ExactReach
from overreach.model.review import Review
from overreach.report.html import render_html
from overreach.report.matrix import build_matrix

HOSTILE = "\"><script>alert(1)</script></style><img src=x onerror=alert(2)> =cmd|' /C calc'!A0 \u202etxt.exe {{ 7*7 }}"
ORDER = [
    *("answer", "matrix", "exposure", "ladder", "findings", "hazards", "steps", "what-if", "stolen"),
    *("not-examined", "trust"),
]


class Page(HTMLParser):
    """What a browser would make of the page: elements with attributes, and text outside of scripts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text += data


def hostile(review: Review) -> Review:
    """The same review with hostile text wherever text can stand."""
    role = replace(review.roles[0], role=HOSTILE, sector=HOSTILE)
    entries = tuple(
        replace(one, role=HOSTILE, record_class=HOSTILE, why=HOSTILE, policies=(HOSTILE,), finding=HOSTILE)
        for one in review.entries[:20]
    )
    found = review.findings[0]
    witness = replace(found.witness, summary=HOSTILE, request=HOSTILE, answer=HOSTILE, user=HOSTILE, child=HOSTILE)
    finding = replace(
        found, key=HOSTILE, title=HOSTILE, rule=HOSTILE, roles=(HOSTILE,), subject=HOSTILE, witness=witness,
        policies=(HOSTILE,), remedy=HOSTILE,
    )  # fmt: skip
    return replace(
        review,
        sentence=HOSTILE,
        roles=(role,),
        classes=(HOSTILE,),
        entries=entries,
        findings=(finding,),
        hazards=tuple(replace(one, title=HOSTILE, example=HOSTILE) for one in review.hazards),
        not_examined=tuple(replace(one, what=HOSTILE, reason=HOSTILE) for one in review.not_examined),
        controls=tuple(replace(one, name=HOSTILE, detail=HOSTILE) for one in review.controls),
        run=replace(review.run, command=HOSTILE, target=HOSTILE, run_id=HOSTILE, switches=((HOSTILE, HOSTILE),)),
        notes=(HOSTILE,),
        exact=hostile_exact(review),
    )


def hostile_exact(review: Review) -> ExactReach:
    """The same for what follows from the policy alone."""
    exact = review.exact
    assert exact is not None
    way, other = exact.ways[0], exact.alternatives[0]
    taken = replace(way.steps[0], name=HOSTILE, changes=((HOSTILE, HOSTILE),), user=HOSTILE, operation=HOSTILE)
    steps = tuple(replace(one, role=HOSTILE, record_class=HOSTILE) for one in exact.ladder)
    moved = tuple(replace(one, role=HOSTILE, record_class=HOSTILE) for one in other.by_role)
    case = replace(
        other.cases[0], role=HOSTILE, user=HOSTILE, child=HOSTILE, policies_before=(HOSTILE,), policies_after=(HOSTILE,)
    )
    return replace(
        exact,
        ladder=steps,
        ways=(
            replace(
                way, role=HOSTILE, record_class=HOSTILE, accomplice=HOSTILE, user=HOSTILE, child=HOSTILE, other=HOSTILE,
                steps=(taken,),
            ),
        ),
        alternatives=(
            replace(other, name=HOSTILE, question=HOSTILE, by_role=moved, by_class=moved, cases=(case,)),
        ),
        accounts=tuple(replace(one, role=HOSTILE, record_class=HOSTILE, user=HOSTILE) for one in exact.accounts),
        fewest=tuple(replace(one, record_class=HOSTILE, users=(HOSTILE,)) for one in exact.fewest),
    )  # fmt: skip


@pytest.fixture(scope="module")
def source(review: Review, templates: Path) -> str:
    """The page of the sample."""
    return render_html(review, templates)


def test_the_sections_stand_in_the_order_in_which_a_reviewer_asks(source: str) -> None:
    """The answer, what was found, what follows from the policy alone, what was not examined, how far to trust this."""
    ids = [attributes["id"] for _, attributes in Page(source).elements if attributes.get("id") in ORDER]
    assert ids == ORDER


def test_the_page_loads_nothing_and_runs_only_its_own_script(source: str) -> None:
    """No element names another file, and the policy in the page allows one style and one script by hash."""
    page = Page(source)
    links = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in {"src", "href", "action", "srcset", "data"}
    ]
    assert all(link.startswith("#") for link in links)
    policy = next(attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"url\(|@import", source)
    assert not any("style" in attributes or name == "link" for name, attributes in page.elements)


def test_the_full_matrix_stays_below_three_megabytes(source: str) -> None:
    """27 roles, 9 classes, 13 facets and 4 rungs."""
    assert len(source.encode()) < 3_000_000


def test_every_cell_can_be_opened_and_its_figures_are_in_the_page(source: str, review: Review) -> None:
    """Each role, class and facet has a button, and the data behind it has one entry for each rung."""
    places = {int(attributes["data-c"]) for _, attributes in Page(source).elements if "data-c" in attributes}
    raw = source.split('id="data">')[1].split("</script>", maxsplit=1)[0]
    cells = json.loads(raw)["cells"]
    assert places == set(range(len(cells)))
    assert len(cells) == len(review.roles) * len(review.classes) * 13
    assert {len(cell) for cell in cells} == {4}


def test_without_a_script_the_same_stands_in_words(source: str) -> None:
    """A reader without a script finds decision, figures and verdict of every cell that is not closed."""
    hidden = "".join(re.findall(r"<noscript>(.*?)</noscript>", source, re.DOTALL))
    assert "head teacher, whereabouts: overreach" in hidden
    assert "41 of 299 denied requests disclosed it, at most 17.8 %" in hidden
    assert "time-out in 31 of 59 probes" in hidden


def test_every_tab_shows_its_table_without_a_script(source: str, review: Review) -> None:
    """One table a record class, and one for the locating facets of all, `shielded` first and shown first."""
    tabs = [a for name, a in Page(source).elements if name == "input" and a["name"] == "class"]
    assert len(tabs) == len(review.classes) + 1
    assert [tab["id"] for tab in tabs if "checked" in tab] == ["tab-1"]
    assert all(f".{tab['class']}:checked ~ .panel:nth-of-type" in source for tab in tabs)
    assert Page(source).text.index("Record class: shielded") < Page(source).text.index("Record class: any")


def test_findings_stand_worst_first_with_both_figures_apart(source: str) -> None:
    """Severity decides the order; children and users each have their unit."""
    severities = [a["class"].split()[1] for name, a in Page(source).elements if "data-key" in a]
    assert severities == ["critical", "high", "medium"]
    assert "41 children by 23 users" in Page(source).text
    assert "300 children by 377 users" in Page(source).text


def test_hostile_text_stays_text(review: Review, templates: Path) -> None:
    """Names that look like mark-up, formulas, templates or reversed text are shown as what they are."""
    source = render_html(hostile(review), templates)
    page = Page(source)
    assert [name for name, _ in page.elements].count("script") == 2
    assert not [1 for name, attributes in page.elements if name == "img" or "onerror" in attributes]
    assert "\u202e" not in source
    assert "[U+202E]txt.exe" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "<script>alert(1)" not in source


def test_the_same_review_gives_the_same_bytes(review: Review, source: str, templates: Path) -> None:
    """Nothing of the moment or the machine enters the page."""
    assert render_html(review, templates) == source


def test_people_are_marked_as_synthetic(source: str) -> None:
    """At the top of the page, and beside each witness."""
    text = Page(source).text
    assert "Every person, address and record in this report is synthetic." in text
    assert "(synthetic; user u000012; child qxzc7h1n4dxa)" in text


def test_a_bound_is_never_told_without_what_it_does_not_cover(source: str) -> None:
    """The limits of the figures stand in the page."""
    assert "covers random defects, not aimed ones" in Page(source).text


def test_a_run_without_anything_is_told_too(review: Review, templates: Path) -> None:
    """No roles, no entries, no exposure: the page says so and does not fail."""
    empty = replace(
        review,
        roles=(),
        classes=(),
        entries=(),
        exposure=(),
        exact=None,
        findings=(),
        hazards=(),
        not_examined=(),
        controls=(),
    )
    text = Page(render_html(empty, templates)).text
    assert "No finding." in text
    assert "No control was recorded" in text


def test_what_follows_from_the_policy_alone_is_drawn_with_a_table_behind_each_picture(source: str) -> None:
    """Ladder, steps, other policies before and after, stolen accounts: pictures in words, and their figures."""
    page = Page(source)
    told = [a["aria-label"] for _, a in page.elements if a.get("role") == "img" and "aria-label" in a]
    assert "Whereabouts: 2 of 3 roles reach a child. Furthest: child protection worker, 300 children by 64 users." in [
        one[:1].upper() + one[1:] for one in told
    ]
    assert any("shielded: " in one and "pairs before" in one for one in told)
    assert "81,285 pairs closed to others, 115 to those involved with the child, 0 opened" in page.text
    assert "Nothing changes for any pair of this population." in page.text
    assert "synthetic user u000033 (senco) with u000701 (management team)" in page.text
    assert "synthetic child qxzc4k2m9tpw" in page.text
    assert "denied by default" in page.text
    assert "9,900.5" in page.text


def test_without_it_the_page_has_no_empty_sections(review: Review, templates: Path) -> None:
    """Nothing links to what is not there."""
    source = render_html(replace(review, exact=None), templates)
    ids = {a["id"] for _, a in Page(source).elements if "id" in a}
    links = {a["href"][1:] for name, a in Page(source).elements if name == "a"}
    assert not ids & {"ladder", "steps", "what-if", "stolen"}
    assert links <= ids


def test_an_entry_that_the_review_does_not_list_is_an_error(review: Review) -> None:
    """Nothing that was counted is left out of the matrix in silence."""
    with pytest.raises(KeyError, match="head_teacher"):
        build_matrix(replace(review, roles=review.roles[1:]))


@pytest.mark.parametrize("text", ["{{ nothing }}", "{% if %}", "{{ review.none_such }}"])
def test_a_broken_template_is_refused_with_its_name(review: Review, tmp_path: Path, text: str) -> None:
    """One line that names the template, whatever is wrong with it."""
    for name in ("report.css", "reach.css", "load.css", "report.js"):
        (tmp_path / name).write_text("")
    (tmp_path / "report.html.j2").write_text(text)
    with pytest.raises(PackError, match=r"report\.html\.j2"):
        render_html(review, tmp_path)


def test_a_missing_template_is_refused(review: Review, tmp_path: Path) -> None:
    """The folder that lacks it is named."""
    with pytest.raises(PackError, match=r"report\.css"):
        render_html(review, tmp_path)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
def test_a_browser_runs_the_script_under_the_pages_own_policy(source: str, tmp_path: Path) -> None:
    """Chromium labels the cells: the script ran, so its hash fits the policy."""
    (tmp_path / "report.html").write_text(source)
    printed = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", (tmp_path / "report.html").as_uri()],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert 'aria-label="head teacher, shielded, whereabouts: overreach at open"' in printed
