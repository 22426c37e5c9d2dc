"""Rows of children in their order."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from overreach.policy.facts import ROW
from overreach.population.paging import PAGE, pages, row_numbers


def _rows(sql: str) -> pa.Table:
    with duckdb.connect() as connection:
        rows: pa.Table = connection.sql(sql).to_arrow_table()
    return rows


def test_rows_come_in_the_order_of_the_children_page_after_page() -> None:
    """Of whatever order they are; every child of a page is in it, and no other."""
    children = 9 * PAGE + 5
    asked: list[str] = []

    def query(sql: str) -> pa.Table:
        asked.append(sql)
        return _rows(sql)

    sql = f"SELECT (range * 7919) % {children} AS child, range AS value FROM range({children})"  # noqa: S608 - numbers
    counted = 0
    for first, rows in pages(query, sql, children):
        assert first == counted
        assert row_numbers(rows).tolist() == list(range(first, min(first + PAGE, children)))
        assert rows.column_names == [ROW, "child", "value"]
        counted += rows.num_rows
    assert counted == children
    assert len(asked) == 2


def test_children_without_rows_leave_their_pages_empty() -> None:
    """There is a page for each all the same."""
    sql = "SELECT 70000 AS child, 'Ann' AS value UNION ALL SELECT NULL, 'Bob' UNION ALL SELECT 900000, 'Eve'"
    found = [(first, rows.num_rows) for first, rows in pages(_rows, sql, 3 * PAGE)]
    assert found == [(0, 0), (PAGE, 1), (2 * PAGE, 0)]
