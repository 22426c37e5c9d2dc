"""`overreach generate`: invent a population and write it to a folder."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from overreach.pack.config import find_pack
from overreach.population.manifest import Manifest
from overreach.population.recipe import Order, Recipe, load_recipe
from overreach.population.writing import generate, refuse_occupied


@click.command("generate")
@click.argument("recipe")
@click.option("--children", type=click.IntRange(min=1), help="How many children; the pack's number by default.")
@click.option("--users", type=click.IntRange(min=1), help="How many users; the pack's number by default.")
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same bytes; the pack's seed by default.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="An empty or absent folder.")
@click.option("--pack", "pack_folder", type=click.Path(path_type=Path), help="Folder of the pack.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(  # noqa: PLR0913, PLR0917 - one parameter for each option
    recipe: str,
    children: int | None,
    users: int | None,
    seed: int | None,
    out: Path,
    pack_folder: Path | None,
    *,
    as_json: bool,
) -> None:
    """Invent a population by RECIPE, a file of the pack's generators/ folder. Nobody in it is real."""
    refuse_occupied(out)
    pack = find_pack(pack_folder)
    found = load_recipe(pack.root, recipe)
    order = Order(
        children=pack.children if children is None else children,
        users=pack.users if users is None else users,
        seed=pack.seed if seed is None else seed,
    )
    began = time.monotonic()
    manifest = _generate(found, order, out)
    seconds = time.monotonic() - began
    if as_json:
        click.echo(json.dumps(_figures(manifest, out, seconds)))
    else:
        click.echo(
            f"overreach: {manifest.children:,} children and {manifest.users:,} users in {out} "
            f"({seconds:.1f} s; digest {manifest.digest[:12]})"
        )


def _generate(recipe: Recipe, order: Order, out: Path) -> Manifest:
    """With a bar where somebody is watching, else silently."""
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("inventing", total=None)
        return generate(recipe, order, out, lambda done, of: bar.update(task, completed=done, total=of))


def _figures(manifest: Manifest, out: Path, seconds: float) -> dict[str, object]:
    return {
        "recipe": manifest.recipe,
        "children": manifest.children,
        "users": manifest.users,
        "seed": manifest.seed,
        "as_of": manifest.as_of.isoformat(),
        "digest": manifest.digest,
        "path": str(out),
        "bytes": sum(entry.size for entry in manifest.files.values()),
        "rows": {name: manifest.rows(name) for name in manifest.tables()},
        "seconds": round(seconds, 3),
    }
