"""Texts by child, kept once a page."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.errors import PopulationError
from overreach.policy.facts import ROW
from overreach.population.paging import PAGE
from overreach.population.texts import Fields, Values, fields_by_child, values_by_child

_CHILDREN = st.integers(0, 5) | st.integers(PAGE - 3, PAGE + 3)
_TEXTS = st.sampled_from(["", "Ann", "ann", "Zoë\0", "\u202e", "x" * 300]) | st.text(max_size=8)


def _values(pairs: list[tuple[int, str]]) -> Values:
    rows = sorted(pairs)
    pages = []
    for first in (0, PAGE):
        own = [(child, text) for child, text in rows if first <= child < first + PAGE]
        columns = {ROW: pa.array([c for c, _ in own], pa.int32()), "value": pa.array([t for _, t in own], pa.string())}
        pages.append((first, pa.table(columns)))
    return Values(list(values_by_child(iter(pages))))


@given(st.lists(st.tuples(_CHILDREN, _TEXTS), max_size=30), _CHILDREN)
def test_the_texts_of_a_child_are_those_of_its_rows(pairs: list[tuple[int, str]], other: int) -> None:
    """Whatever they hold, on whatever page it stands."""
    found = _values(pairs)
    for child in {other, *(child for child, _ in pairs)}:
        assert found.of(child) == {text for of, text in pairs if of == child}


def test_a_child_that_there_is_not_has_no_texts() -> None:
    """Neither before the first nor after the last page."""
    found = _values([(0, "Ann"), (PAGE, "Bob")])
    assert found.of(-1) == found.of(2 * PAGE) == frozenset()


def test_fields_are_texts_as_python_writes_them_or_nothing() -> None:
    """Dates, numbers and truth values too."""
    columns = {
        ROW: pa.array([0, 1], pa.int32()),
        "child": [0, 1],
        "name": ["Ann", None],
        "born": [date(2009, 5, 1), None],
        "sure": [True, False],
        "share": [0.5, 2.0],
    }
    found = Fields(list(fields_by_child(iter([(0, pa.table(columns))]), 2)))
    assert found.of(0) == {"child": "0", "name": "Ann", "born": "2009-05-01", "sure": "True", "share": "0.5"}
    assert found.of(1) == {"child": "1", "name": None, "born": None, "sure": "False", "share": "2.0"}
    for nobody in (-1, 2, PAGE):
        with pytest.raises(IndexError):
            found.of(nobody)


@pytest.mark.parametrize("children", [[0, 0, 1], [0], [0, 2], []])
def test_fields_that_are_not_one_row_a_child_are_refused(children: list[int]) -> None:
    """A child without a row would get another one's."""
    rows = pa.table({ROW: pa.array(children, pa.int32()), "name": pa.array(["Ann"] * len(children), pa.string())})
    with pytest.raises(PopulationError, match="not one row a child"):
        list(fields_by_child(iter([(0, rows)]), 2))
