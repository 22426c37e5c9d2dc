"""Two worlds differ in what shields hide, and in nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from overreach.population.recipe import Order, load_recipe
from overreach.scenario.twin import HIDDEN, with_other_hidden_values

ROOT = Path(__file__).parents[2]


def columns(table: pa.Table, names: list[str]) -> list[list[object]]:
    """The values of some columns."""
    return [table[name].to_pylist() for name in names]


def test_only_hidden_columns_of_shielded_children_differ() -> None:
    """Every other table and cell is the same, and some addresses have changed."""
    recipe, order = load_recipe(ROOT, "small_england"), Order(200, 160, 3)
    one = recipe.build(order, lambda _: None).tables
    other = with_other_hidden_values(recipe).build(order, lambda _: None).tables
    assert all(one[name].equals(other[name]) for name in one if name != "children")
    children, twins = one["children"], other["children"]
    open_names = [name for name in children.column_names if name not in HIDDEN]
    assert columns(children, open_names) == columns(twins, open_names)
    plain = pc.invert(children["shielded"])
    assert children.filter(plain).equals(twins.filter(plain))
    shielded = children["shielded"]
    hidden, exchanged = children.filter(shielded)["address"], twins.filter(shielded)["address"]
    assert hidden.to_pylist() != exchanged.to_pylist()
    assert Counter(hidden.to_pylist()) == Counter(exchanged.to_pylist())
