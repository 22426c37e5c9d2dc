"""`overreach reach`: exact counts of who could reach whose record, from the policy alone."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from overreach.model.terms import LOCATING
from overreach.pack.config import Pack, find_pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.reach.count import Reach, ReachEntry, reach

_PIPE_WIDTH = 160


@click.command("reach")
@click.argument("population_dir", required=False, type=click.Path(path_type=Path))
@click.option("--pack", "root", type=click.Path(path_type=Path), help="Folder of the pack; the nearest one above.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(population_dir: Path | None, root: Path | None, *, as_json: bool) -> None:
    """Count who could reach whose record, by role, record class, facet and rung.

    POPULATION_DIR is a folder made by `overreach generate`; without it the pack's own population is made and
    thrown away. Nothing is asked of any running system.
    """
    pack = find_pack(root)
    policy = Policy.load(pack.scenarios, pack.switches)
    with _population(pack, population_dir) as population:
        start = time.perf_counter()
        grid = Grid.build(policy, population, pack.rungs)
        counts = reach(grid, population)
        seconds = time.perf_counter() - start
        pairs = population.users_count * population.children_count
        if as_json:
            click.echo(json.dumps({"pairs": pairs, "seconds": seconds, "cells": _cells(counts.entries)}))
            return
        _print(counts)
        click.echo(
            f"{pairs:,} pairs of {population.users_count:,} users and {population.children_count:,} children "
            f"counted in {seconds:.2f} s; {len(grid.cells()):,} cells"
        )


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
        }
        for entry in entries
    ]


def _print(counts: Reach) -> None:
    """The facets that let somebody find a child; all of them are in the JSON."""
    table = Table("role", "record class", "facet", "rung", "pairs", "users", "children", "most of one member")
    for place in range(4, 8):
        table.columns[place].justify = "right"
    for entry in counts.entries:
        if entry.pairs and entry.facet in LOCATING:
            figures = (entry.pairs, entry.users, entry.children, entry.one_member)
            names = (entry.role, entry.record_class, entry.facet.value, entry.rung.value)
            table.add_row(*names, *(f"{figure:,}" for figure in figures))
    # A pipe has no width of its own: give the table what it needs instead of cutting its words.
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)
