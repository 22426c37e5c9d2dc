"""`overreach generate`: invent a population and write it to a folder."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from overreach.pack.config import Pack, find_pack
from overreach.population.cluster import Cluster
from overreach.population.crew import Crew, Processes, usable_processors
from overreach.population.manifest import Manifest
from overreach.population.recipe import Order, load_recipe
from overreach.population.shards import WHOLE, Shard
from overreach.population.work import Job
from overreach.population.writing import Drawn, draw


@click.command("generate")
@click.argument("recipe")
@click.option("--children", type=click.IntRange(min=1), help="How many children; the pack's number by default.")
@click.option("--users", type=click.IntRange(min=1), help="How many users; the pack's number by default.")
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same bytes; the pack's seed by default.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A folder: empty, absent, or where the same command was interrupted.",
)
@click.option("--processes", type=click.IntRange(min=1), help="As many as there are processors by default.")
@click.option("--shard", metavar="I/N", help="Draw the I-th of N runs of parts only; the last one completes the whole.")
@click.option("--scheduler", metavar="ADDRESS", help="Let the workers of a Dask cluster draw: tcp://HOST:PORT.")
@click.option("--pack", "pack_folder", type=click.Path(path_type=Path), help="Folder of the pack.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(  # noqa: PLR0913, PLR0917 - one parameter for each option
    recipe: str,
    children: int | None,
    users: int | None,
    seed: int | None,
    out: Path,
    processes: int | None,
    shard: str | None,
    scheduler: str | None,
    pack_folder: Path | None,
    *,
    as_json: bool,
) -> None:
    """Invent a population by RECIPE, a file of the pack's generators/ folder. Nobody in it is real.

    Interrupted, it goes on where it stopped when the same command is given again.
    """
    if processes is not None and scheduler is not None:
        message = "--processes and --scheduler exclude each other: a cluster has the workers it has"
        raise click.UsageError(message)
    share = WHOLE if shard is None else Shard.parse(shard)
    pack = find_pack(pack_folder)
    order = Order(
        children=pack.children if children is None else children,
        users=pack.users if users is None else users,
        seed=pack.seed if seed is None else seed,
    )
    job = Job(pack.root.resolve(), recipe, order, out.absolute())
    crew = Processes(job, processes or usable_processors()) if scheduler is None else Cluster(job, scheduler)
    began = time.monotonic()
    drawn = _draw(pack, job, out, crew, share)
    seconds = time.monotonic() - began
    if as_json:
        click.echo(json.dumps(_figures(drawn, job, out, None if shard is None else share, seconds)))
        return
    if shard is not None:
        click.echo(_which(drawn, out, share, seconds))
    if drawn.manifest is not None:
        click.echo(_sentence(drawn.manifest, out, seconds))


def _draw(pack: Pack, job: Job, out: Path, crew: Crew, shard: Shard) -> Drawn:
    """With a bar where somebody is watching, else silently."""
    recipe = load_recipe(pack.root, job.recipe)
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("inventing", total=None)
        return draw(
            recipe,
            job.order,
            out,
            crew=crew,
            shard=shard,
            root=job.root,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )


def _which(drawn: Drawn, out: Path, shard: Shard, seconds: float) -> str:
    """Parts by the numbers in the names of their files."""
    first, last = drawn.numbers[0], drawn.numbers[-1]
    return (
        f"overreach: shard {shard.index} of {shard.of}: parts {first} to {last} of {drawn.parts} "
        f"in {out} ({seconds:.1f} s){'' if drawn.manifest else '; not whole yet'}"
    )


def _sentence(manifest: Manifest, out: Path, seconds: float) -> str:
    return (
        f"overreach: {manifest.children:,} children and {manifest.users:,} users in {out} "
        f"({seconds:.1f} s; digest {manifest.digest[:12]})"
    )


def _figures(drawn: Drawn, job: Job, out: Path, shard: Shard | None, seconds: float) -> dict[str, object]:
    order, manifest = job.order, drawn.manifest
    figures: dict[str, object] = {
        "recipe": job.recipe,
        "children": order.children,
        "users": order.users,
        "seed": order.seed,
        "path": str(out),
        "whole": manifest is not None,
        "parts": drawn.parts,
        "resumed": drawn.found,
        "seconds": round(seconds, 3),
    }
    if shard is not None:
        first, last = drawn.numbers[0], drawn.numbers[-1]
        figures |= {"shard": shard.index, "of": shard.of, "first_part": first, "last_part": last}
    return figures if manifest is None else figures | _contents(manifest)


def _contents(manifest: Manifest) -> dict[str, object]:
    return {
        "as_of": manifest.as_of.isoformat(),
        "digest": manifest.digest,
        "bytes": sum(entry.size for entry in manifest.files.values()),
        "rows": {name: manifest.rows(name) for name in manifest.tables()},
    }
