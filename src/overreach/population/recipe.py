"""Recipes: how a population is invented, found by file in a pack's `generators/` folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from overreach.model.errors import PackError, PopulationError, UnknownNameError
from overreach.model.population import Measure, Shape
from overreach.pack.content import load_module

Tables = Mapping[str, pa.Table]
"""Table name -> rows (docs/reference/population.md)."""

MOST_CHILDREN = 1_000_000_000
MOST_USERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a recipe; the same order gives the same bytes."""

    children: int
    users: int
    seed: int


class Plan(Protocol):
    """A population about to be drawn, cut into parts of a fixed size.

    A part is a pure function of the order and its number: parts may be drawn in any order, by any number of
    processes, on any machine. A table is the rows of part 0, then those of part 1 and so on.
    """

    @property
    def as_of(self) -> date:
        """The day on which the population is as described."""
        ...

    @property
    def parts(self) -> int:
        """How many parts there are; at least 1."""
        ...

    @property
    def measures(self) -> Mapping[str, Measure]:
        """What the population should be like, by key, for laying it beside what it is."""
        ...

    def part(self, number: int) -> Tables:
        """The rows of that part, 0 to `parts` exclusive; a table without rows in it is left out."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """A pure function from an order to a world; `generators/NAME.py` holds one as `recipe`."""

    name: str
    plan: Callable[[Order], Plan]
    """Quick beside drawing the parts: every process and every shard makes it anew."""
    shape: Shape
    """How the engine asks the tables (`overreach.model.population`)."""
    min_children: int = 1
    min_users: int = 1

    def check(self, order: Order) -> None:
        """Refuse an order this recipe cannot fill; PopulationError says the smallest."""
        for what, asked, least, most in (
            ("children", order.children, self.min_children, MOST_CHILDREN),
            ("users", order.users, self.min_users, MOST_USERS),
        ):
            if asked < least:
                message = f"`{asked}` {what} are too few for the recipe `{self.name}`"
                raise PopulationError(message, f"ask for at least {least}")
            if asked > most:
                message = f"`{asked}` {what} are more than a population can hold"
                raise PopulationError(message, f"ask for at most {most}")
        if order.seed < 0:
            message = f"the seed `{order.seed}` is negative"
            raise PopulationError(message, "choose a whole number of at least 0")


def known_recipes(root: Path) -> dict[str, Path]:
    """Name -> file of every recipe in the pack at `root`; files that begin with an underscore are none."""
    files = sorted((root / "generators").glob("*.py"))
    return {file.stem: file for file in files if not file.stem.startswith("_")}


def load_recipe(root: Path, name: str) -> Recipe:
    """The recipe called `name` in the pack at `root`; UnknownNameError lists the known ones."""
    files = known_recipes(root)
    if not files:
        message = f"the pack in `{root}` has no recipes"
        raise PackError(message, f"write {root.name}/generators/NAME.py, or leave --pack out for those that come along")
    if name not in files:
        raise UnknownNameError("recipe", name, list(files))
    recipe = getattr(load_module(files[name]), "recipe", None)
    if not isinstance(recipe, Recipe) or recipe.name != name:
        message = f"`{files[name]}` holds no recipe called `{name}`"
        raise PackError(message, f'write `recipe = Recipe(name="{name}", ...)` in it')
    return recipe
