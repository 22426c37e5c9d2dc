"""Two worlds that differ only in what shields hide (docs/explanation/verdicts.md, two worlds).

Among the shielded children of a population, addresses, schools, practices and the other hidden columns change
places. Whoever is not entitled to them must not be able to tell the two apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa

from overreach.model.population import Measure
from overreach.population.recipe import Plan, Recipe, Tables

#: Columns of table `children` that a shield hides.
HIDDEN = (
    *("address", "address_since", "whereabouts_statement", "household", "school", "school_since", "practice"),
    *("shielded_since", "caf_holder", "caf_holder_phone", "caf_holder_user", "updated"),
    *("lead_professional", "lead_professional_phone", "lead_professional_user"),
)


def with_other_hidden_values(recipe: Recipe) -> Recipe:
    """The recipe of the twin world."""
    return replace(recipe, plan=lambda order: _Twin(recipe.plan(order)))


@dataclass(frozen=True, slots=True)
class _Twin:
    """The plan of the twin world: in each part the shielded children exchange what is hidden."""

    world: Plan

    @property
    def as_of(self) -> date:
        return self.world.as_of

    @property
    def parts(self) -> int:
        return self.world.parts

    @property
    def measures(self) -> Mapping[str, Measure]:
        return self.world.measures

    def part(self, number: int) -> Tables:
        tables = self.world.part(number)
        if "children" not in tables:
            return tables
        children = tables["children"]
        shielded = np.flatnonzero(children["shielded"].to_numpy()).tolist()
        changed = {
            "children": exchanged(children, shielded),
            "former_addresses": handed_on(tables["former_addresses"], children["child"].to_numpy()[shielded].tolist()),
        }
        return {**tables, **changed}


def exchanged(children: pa.Table, rows: Sequence[int]) -> pa.Table:
    """The table with the hidden columns of these rows moved on by one row, the last to the first."""
    source = list(range(children.num_rows))
    for row, other in zip(rows, [*rows[1:], *rows[:1]], strict=True):
        source[row] = other
    taken = children.select(HIDDEN).take(pa.array(source))
    for name in HIDDEN:
        children = children.set_column(children.schema.get_field_index(name), children.field(name), taken[name])
    return children


def handed_on(former: pa.Table, children: Sequence[int]) -> pa.Table:
    """The table of earlier addresses with those of these children moved on as `exchanged` moves the present ones."""
    to = dict(zip([*children[1:], *children[:1]], children, strict=True))
    owners = [to.get(child, child) for child in former["child"].to_numpy().tolist()]
    column = former.schema.get_field_index("child")
    moved = former.set_column(column, former.field("child"), pa.array(owners, pa.int64()))
    return moved.sort_by([("child", "ascending"), ("until", "ascending")])
