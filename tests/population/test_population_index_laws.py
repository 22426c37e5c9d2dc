"""Look-ups are what a plain reading of the shape's answers is, for real recipes, in memory and from a folder."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overreach.population.index import Index
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, set[Any]]:
    found: dict[Any, set[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return found


def _agrees(world: Population, index: Index) -> None:
    """Compare every look-up with dictionaries made the straightforward way."""
    shape, children = world.shape, range(-1, world.children_count + 2)
    for facet, sql in shape.facet_values.items():
        rows = world.query(f"SELECT child, value FROM ({sql}) WHERE value IS NOT NULL")  # noqa: S608 - the shape's own
        values = _grouped(zip(*(rows.column(name).to_pylist() for name in ("child", "value")), strict=True))
        assert all(index.facet_values(child, facet) == values.get(child, set()) for child in children), facet
    for kind, owner in shape.token_owners.items():
        rows = world.query(f'SELECT "row", child FROM ({owner.children})')  # noqa: S608 - the shape's own
        owners = _grouped(zip(*(rows.column(name).to_pylist() for name in ("row", "child")), strict=True))
        for row in {-1, 0, 10**9, *owners}:
            assert index.token_children(kind, row) == tuple(sorted(owners.get(row, ()))), (kind, row)
    fields = world.query(shape.child_fields).to_pylist()
    for child, row in enumerate(fields):
        assert index.child_fields(child) == {key: None if v is None else str(v) for key, v in row.items()}
        assert index.child_by_number(str(row["number"])) == child
    assert [index.user_fields(user) for user in range(world.users_count)] == world.query(shape.user_fields).to_pylist()


@pytest.mark.parametrize("recipe", ["small_england", "hospital", "hostile_text"])
@given(children=st.integers(200, 400), seed=st.integers(0, 10**6))
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
def test_look_ups_are_what_a_plain_reading_gives(recipe: str, children: int, seed: int) -> None:
    """For every child, user and token of drawn populations; numpy's integers name them as well."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(load_recipe(ROOT, recipe), Order(children, 120, seed), folder / "world")
        world = Population.open(folder / "world")
        _agrees(world, world.index)
        kept = Population.open(folder / "world", folder / "kept")
        kept.index.prepare()
        _agrees(kept, Population.open(folder / "world", folder / "kept").index)
        one = np.int64(children // 2)
        assert kept.child_fields(int(one)) == kept.child_fields(one)  # type: ignore[arg-type]  # as arrays give them


def _look(world: Population, results: Any) -> None:  # noqa: ANN401 - multiprocessing has no name for a queue's type
    results.put([world.index.facet_values(7, facet) for facet in world.shape.facet_values])


def _open_and_look(path: Path, kept: Path, results: Any) -> None:  # noqa: ANN401 - the same
    _look(Population.open(path, kept), results)


@pytest.fixture
def kept(readers: Population, tmp_path: Path) -> Population:
    """The readers, with a folder for what is looked up."""
    return Population.open(readers.path, tmp_path / "kept")


def test_processes_forked_or_started_anew_find_what_was_prepared(kept: Population, readers: Population) -> None:
    """A forked one goes on with its parent's tables, a new one opens the same files."""
    kept.index.prepare()
    expected = [readers.index.facet_values(7, facet) for facet in readers.shape.facet_values]
    fork, spawn = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")
    forked, anew = fork.Queue(), spawn.Queue()
    assert kept.lookups is not None
    workers: list[Any] = [
        fork.Process(target=_look, args=(kept, forked), daemon=True),
        spawn.Process(target=_open_and_look, args=(kept.path, kept.lookups, anew), daemon=True),
    ]
    for worker in workers:
        worker.start()
    assert forked.get(timeout=30) == anew.get(timeout=30) == expected
    for worker in workers:
        worker.join(30)


def test_arrays_are_kept_in_the_folder_and_come_back_read_only(kept: Population, readers: Population) -> None:
    """Without a folder there is nobody to share them with, and they are made each time."""
    first = kept.index.arrays("steps", lambda: {"up": np.arange(3), "down": np.arange(5)[::-1].copy()})
    again = Population.open(kept.path, kept.lookups).index.arrays("steps", dict)
    assert {name: array.tolist() for name, array in again.items()} == {"up": [0, 1, 2], "down": [4, 3, 2, 1, 0]}
    assert [array.flags.writeable for array in (*first.values(), *again.values())] == [False] * 4
    assert readers.index.arrays("steps", lambda: {"up": np.arange(2)})["up"].tolist() == [0, 1]
    assert not list(readers.path.glob("*.arrow"))
