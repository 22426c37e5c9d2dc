"""What is counted, how it is laid beside the figures, and what cannot be counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.described import BY_NAME, cohorts, library, measure

from overreach.model.errors import PopulationError
from overreach.report.describe.counting import MOST_CATEGORIES, NOT_STATED, _categories, describe
from overreach.report.describe.json_form import as_json
from overreach.report.describe.telling import points, share, size, verdict

COUNTS = st.dictionaries(st.text(max_size=3) | st.integers(0, 30).map(str), st.integers(0, 10**7), max_size=12)


def test_tables_are_told_with_their_rows_bytes_and_files(tmp_path: Path) -> None:
    """A table in several parts is one table."""
    described = describe(library(tmp_path / "w", {}))
    told = {table.name: table for table in described.tables}
    assert (told["readers"].rows, told["readers"].files) == (20, 3)
    assert told["readers"].size == sum(file.stat().st_size for file in (tmp_path / "w" / "readers").iterdir())
    assert (told["librarians"].rows, told["librarians"].files) == (3, 1)
    assert described.cohorts is None
    assert described.missing_cohorts == ()
    assert verdict(described) == "There are no measures."


def test_each_category_has_its_share_and_that_of_the_figures(tmp_path: Path) -> None:
    """Of weights of any sum."""
    described = describe(library(tmp_path / "w", {"names": measure(BY_NAME, {"Ann": 30, "Bob": 10})}))
    (names,) = described.distributions
    assert names.total == 20
    ann, bob = names.categories
    assert (ann.name, ann.count, ann.share, ann.weight, ann.expected) == ("Ann", 10, 0.5, 30, 0.75)
    assert (ann.difference, bob.difference) == (-0.25, 0.25)
    assert verdict(described) == (
        "The largest difference from the figures is 25.00 percentage points, for `Ann` in `Readers by name`"
        " (50.00 % counted, 75.00 % in the figures)."
    )


def test_without_figures_nothing_is_compared(tmp_path: Path) -> None:
    """And the sentence says so."""
    described = describe(library(tmp_path / "w", {"names": measure(BY_NAME)}))
    assert not described.distributions[0].compared
    assert described.distributions[0].widest is None
    assert verdict(described) == "No measure has figures to be laid beside."
    assert as_json(described)["largest_difference"] is None


def test_a_category_that_only_the_figures_name_is_counted_as_nobody(tmp_path: Path) -> None:
    """Else a missing sort of people would go unseen; numbers keep their order."""
    counted = "SELECT branch + 1 AS category, count(*) AS count FROM readers GROUP BY ALL ORDER BY ALL DESC"
    described = describe(library(tmp_path / "w", {"b": measure(counted, {"2": 1, "0": 1, "none": 2})}))
    (branches,) = described.distributions
    assert [one.name for one in branches.categories] == ["0", "1", "2", "3", "none"]
    assert [one.count for one in branches.categories] == [0, 7, 7, 6, 0]
    assert branches.categories[1].weight == 0
    assert branches.categories[1].relative is None
    assert branches.categories[4].difference == -0.5


def test_categories_keep_the_order_of_the_query(tmp_path: Path) -> None:
    """It is the recipe's judgement how to show them."""
    counted = "SELECT name AS category, count(*) AS count FROM readers GROUP BY ALL ORDER BY name DESC; "
    described = describe(library(tmp_path / "w", {"names": measure(counted, {"Ann": 1})}))
    assert [one.name for one in described.distributions[0].categories] == ["Bob", "Ann"]


def test_null_and_flags_have_words_and_decimals_are_counts(tmp_path: Path) -> None:
    """Sums are decimals in the database."""
    counted = """
    SELECT CASE WHEN name = 'Ann' THEN branch = 0 END AS category, sum(1) AS count FROM readers GROUP BY ALL
    ORDER BY category -- a comment at the end"""
    described = describe(library(tmp_path / "w", {"flags": measure(counted)}))
    assert {one.name: one.count for one in described.distributions[0].categories} == {"no": 7, "yes": 3, NOT_STATED: 10}


@pytest.mark.parametrize(
    ("counted", "told"),
    [
        ("SELECT nothing", "Binder Error"),
        ("SELECT name AS kind, 1 AS count FROM readers", 'column "category" not found'),
        ("SELECT name AS category, 1 AS count FROM readers", "two counts for `Bob`"),
        ("SELECT 'x' AS category, NULL AS count", "the count `None` for `x`"),
        ("SELECT 'x' AS category, -1 AS count", "the count `-1` for `x`"),
        ("SELECT 'x' AS category, 0.5 AS count", "the count `0.5` for `x`"),
        ("SELECT 'x' AS category, 'nan'::DOUBLE AS count", "the count `nan` for `x`"),
        ("SELECT 'x' AS category, '3' AS count", "the count `3` for `x`"),
        ("SELECT * FROM read_csv('/etc/hostname')", "Permission Error"),
        ("CREATE TABLE further (row BIGINT)", "Parser Error"),
    ],
)
def test_a_measure_that_cannot_be_counted_is_one_line_with_its_key(tmp_path: Path, counted: str, told: str) -> None:
    """Whatever is wrong with its SQL."""
    population = library(tmp_path / "w", {"names": measure(counted)})
    with pytest.raises(PopulationError, match="measure `names` cannot be counted: ") as raised:
        describe(population)
    assert told in raised.value.message
    assert "\n" not in raised.value.message
    assert raised.value.remedy


