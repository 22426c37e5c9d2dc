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
    one = recipe.plan(order).part(1)
    other = with_other_hidden_values(recipe).plan(order).part(1)
    assert all(one[name].equals(other[name]) for name in one if name not in ("children", "former_addresses"))
    children, twins = one["children"], other["children"]
    open_names = [name for name in children.column_names if name not in HIDDEN]
    assert columns(children, open_names) == columns(twins, open_names)
    plain = pc.invert(children["shielded"])
    assert children.filter(plain).equals(twins.filter(plain))
    shielded = children["shielded"]
    hidden, exchanged = children.filter(shielded)["address"], twins.filter(shielded)["address"]
    assert hidden.to_pylist() != exchanged.to_pylist()
    assert Counter(hidden.to_pylist()) == Counter(exchanged.to_pylist())


def test_earlier_addresses_of_shielded_children_go_with_the_present_ones() -> None:
    """Each goes to the child that has the address which followed it; those of other children stay."""
    recipe, order = load_recipe(ROOT, "small_england"), Order(200, 160, 3)
    worlds = [made.plan(order).part(1) for made in (recipe, with_other_hidden_values(recipe))]
    of_shielded, of_others = [], []
    for tables in worlds:
        children = tables["children"].to_pylist()
        rows = [(children[row["child"]], row["address"]) for row in tables["former_addresses"].to_pylist()]
        hidden = [(child["address"], address, child["child"]) for child, address in rows if child["shielded"]]
        of_shielded.append(hidden)
        of_others.append([(child["child"], address) for child, address in rows if not child["shielded"]])
    assert of_others[0] == of_others[1]
    assert of_shielded[0] != of_shielded[1]
    assert Counter(row[:2] for row in of_shielded[0]) == Counter(row[:2] for row in of_shielded[1])
