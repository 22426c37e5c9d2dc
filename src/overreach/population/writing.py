"""Writing a population: part by part into its folder, the manifest last; what was interrupted goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from overreach.model.errors import PopulationError
from overreach.population.crew import Alone, Crew
from overreach.population.manifest import Manifest
from overreach.population.parts import Receipt, receipt_file, unwritable
from overreach.population.recipe import Order, Plan, Recipe
from overreach.population.shards import WHOLE, Shard
from overreach.population.stamp import Stamp
from overreach.population.unfinished import abandon, at_work, begin, finish, order_file, whole_parts

Progress = Callable[[int, int], None]
"""Told how many parts are written, of how many."""


def _silent(_done: int, _of: int) -> None:
    """Nobody is watching."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a run has done for a population."""

    numbers: range
    """The parts it was for."""
    found: int
    """How many of them were whole before."""
    parts: int
    """How many parts the population has."""
    manifest: Manifest | None
    """None where parts are missing that are of other shards."""


def generate(recipe: Recipe, order: Order, out: Path, progress: Progress = _silent) -> Manifest:
    """Draw a population in this process and write it to the folder `out`.

    The folder must be absent, empty, or hold the same population unfinished, which then goes on: parts that are
    whole are not drawn again. Raises PopulationError where the order cannot be filled or the folder not be used.
    Whatever goes wrong, an interrupt included, no folder is left that reads as a population.
    """
    drawn = draw(recipe, order, out, crew=Alone(out), progress=progress)
    assert drawn.manifest is not None  # noqa: S101 - no shard was asked for: for the type checker
    return drawn.manifest


def draw(  # noqa: PLR0913 - what, where, by whom, which of it; each has a meaning of its own
    recipe: Recipe,
    order: Order,
    out: Path,
    *,
    crew: Crew,
    shard: Shard = WHOLE,
    root: Path | None = None,
    progress: Progress = _silent,
) -> Drawn:
    """Let a crew draw a shard of a population into `out`; the manifest too where it has every part then.

    `root` is the pack of the recipe: parts drawn by other content are refused. Raises what `generate` does.
    """
    recipe.check(order)
    plan = recipe.plan(order)
    numbers = shard.numbers(plan.parts)
    try:
        existed = out.is_dir()
        created = begin(out, Stamp.of(recipe, order, plan, root))
        found: dict[int, Receipt] = {}
        try:
            with at_work(out):
                found |= {receipt.part: receipt for receipt in whole_parts(out, numbers)}
                receipts = _draw_missing(plan, crew, numbers, found, progress)
                manifest = _finished(recipe, order, plan, out, receipts)
        except BaseException as error:
            # Where another run has made the same population whole meanwhile, there is nothing left to do.
            if isinstance(error, Exception) and (whole := _by_another(recipe, order, out)):
                return Drawn(numbers, len(found), plan.parts, whole)
            if created:
                abandon(out, keep=existed)
            raise
    except OSError as error:
        raise unwritable(out, error) from error
    return Drawn(numbers, len(found), plan.parts, manifest)


def _by_another(recipe: Recipe, order: Order, out: Path) -> Manifest | None:
    """The manifest in the folder, if it is one of this order."""
    try:
        meta = Manifest.read(out)
    except PopulationError:
        return None
    same = (meta.recipe, meta.children, meta.users, meta.seed) == (recipe.name, order.children, order.users, order.seed)
    return meta if same else None


def _draw_missing(
    plan: Plan, crew: Crew, numbers: range, found: Mapping[int, Receipt], progress: Progress
) -> dict[int, Receipt]:
    receipts = dict(found)
    progress(len(receipts), len(numbers))
    missing = [part for part in numbers if part not in receipts]
    with contextlib.closing(crew.draw(plan, missing)) as drawing:
        for receipt in drawing:
            receipts[receipt.part] = receipt
            progress(len(receipts), len(numbers))
    return receipts


def _finished(recipe: Recipe, order: Order, plan: Plan, out: Path, own: Mapping[int, Receipt]) -> Manifest | None:
    """The manifest, written; None where parts of other shards are missing."""
    others = [part for part in range(plan.parts) if part not in own]
    receipts = dict(own)
    if all(receipt_file(out, part).is_file() for part in others):
        receipts |= {receipt.part: receipt for receipt in whole_parts(out, others)}
    if len(receipts) == plan.parts:
        manifest = _manifest(recipe, order, plan, receipts)
        try:
            finish(out, manifest)
        except FileNotFoundError:
            if order_file(out).is_file():
                raise
        else:
            return manifest
    # Where several shards end at the same time in one folder, one of them takes the work's folder away.
    return None if order_file(out).is_file() else Manifest.read(out)


def _manifest(recipe: Recipe, order: Order, plan: Plan, receipts: Mapping[int, Receipt]) -> Manifest:
    unsigned = Manifest(
        recipe=recipe.name,
        children=order.children,
        users=order.users,
        seed=order.seed,
        as_of=plan.as_of,
        digest="",
        files={name: entry for part in sorted(receipts) for name, entry in receipts[part].files.items()},
        shape=recipe.shape,
        measures=plan.measures,
    )
    return replace(unsigned, digest=unsigned.own_digest())
