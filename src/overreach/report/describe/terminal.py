"""A description on a terminal: what it is, its tables, its measures, and a last line that sums it up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from overreach.report.describe import telling
from overreach.report.describe.description import Category, Cohort, Description, Distribution, distance
from overreach.report.wording import number, one_line, words

MOST_ROWS = 30
"""Categories told one by one; of a longer measure `SHORTENED`."""
SHORTENED = 10


def print_description(description: Description, console: Console, page: Path | None = None) -> None:
    """Print everything; `page` is where the same lies as a page.

    Text of the population is never read as markup, and control characters are made visible.
    """
    _line(console, telling.heading(description), style="bold")
    _line(console, f"in {one_line(str(description.path))}; nobody in it is real")
    _line(console, f"digest {description.digest}")
    if page is not None:
        _line(console, f"page {one_line(str(page))}")
    _tables(description, console)
    for distribution in description.distributions:
        _distribution(distribution, console)
    if description.cohorts:
        _cohorts(description.cohorts, console)
    _line(console)
    _line(console, telling.verdict(description), style="bold")


def _line(console: Console, text: str = "", style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)


def _table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]], *, named: int = 1) -> None:
    """Rows of texts; all but the first `named` columns are figures."""
    table = Table()
    for place, column in enumerate(columns):
        table.add_column(Text(one_line(column)), justify="left" if place < named else "right")
    for row in rows:
        table.add_row(*(Text(one_line(text)) for text in row))
    console.print(table)


def _tables(description: Description, console: Console) -> None:
    rows = [(table.name, number(table.rows), telling.size(table.size)) for table in description.tables]
    together = sum(table.rows for table in description.tables), sum(table.size for table in description.tables)
    _line(console)
    _line(console, "Tables", style="bold underline")
    _table(console, ("table", "rows", "bytes"), [*rows, ("all", number(together[0]), telling.size(together[1]))])


def _distribution(distribution: Distribution, console: Console) -> None:
    measure, shown = distribution.measure, told(distribution)
    _line(console)
    _line(console, one_line(measure.title), style="bold underline")
    columns = ["category", measure.unit, "share"]
    if distribution.compared:
        columns += ["figures", "difference"]
    _table(console, columns, [_row(category, len(columns)) for category in shown])
    if len(shown) < len(distribution.categories):
        which = "largest differences" if distribution.compared else "largest categories"
        of = number(len(distribution.categories))
        _line(console, f"the {len(shown)} {which} of {of} categories; --html and --json tell all of them")
    if distribution.compared:
        _line(console, f"figures: {one_line(measure.source)}; differences in percentage points")


def told(distribution: Distribution) -> list[Category]:
    """The categories to print: all of a short measure, else those furthest from the figures, or the largest."""
    if len(distribution.categories) <= MOST_ROWS:
        return list(distribution.categories)
    order = sorted(distribution.categories, key=lambda one: (-distance(one), -one.count, one.name))
    return order[:SHORTENED]


def _row(category: Category, columns: int) -> list[str]:
    figures = (
        words(category.name),
        number(category.count),
        telling.share(category.share),
        telling.share(category.expected),
        telling.points(category.difference),
    )
    return list(figures[:columns])


def _cohorts(cohorts: Sequence[Cohort], console: Console) -> None:
    columns = tuple(cohorts[0].different)
    _line(console)
    _line(console, "Cohorts: cases arranged on purpose", style="bold underline")
    rows = [
        (words(one.name), number(one.cases), *(number(count) for count in one.different.values())) for one in cohorts
    ]
    _table(console, ("cohort", "cases", *(f"different {words(name)}" for name in columns)), rows)
