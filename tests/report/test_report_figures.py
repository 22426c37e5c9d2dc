"""Figures, signs and bins: rounding never flatters, and a cell shows its worst side."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.review import Entry, Exposure, Review
from overreach.model.terms import Facet, Rung, Verdict
from overreach.report.exposure import bin_label, bins, edges, figures
from overreach.report.histogram import charts, others
from overreach.report.matrix import State, build_matrix, make_cell
from overreach.report.wording import compact, one_line, percent_at_least, percent_at_most, visible

COUNTS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 30)), max_size=12, unique_by=lambda one: one[0])


@given(st.floats(0, 1))
def test_a_bound_is_rounded_away_from_good_news(share: float) -> None:
    """An upper bound up, a lower one down."""
    assert float(percent_at_most(share).removesuffix(" %")) >= share * 100 - 1e-6
    assert float(percent_at_least(share).removesuffix(" %")) <= share * 100 + 1e-6


@given(COUNTS)
def test_the_median_is_that_of_the_children_one_by_one(counts: list[tuple[int, int]]) -> None:
    """And the other figures fit them."""
    told = figures(Exposure(Facet.WHEREABOUTS, "all", tuple(sorted(counts))))
    each = [users for users, children in counts for _ in range(children)]
    assert told.children == len(each)
    assert told.median == (median(each) if each else 0)
    assert told.most == max(each, default=0)
    assert told.nobody == each.count(0)


@given(COUNTS)
def test_every_child_falls_into_one_bin(counts: list[tuple[int, int]]) -> None:
    """The bars of a histogram add up to its group."""
    one = Exposure(Facet.WHEREABOUTS, "all", tuple(sorted(counts)))
    lower = edges(max((users for users, _ in counts), default=0))
    assert sum(bins(one, lower)) == sum(children for _, children in counts)
    assert len({bin_label(lower, place) for place in range(len(lower))}) == len(lower)


def test_both_groups_of_a_facet_share_one_axis(review: Review) -> None:
    """Otherwise they could not be compared."""
    for chart in charts(review.exposure):
        assert [(plot.group, plot.upward) for plot in chart.plots] == [("other", True), ("shielded", False)]
        assert {len(plot.bars) for plot in chart.plots} == {len(chart.ticks)} == {len(chart.rows)}
        assert [group for group, _ in chart.groups] == ["all", "other", "shielded"]
        for _, (everybody, other, shielded) in chart.rows:
            assert everybody == other + shielded


@given(COUNTS, COUNTS)
def test_the_others_are_all_but_those_of_the_group(some: list[tuple[int, int]], rest: list[tuple[int, int]]) -> None:
    """Exactly, child by child."""
    together = Counter(dict(some)) + Counter(dict(rest))
    everybody = Exposure(Facet.HEALTH, "all", tuple(sorted(together.items())))
    left = others(everybody, Exposure(Facet.HEALTH, "shielded", tuple(sorted(some))))
    assert dict(left.counts) == {users: many for users, many in rest if many}


def entry(rung: Rung, verdict: Verdict, pairs: int = 0) -> Entry:
    """An entry with what a cell looks at."""
    return Entry("r", "c", Facet.HEALTH, rung, pairs, pairs, pairs, pairs, verdict, 59, 3, None)


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ([Verdict.HELD, Verdict.HELD], State.CLOSED),
        ([Verdict.HELD, Verdict.UNDERREACH], State.UNDERREACH),
        ([Verdict.UNDERREACH, Verdict.UNPROVEN], State.UNPROVEN),
        ([Verdict.UNPROVEN, Verdict.BREACH], State.BREACH),
        ([Verdict.BREACH, Verdict.OVERREACH], State.OVERREACH),
    ],
)
def test_a_cell_shows_the_worst_of_its_rungs(verdicts: list[Verdict], state: State) -> None:
    """And the figures of the rungs that went wrong."""
    cell = make_cell([entry(rung, verdict) for rung, verdict in zip(Rung, verdicts, strict=False)])
    assert cell.state is state
    if cell.wrong:
        assert cell.probes == 59 * len(cell.wrong)


def test_a_cell_by_design_shows_the_easiest_rung() -> None:
    """With the figures of that rung, since children are not added up over rungs."""
    cell = make_cell([entry(Rung.OVERRIDE, Verdict.HELD, 900), entry(Rung.DECLARED, Verdict.HELD, 12)])
    assert cell.state is State.DESIGN
    assert cell.rungs == (Rung.DECLARED, Rung.OVERRIDE)
    assert (cell.one, cell.whole) == (12, 12)


def test_what_was_not_counted_is_not_shown_as_held(review: Review) -> None:
    """A cell without entries is absent."""
    fewer = replace(review, entries=review.entries[4:])
    assert build_matrix(fewer).cell("head_teacher", "any", Facet.EXISTENCE).state is State.ABSENT


def test_shielded_records_come_first(review: Review) -> None:
    """Whatever the order of the policy's classes."""
    assert build_matrix(review).classes[0] == "shielded"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (9_999, "9,999"), (10_000, "10.0k"), (330_000, "330k"), (11_000_000, "11.0m")],
)
def test_large_numbers_are_short_in_cells(count: int, text: str) -> None:
    """At most five characters, or six with a point."""
    assert compact(count) == text


@given(st.text())
def test_visible_text_cannot_turn_or_hide(text: str) -> None:
    """No control, format or private character is left, and showing twice changes nothing."""
    shown = visible(text)
    assert all(letter.isprintable() or letter in "\n\t" or letter.isspace() for letter in shown)
    assert visible(shown) == shown
    assert "\n" not in one_line(text)
