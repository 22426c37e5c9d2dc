"""Latencies as strips: one picture an operation, one row a role, all on one logarithmic axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from overreach.model.underload import Latency
from overreach.report.load.axis import LatencyAxis, latency
from overreach.report.reach.strips import MIDDLE, Block, Mark, Strip, Strips
from overreach.report.wording import number, people, words

FEW = 20
"""Answers below which the slowest of them stands for 95 % and for 99 %."""
HEAD = "50 | 95 | 99 % in ms | answers"


def latencies(rows: Iterable[Latency]) -> tuple[Strips, ...]:
    """First all roles together, a row an operation; then one picture an operation. Slowest rows first."""
    known = list(rows)
    axis = LatencyAxis.over(figure for row in known for figure in (row.p50, row.p99))
    together = [row for row in known if not row.role]
    order = sorted(together, key=lambda row: (-row.p95, row.operation))
    whole = _picture("All roles together, by operation", [(row.operation, row) for row in order], axis, axis.ticks)
    by_operation = (_of_operation(row.operation, known, axis) for row in order)
    return (whole, *by_operation) if known else ()


def _of_operation(operation: str, rows: Iterable[Latency], axis: LatencyAxis) -> Strips:
    own = sorted((row for row in rows if row.role and row.operation == operation), key=lambda row: (-row.p95, row.role))
    return _picture(words(operation).capitalize(), [(row.role, row) for row in own], axis, axis.sparse_ticks)


def _picture(
    title: str, rows: Sequence[tuple[str, Latency]], axis: LatencyAxis, ticks: tuple[tuple[float, str], ...]
) -> Strips:
    told = f"{title}: latencies of {people(sum(row.answers for _, row in rows), 'answer', 'answers')}."
    if rows:
        name, slowest = rows[0]
        told += f" Slowest: {words(name)}, 95 % within {latency(slowest.p95)}."
    return Strips(title, ticks, tuple(_strip(name, row, axis) for name, row in rows), told)


def _strip(name: str, row: Latency, axis: LatencyAxis) -> Strip:
    low, middle, high = axis.at(row.p50), axis.at(row.p95), axis.at(row.p99)
    line = Block(low, round(high - low, 2), MIDDLE - 1.5, 3, "span")
    marks = (Mark(high, "g-bar", 13), Mark(low, "g-chained", 13), Mark(middle, "g-open", 11))
    figures = " | ".join(thousandths(each) for each in (row.p50, row.p95, row.p99))
    said = (
        f"{words(name)}: half of {people(row.answers, 'answer', 'answers')} within {latency(row.p50)},"
        f" 95 % within {latency(row.p95)}, 99 % within {latency(row.p99)}"
    )
    return Strip(name, (line,), marks, f"{figures} | {number(row.answers)}", said)


def thousandths(seconds: float) -> str:
    """Milliseconds: whole ones from 10 on, two figures below."""
    value = seconds * 1000
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.2g}"  # noqa: PLR2004 - two figures
