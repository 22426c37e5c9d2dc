"""Rows as numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from overreach.policy.codes import combine, compact

_ROWS = st.lists(st.tuples(*[st.integers(0, 4)] * 3), max_size=30)


@given(_ROWS, st.sampled_from([5, 2**21, 2**40]))
def test_rows_are_numbered_in_their_order_and_equal_ones_alike(rows: list[tuple[int, int, int]], many: int) -> None:
    """However many codes a column may have: small tables, hashing, and renumbering on the way."""
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    expected = {row: number for number, row in enumerate(sorted(set(rows)))}
    of, codes = combine(len(rows), ((table[:, place], many) for place in range(3)))
    assert of.tolist() == [expected[row] for row in rows]
    assert [tuple(row) for row in codes.tolist()] == list(expected)


@given(st.lists(st.integers(0, 9), max_size=20), st.sampled_from([10, 2**30]))
def test_compact_codes_lead_back(codes: list[int], size: int) -> None:
    """A code stands at its place among those that occur."""
    place, values = compact(np.array(codes, dtype=np.int64), size)
    assert values[place].tolist() == codes
    assert values.tolist() == sorted(set(codes))