def test_a_measure_of_countless_categories_is_refused(tmp_path: Path) -> None:
    """A question about everybody is not a marginal."""
    counted = "SELECT range AS category, 1 AS count FROM range(1001)"
    assert MOST_CATEGORIES == 1_000
    with pytest.raises(PopulationError, match="more than 1,000 categories"):
        describe(library(tmp_path / "w", {"names": measure(counted)}))


def test_cohorts_are_counted_with_their_notes(tmp_path: Path) -> None:
    """Cases, different members, and what the notes say."""
    table = cohorts(("twins", 1, "older"), ("twins", 2, "younger"), ("twins", 2, "younger"), ("moved", None, "away"))
    described = describe(library(tmp_path / "w", {}, {"cohorts": table}))
    assert described.cohorts is not None
    moved, twins = described.cohorts
    assert (moved.name, moved.cases, dict(moved.different), moved.notes) == ("moved", 1, {"reader": 0}, ("away",))
    assert (twins.cases, dict(twins.different), twins.notes) == (3, {"reader": 2}, ("older", "younger"))
    assert verdict(described).endswith("Every one of 2 cohorts is present, with 1 to 3 cases each.")


def test_notes_of_which_there_are_many_are_counted_only(tmp_path: Path) -> None:
    """A page gives a cohort a line, not a list of its members."""
    rows = [("twins", place, f"note {place}") for place in range(9)]
    described = describe(library(tmp_path / "w", {}, {"cohorts": cohorts(*rows)}))
    assert described.cohorts is not None
    assert (len(described.cohorts[0].notes), described.cohorts[0].further_notes) == (8, 1)


@pytest.mark.parametrize("table", [None, cohorts(), cohorts(("twins", 1, "x"))])
def test_a_cohort_that_should_be_there_and_is_not_is_told(tmp_path: Path, table: object) -> None:
    """The measure `cohorts` names them, with or without a table; it is no distribution."""
    own = {"cohorts": measure("", {"twins": 1, "lost_boys": 1}, "Cohorts")}
    described = describe(library(tmp_path / "w", own, {} if table is None else {"cohorts": table}))  # type: ignore[dict-item]
    assert described.distributions == ()
    assert described.missing_cohorts[-1] == "lost_boys"
    assert "Missing of " in verdict(described)
    assert "`lost boys`" in verdict(described)


def test_a_table_of_that_name_and_another_meaning_is_a_table_like_others(tmp_path: Path) -> None:
    """The engine takes nothing for granted about a recipe's tables."""
    table = cohorts(("twins", 1, "x")).rename_columns(["year", "reader", "note"])
    assert describe(library(tmp_path / "w", {}, {"cohorts": table})).cohorts is None


def test_the_object_is_plain_json_with_the_same_figures(tmp_path: Path) -> None:
    """Shares with six decimals."""
    own = {"names": measure(BY_NAME, {"Ann": 2, "Bob": 1})}
    told = json.loads(json.dumps(as_json(describe(library(tmp_path / "w", own, {"cohorts": cohorts(("t", 1, "x"))})))))
    assert (told["recipe"], told["children"], told["users"], told["seed"]) == ("library", 20, 3, 7)
    assert told["bytes"] == sum(table["bytes"] for table in told["tables"].values())
    assert told["measures"]["names"]["categories"][0] == {
        "category": "Ann",
        "count": 10,
        "share": 0.5,
        "weight": 2,
        "expected": 0.666667,
        "difference": -0.166667,
        "relative": -0.25,
    }
    assert told["largest_difference"]["measure"] == "names"
    assert told["cohorts"]["t"] == {"cases": 1, "different": {"reader": 1}, "notes": ["x"], "further_notes": 0}


@given(COUNTS, COUNTS)
def test_shares_add_up_and_every_category_of_both_is_there(counts: dict[str, int], figures: dict[str, int]) -> None:
    """Whatever was counted and expected."""
    categories = _categories(counts, figures)
    assert {one.name for one in categories} == set(counts) | set(figures)
    assert len(categories) == len({one.name for one in categories})
    assert sum(one.share for one in categories) == pytest.approx(1 if sum(counts.values()) else 0)
    if sum(figures.values()):
        assert sum(one.expected or 0 for one in categories) == pytest.approx(1)
    if sum(counts.values()) and sum(figures.values()):
        assert sum(one.difference or 0 for one in categories) == pytest.approx(0, abs=1e-9)


def test_figures_are_written_so_that_small_ones_are_seen() -> None:
    """What is there but hardly is not written as nothing, and nothing has no sign."""
    assert [share(value) for value in (0.0, 0.00001, 0.0542, 1.0, None)] == [
        "0.00 %",
        "<0.01 %",
        "5.42 %",
        "100.00 %",
        "",
    ]
    assert [points(value) for value in (-0.00001, 0.0081, -0.02, None)] == ["0.00", "+0.81", "-2.00", ""]
    assert [size(count) for count in (0, 999, 1_000, 999_600, 348_000_000)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "1.0 MB",
        "348.0 MB",
    ]
