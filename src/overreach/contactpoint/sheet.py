"""CSV as a file that programs open safely (RFC 4180; formulas neutralised as OWASP advises)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: What a spreadsheet takes for the start of a formula, ASCII and full width.
FORMULA_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BREAKS = ("\t", "\r", "\n")


def sheet(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> bytes:
    """A header and the rows as UTF-8 CSV; a cell that could be taken for a formula begins with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([plain(cell or "") for cell in row] for row in rows)
    return text.getvalue().encode()


def plain(cell: str) -> str:
    """The cell as text that is no formula, whatever opens it."""
    risky = cell.lstrip().startswith(FORMULA_SIGNS) or cell.startswith(_BREAKS)
    return f"'{cell}" if risky else cell
