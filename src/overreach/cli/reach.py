"""`overreach reach`: exact counts of who could reach whose record, from the policy alone."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from overreach.cli.looks.choose import Chosen, look_options
from overreach.cli.looks.deciding import counted
from overreach.cli.looks.page import write_page
from overreach.cli.options import refuse_inside
from overreach.model.terms import LOCATING
from overreach.pack.config import Pack, find_pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.reach.count import Reach, ReachEntry
from overreach.reach.views import ALL, View, exposure_of_all, exposure_of_child, reach_of_user

_PIPE_WIDTH = 160


@click.command("reach")
@click.argument("population_dir", required=False, type=click.Path(path_type=Path))
@click.option("--pack", "root", type=click.Path(path_type=Path), help="Folder of the pack; the nearest one above.")
@click.option("--exposure", metavar="NUMBER|all", help="How many users could open each facet of a child, or of all.")
@click.option("--user", "username", metavar="NAME", help="How many children's facets one user could open.")
@look_options
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page of everything as well.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(  # noqa: PLR0913 - one argument an option
    population_dir: Path | None,
    root: Path | None,
    exposure: str | None,
    username: str | None,
    html: Path | None,
    *,
    as_json: bool,
    **looks: Any,  # noqa: ANN401 - the options of `looks`
) -> None:
    """Count who could reach whose record, by role, record class, facet and rung.

    POPULATION_DIR is a folder made by `overreach generate`; without it the pack's own population is made and
    thrown away. Nothing is asked of any running system.

    --exposure and --user print their own tables instead; the JSON object holds all that was asked for.
    --html writes one page with pictures of everything: of the alternatives in the pack's folder `what_if`, too, and
    of the one that --what-if and --switch ask for.
    """
    chosen = Chosen(**looks)
    if chosen.any and (exposure or username):
        message = "--exposure and --user stand alone: ask for them without --what-if, --steps, --stolen and --hazards"
        raise click.UsageError(message)
    pack = find_pack(root)
    policy = Policy.load(pack.scenarios, pack.switches)
    with _population(pack, population_dir) as population:
        if html is not None:
            refuse_inside(html, population.path)
        if chosen.any and html is None:
            chosen.show(pack, policy, population, as_json=as_json)
            return
        start = time.perf_counter()
        grid, counts = counted(pack, policy, population)
        seconds = time.perf_counter() - start
        views = list(_views(counts, grid, population, exposure, username))
        if html is not None:
            write_page(html, pack, population, (grid, counts), chosen.questions(pack))
        if chosen.any:
            chosen.show(pack, policy, population, as_json=as_json)
            return
        written = {} if html is None else {"written": str(html)}
        _tell(population, counts, seconds, views, written if as_json else None)


def _tell(
    population: Population, counts: Reach, seconds: float, views: Sequence[View], as_json: dict[str, str] | None
) -> None:
    """Print the views, or the matrix where there are none; all of it with `as_json`, which is put beside them."""
    pairs = population.users_count * population.children_count
    if as_json is not None:
        document = {"pairs": pairs, "seconds": seconds, "cells": _cells(counts.entries)}
        click.echo(json.dumps(document | {view.key: view.rows for view in views} | as_json))
        return
    for view in views:
        _show(_table(view))
    if not views:
        _show(_matrix(counts))
    click.echo(
        f"{pairs:,} pairs of {population.users_count:,} users and {population.children_count:,} children "
        f"counted in {seconds:.2f} s; {counts.cells:,} cells"
    )


def _views(
    counts: Reach, grid: Grid, population: Population, exposure: str | None, username: str | None
) -> Iterator[View]:
    if exposure == ALL:
        yield exposure_of_all(counts)
    elif exposure is not None:
        yield exposure_of_child(grid, population, exposure)
    if username is not None:
        yield reach_of_user(grid, population, username)


@contextmanager
def _population(pack: Pack, folder: Path | None) -> Iterator[Population]:
    if folder is not None:
        yield Population.open(folder)
        return
    with tempfile.TemporaryDirectory(prefix="overreach-") as temporary:
        out = Path(temporary) / "population"
        generate(load_recipe(pack.root, pack.population), Order(pack.children, pack.users, pack.seed), out)
        yield Population.open(out)


def _cells(entries: Iterable[ReachEntry]) -> list[dict[str, str | int]]:
    return [
        {
            "role": entry.role,
            "record_class": entry.record_class,
            "facet": entry.facet.value,
            "rung": entry.rung.value,
            "pairs": entry.pairs,
            "users": entry.users,
            "children": entry.children,
            "one_member_min": entry.one_member_min,
            "one_member_median": entry.one_member_median,
            "one_member": entry.one_member,
        }
        for entry in entries
    ]


def _matrix(counts: Reach) -> Table:
    """The facets that let somebody find a child; all of them are in the JSON."""
    table = Table("role", "record class", "facet", "rung", "pairs", "users", "children", "one member: min, median, max")
    for place in range(4, 8):
        table.columns[place].justify = "right"
    for entry in counts.entries:
        if entry.pairs and entry.facet in LOCATING:
            names = (entry.role, entry.record_class, entry.facet.value, entry.rung.value)
            spread = (entry.one_member_min, entry.one_member_median, entry.one_member)
            figures = (entry.pairs, entry.users, entry.children)
            table.add_row(*names, *(f"{figure:,}" for figure in figures), " ".join(f"{each:,}" for each in spread))
    return table


def _table(view: View) -> Table:
    """What somebody could open; the rest is in the JSON."""
    names = [name for name in (view.rows[0] if view.rows else {}) if name not in view.hidden]
    table = Table(*(name.replace("_", " ") for name in names), title=view.title)
    for column, name in zip(table.columns, names, strict=True):
        column.justify = "right" if isinstance(view.rows[0][name], int) else "left"
    for row in view.rows:
        if row.get("users", row.get("children")) != 0:
            values = (row[name] for name in names)
            table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in values))
    return table


def _show(table: Table) -> None:
    # A pipe has no width of its own: give the table what it needs instead of cutting its words.
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)
