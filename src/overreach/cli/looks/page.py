"""`overreach reach --html`: everything that is counted, as one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from overreach.cli.options import shown_progress
from overreach.pack.config import Pack
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.reach.count import Reach
from overreach.report.reach.alternatives import Question, questions
from overreach.report.reach.page import render_page
from overreach.report.reach.whole import count_whole
from overreach.report.storage import write_whole


def write_page(
    file: Path, pack: Pack, population: Population, counted: tuple[Grid, Reach], asked: Sequence[Question]
) -> None:
    """Count the rest, then write everything: the page is there in full or not at all.

    `counted` is of this population. The alternatives of the pack are compared, and those `asked`.
    OverreachError where the file cannot be written.
    """
    grid, counts = counted
    with shown_progress() as progress:
        whole = [*questions(pack, grid.policy), *asked]
        page = render_page(count_whole(pack, grid, counts, population, whole, progress), pack.templates)
    write_whole(file, page.encode("utf-8", "replace"))
