"""Rows of children in their order, page after page: a nation never stands in memory as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overreach.policy.facts import ROW

PAGE: Final = 1 << 16
"""Children whose rows are kept together."""
_AT_ONCE: Final = 8 * PAGE
"""Children whose rows are asked for together: some hundred megabytes, and few enough questions."""


def pages(query: Callable[[str], pa.Table], sql: str, children: int) -> Iterator[tuple[int, pa.Table]]:
    """(first child, rows) of each page, its rows in the order of the children; a child's own in any order.

    `sql` gives `child`, from 0 to `children`, exclusive, and other columns; in the rows it is named `ROW`. Asked for
    by range, since DuckDB finds the row groups of a range, and sorting all rows would take longer than all else.
    """
    for first in range(0, children, _AT_ONCE):
        last = min(first + _AT_ONCE, children) - 1
        rows = _sorted(
            query(f'SELECT CAST(child AS INTEGER) AS "{ROW}", * FROM ({sql}) WHERE child BETWEEN {first} AND {last}')  # noqa: S608 - the shape's own SQL
        )
        numbers = row_numbers(rows)
        for start in range(first, last + 1, PAGE):
            low, high = numbers.searchsorted(np.array([start, start + PAGE], dtype=np.int32)).tolist()
            yield start, rows.slice(low, high - low)


def row_numbers(rows: pa.Table) -> NDArray[np.int32]:
    """The children of rows."""
    numbers: NDArray[np.int32] = rows.column(ROW).to_numpy()
    return numbers


def _sorted(rows: pa.Table) -> pa.Table:
    numbers = row_numbers(rows)
    return rows if (numbers[1:] >= numbers[:-1]).all() else rows.take(numbers.argsort(kind="stable"))
