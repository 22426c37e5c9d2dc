"""The page of exact reach: complete, silent towards the network, readable without seeing it."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.test_report_html import HOSTILE, Page, hostile_exact

from overreach.model.errors import PackError
from overreach.model.review import Review
from overreach.model.terms import Facet, Rung
from overreach.policy.expression import Literal
from overreach.policy.rules import PolicyRule
from overreach.reach.count import ReachEntry
from overreach.report.reach.axis import LogAxis, short
from overreach.report.reach.deciding import Deciding
from overreach.report.reach.page import Counted, render_page
from overreach.report.reach.telling import answer

SECTIONS = ["answer", "matrix", "exposure", "ladder", "steps", "what-if", "stolen", "hazards", "policies", "again"]


def rule(name: str) -> PolicyRule:
    """A forbid with a text that must be escaped."""
    text = f'@id("{name}") forbid (principal, action, resource) when {{ 1 < 2 }};'
    return PolicyRule(name, "forbid", "R10", frozenset(), text, 7, "policy.cedar", None, None, Literal(value=True))


@pytest.fixture(scope="module")
def counted(review: Review) -> Counted:
    """The sample review, as if it had been counted for the page."""
    assert review.exact is not None
    entries = tuple(
        ReachEntry(
            one.role, one.record_class, one.facet, one.rung, one.pairs, one.users, one.children, one.one_member, 0, 1
        )
        for one in review.entries
    )
    shield = (Deciding("shielded", "forbid", (Facet.WHEREABOUTS, Facet.CONTACTS), (Rung.OPEN, Rung.DECLARED), 35_400),)
    return Counted(
        recipe="small_england",
        seed=7,
        as_of="2009-05-18",
        users=2_000,
        children=10_000,
        cells=18_204,
        switches=(("G3", "declared"),),
        policy_digest="ab",
        population_digest="cd",
        roles=review.roles,
        classes=review.classes,
        entries=entries,
        deciding={("head_teacher", "shielded"): shield},
        policies=(rule("shielded"), rule("unused")),
        exposure=review.exposure,
        hazards=review.hazards,
        exact=review.exact,
    )


@pytest.fixture(scope="module")
def source(counted: Counted, templates: Path) -> str:
    """Its page."""
    return render_page(counted, templates)


def test_the_answer_stands_first_then_every_picture(source: str) -> None:
    """In the order in which a reviewer asks, and every link leads somewhere."""
    page = Page(source)
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert [each for each in ids if each in SECTIONS] == SECTIONS
    assert len(set(ids)) == len(ids)
    assert {a["href"][1:] for name, a in page.elements if name == "a"} <= set(ids)
    assert (
        "By policy alone 2 of 27 roles can open the whereabouts of shielded children, 1 of them without breaking a "
        "glass: 186 users, 296 children" in page.text
    )


def test_the_page_loads_nothing_and_runs_nothing(source: str) -> None:
    """One style by its hash, no script, no other file."""
    page = Page(source)
    policy = next(a["content"] for _, a in page.elements if "http-equiv" in a)
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'", policy)
    assert not {"script", "link", "img", "iframe"} & {name for name, _ in page.elements}
    assert not [a for _, a in page.elements if "style" in a or any(name.startswith("on") for name in a)]
    assert not re.search(r"url\(|@import", source)


def test_a_row_opens_the_policies_that_decide_it(source: str) -> None:
    """A box to tick, and behind it the policy with facets, rungs, rules and pairs, and its text."""
    page = Page(source)
    openers = [a["id"] for name, a in page.elements if name == "input" and a.get("class") == "opener"]
    labels = {a["for"] for name, a in page.elements if name == "label"}
    assert len(openers) == 1
    assert set(openers) <= labels
    behind = source[source.index('class="behind"') :][:2_000]
    assert "\N{MINUS SIGN} forbids" in behind
    assert "whereabouts, contacts" in behind
    assert "35,400" in behind
    assert "1 &lt; 2" in source
    assert "unused" not in page.text


def test_every_picture_is_told_in_words_and_figures(source: str) -> None:
    """Each has a text of its own, and a table follows."""
    page = Page(source)
    pictures = [a for _, a in page.elements if a.get("role") == "img"]
    assert pictures
    assert all(a.get("aria-label") for a in pictures)
    assert page.text.count("The tables behind the picture") >= 3
    assert page.text.count("The table behind the pictures") >= 2


def test_a_sign_stands_beside_every_shade(source: str) -> None:
    """No cell of the matrix tells its rung by colour alone."""
    shaded = re.findall(r'<td class="r-(\w+)"[^>]*><span class="cell"><span><svg[^>]*><use href="#g-(\w+)"', source)
    assert len(shaded) == len(re.findall(r'<td class="r-', source))
    assert all(shade == sign for shade, sign in shaded)


def test_hostile_text_stays_text(counted: Counted, review: Review, templates: Path) -> None:
    """Whatever a population, a pack or a policy file says."""
    exact = hostile_exact(review)
    policies = (replace(rule(HOSTILE), text=HOSTILE, rule=HOSTILE, file=HOSTILE),)
    row = Deciding(HOSTILE, "permit", (Facet.HEALTH,), (Rung.OPEN,), 1)
    bad = replace(
        counted, recipe=HOSTILE, classes=(HOSTILE,), roles=(replace(review.roles[0], role=HOSTILE, sector=HOSTILE),),
        entries=tuple(replace(one, role=HOSTILE, record_class=HOSTILE) for one in counted.entries[:8]), exact=exact,
        deciding={(HOSTILE, HOSTILE): (row,)}, policies=policies, switches=((HOSTILE, HOSTILE),),
    )  # fmt: skip
    source = render_page(bad, templates)
    page = Page(source)
    assert not {"script", "img"} & {name for name, _ in page.elements}
    assert not [1 for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert "\u202e" not in source
    assert "[U+202E]txt.exe" in page.text
    assert "{{ 7*7 }}" in page.text


def test_a_population_without_anything_is_told_too(counted: Counted, templates: Path) -> None:
    """No classes, no steps, no alternatives: sentences instead of empty pictures."""
    nothing = replace(counted.exact, ladder=(), ways=(), alternatives=(), accounts=(), fewest=())
    empty = replace(counted, classes=(), entries=(), deciding={}, policies=(), exposure=(), hazards=(), exact=nothing)
    text = Page(render_page(empty, templates)).text
    assert "No sequence of steps" in text
    assert "The pack holds no alternatives" in text
    assert "None seen." in text


def test_nobody_reaching_is_an_answer(review: Review) -> None:
    """A policy that closes everything is not told in zeros."""
    assert review.exact is not None
    closed = [replace(step, children=0, users=0, pairs=0) for step in review.exact.ladder]
    told = answer(closed, review.exposure, review.roles, review.classes)
    assert told == "By policy alone none of 27 roles can open the whereabouts of shielded children"


def test_a_template_that_lacks_its_parts_is_refused(counted: Counted, tmp_path: Path) -> None:
    """With the name of what is missing."""
    for name in ("report.css", "reach.css"):
        (tmp_path / name).write_text("")
    (tmp_path / "reach.html.j2").write_text('{% import "reach_parts.html.j2" as parts %}')
    with pytest.raises(PackError, match=r"reach_parts\.html\.j2"):
        render_page(counted, tmp_path)


@given(st.lists(st.integers(0, 10**13), min_size=1))
def test_the_axis_keeps_the_order_and_stays_inside(counts: list[int]) -> None:
    """More is never further left, and 0 has a place of its own."""
    axis = LogAxis(max(counts))
    places = [axis.at(count) for count in sorted(counts)]
    assert all(one <= two for one, two in itertools.pairwise(places))
    assert all(0 < place <= 97 for place in places)
    assert axis.at(0) < axis.at(1)
    assert [place for place, _ in axis.ticks] == sorted(place for place, _ in axis.ticks)


@given(st.integers(0, 10**14))
def test_a_short_figure_is_right_to_three_places(count: int) -> None:
    """And at most seven characters long."""
    told = short(count)
    unit = {"k": 10**3, "m": 10**6, "bn": 10**9, "tn": 10**12}.get(told.lstrip("0123456789.,"), 1)
    value = float(told.rstrip("kmbnt").replace(",", "")) * unit
    assert math.isclose(value, count, rel_tol=0.0051, abs_tol=0)
    assert len(told) <= 7
