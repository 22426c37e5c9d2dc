"""Tables on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_PIPE_WIDTH = 200


def print_table(heads: Iterable[str], rows: Iterable[Iterable[object]], figures: int) -> None:
    """A table whose last columns, so many of them, are figures."""
    table = Table(*heads)
    for column in table.columns[len(table.columns) - figures :]:
        column.justify = "right"
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else escape(str(cell)) for cell in row))
    # A pipe has no width of its own: give the table what it needs instead of cutting its words.
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)
