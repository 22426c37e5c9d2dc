"""Whose a token is, by its row number."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.canary import ROWS
from overreach.population.token_rows import Pairs, pairs_by_row

_CHILDREN = 12
_ROWS = st.integers(0, 9) | st.integers(0, ROWS - 1)


@given(st.lists(st.tuples(_ROWS, st.integers(0, _CHILDREN - 1)), max_size=40), _ROWS)
def test_a_row_leads_to_its_children_each_once_and_ascending(pairs: list[tuple[int, int]], other: int) -> None:
    """In whatever order and however often the pairs come."""
    columns = {
        "row": pa.array([row for row, _ in pairs], pa.int64()),
        "child": pa.array([c for _, c in pairs], pa.int64()),
    }
    found = Pairs([pairs_by_row(pa.table(columns), _CHILDREN)])
    for row in {other, *(row for row, _ in pairs)}:
        assert found.of(row) == tuple(sorted({child for of, child in pairs if of == row}))
