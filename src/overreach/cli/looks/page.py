"""`overreach reach --html`: everything that is counted, as one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from overreach.cli.looks.deciding import CHECKED
from overreach.cli.options import refuse_inside, shown_progress
from overreach.pack.config import Pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.reach.count import reach
from overreach.report.reach.alternatives import Question, questions
from overreach.report.reach.page import render_page
from overreach.report.reach.whole import count_whole
from overreach.report.storage import write_whole


def write_page(file: Path, pack: Pack, policy: Policy, population: Population, asked: Sequence[Question]) -> None:
    """Count everything, then write it: the page is there in full or not at all.

    The alternatives of the pack are compared, and those `asked`. OverreachError where the file cannot be written or
    lies in the population.
    """
    refuse_inside(file, population.path)
    with shown_progress() as progress:
        progress("counting every pair", 0, 1)
        grid = Grid.build(policy, population, pack.rungs)
        counts = reach(grid, population)
        counts.check(CHECKED, pack.seed)
        whole = [*questions(pack, policy), *asked]
        counted = count_whole(pack, grid, counts, population, whole, progress)
        page = render_page(counted, pack.templates)
    write_whole(file, page.encode("utf-8", "replace"))
