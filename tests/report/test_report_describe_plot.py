"""Where bars and marks stand, and what is said of them to whoever does not see them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.described import measure

from overreach.report.describe.counting import _categories
from overreach.report.describe.description import Distribution
from overreach.report.describe.plot import BASE, MOST_BARS, TOP, Lying, Upright, in_words, plot

NUMBERS = st.dictionaries(st.integers(-50, 10**9).map(str), st.integers(0, 10**7), min_size=2, max_size=30)


def distribution(counts: dict[str, int], figures: dict[str, int] | None = None) -> Distribution:
    """A measure as counted."""
    return Distribution("key", measure("", figures), _categories(counts, figures or {}))


def test_numbers_stand_upright_in_their_order_and_gaps_show() -> None:
    """A size that nobody has is an empty place; a name among numbers comes last."""
    drawn = plot(distribution({"1": 6, "4": 2, "archived": 1, "2": 3}))
    assert isinstance(drawn, Upright)
    assert [bar.label for bar in drawn.bars] == ["1", "2", "3", "4", "archived"]
    assert drawn.bars[2].length == 0
    assert drawn.bars[0].length == pytest.approx(2 * drawn.bars[1].length, abs=0.02)


def test_names_lie_behind_each_other_in_the_order_of_the_measure() -> None:
    """Underscores of registered names become spaces."""
    drawn = plot(distribution({"head_teacher": 3, "9": 1}))
    assert isinstance(drawn, Lying)
    assert [bar.label for bar in drawn.bars] == ["head teacher", "9"]


def test_bar_and_mark_share_one_scale() -> None:
    """Where the count is as the figures say, the mark stands at the end of the bar."""
    for counts in ({"a": 3, "b": 1}, {"0": 3, "1": 1}):
        drawn = plot(distribution(counts, {name: 10 * count for name, count in counts.items()}))
        assert all(bar.mark == bar.length for bar in drawn.bars)


def test_without_figures_there_is_no_mark() -> None:
    """A line at nought would read as a figure."""
    assert all(bar.mark is None and bar.expected == "" for bar in plot(distribution({"a": 1, "b": 1})).bars)


def test_nothing_counted_and_nothing_expected_can_be_drawn() -> None:
    """An empty population is no error."""
    assert plot(distribution({})).bars == ()
    assert [bar.length for bar in plot(distribution({"0": 0, "1": 0})).bars] == [0, 0]
    assert [bar.length for bar in plot(distribution({"a": 0})).bars] == [0]
    assert in_words(distribution({})) == "Readers by name: nothing was counted."


def test_the_picture_is_told_in_words() -> None:
    """Most, least, and what is furthest from the figures."""
    told = in_words(distribution({"a_b": 3, "c": 1}, {"a_b": 1, "c": 1}))
    assert told == (
        "Readers by name: bars of 2 categories. Most: a b with 75.00 %; least: c with 25.00 %."
        " Furthest from the figures: a b, 75.00 % counted and 50.00 % in the figures."
    )


@settings(deadline=None)
@given(NUMBERS, NUMBERS | st.just({}))
def test_any_numbers_fit_into_the_drawing(counts: dict[str, int], figures: dict[str, int]) -> None:
    """However far apart they are; nobody is lost when bars are put together, and the axis covers them."""
    whole = distribution(counts, figures)
    drawn = plot(whole)
    assert isinstance(drawn, Upright)
    assert 1 <= len(drawn.bars) <= MOST_BARS
    assert all(0 <= bar.length <= BASE - TOP + 0.01 and 0 <= (bar.mark or 0) <= BASE - TOP + 0.01 for bar in drawn.bars)
    assert all(TOP - 0.01 <= y <= BASE for y, _ in drawn.ticks)
    assert len({label for _, label in drawn.ticks}) == len(drawn.ticks)
