"""Writing a population: into a temporary sibling folder, manifest last, renamed into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from overreach.model.errors import PopulationError
from overreach.population.manifest import NAME, FileEntry, Manifest, sha256_of
from overreach.population.recipe import Order, Plan, Recipe

Progress = Callable[[int, int], None]
"""Told how many parts are written, of how many."""


def generate(recipe: Recipe, order: Order, out: Path, progress: Progress = lambda _done, _of: None) -> Manifest:
    """Draw a population and write it to the folder `out`, which must be empty or absent.

    Raises PopulationError where the order cannot be filled or the folder cannot be written. Whatever goes
    wrong, an interrupt included, nothing is left behind that reads as a population.
    """
    recipe.check(order)
    refuse_occupied(out)
    plan = recipe.plan(order)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
        try:
            manifest = _write(recipe, order, plan, temporary, progress)
            refuse_occupied(out)
            temporary.chmod(0o755)
            temporary.rename(out)
            _sync(out.parent)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except (OSError, pa.ArrowException) as error:
        reason = (getattr(error, "strerror", None) or str(error).splitlines()[0]).lower()
        message = f"`{out}` cannot be written: {reason}"
        raise PopulationError(message, "make room, or choose another folder with --out") from error
    return manifest


def refuse_occupied(out: Path) -> None:
    """PopulationError unless `out` is absent or an empty folder."""
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        message = f"`{out}` already exists and is not empty"
        raise PopulationError(message, "choose another folder with --out, or remove it yourself")


def _write(recipe: Recipe, order: Order, plan: Plan, folder: Path, progress: Progress) -> Manifest:
    files: dict[str, FileEntry] = {}
    for number in range(plan.parts):
        progress(number, plan.parts)
        for name, table in plan.part(number).items():
            file = f"{name}/{number:05d}.parquet"
            files[file] = _write_table(table, folder / file)
    unsigned = Manifest(
        recipe=recipe.name,
        children=order.children,
        users=order.users,
        seed=order.seed,
        as_of=plan.as_of,
        digest="",
        files=files,
        shape=recipe.shape,
        measures=plan.measures,
    )
    manifest = replace(unsigned, digest=unsigned.own_digest())
    unfinished = folder / f"{NAME}.partial"
    unfinished.write_text(manifest.to_json(), encoding="utf-8")
    _sync(unfinished)
    unfinished.rename(folder / NAME)
    _sync(folder)
    return manifest


def _write_table(table: pa.Table, file: Path) -> FileEntry:
    file.parent.mkdir(exist_ok=True)
    pq.write_table(table, file, compression="zstd", store_schema=False)
    _sync(file)
    return FileEntry(sha256_of(file), table.num_rows, file.stat().st_size)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
