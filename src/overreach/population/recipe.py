"""Recipes: how a population is invented, found by file in a pack's `generators/` folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from overreach.model.errors import PackError, PopulationError, UnknownNameError
from overreach.model.population import Shape
from overreach.pack.content import load_module

Progress = Callable[[str], None]
"""Told the name of each stage as it begins."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a recipe; the same order gives the same bytes."""

    children: int
    users: int
    seed: int


@dataclass(frozen=True, slots=True)
class World:
    """What a recipe gives."""

    as_of: date
    """The day on which the population is as described."""
    tables: Mapping[str, pa.Table]
    """Table name -> rows (docs/reference/population.md)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A pure function from an order to a world; `generators/NAME.py` holds one as `recipe`."""

    name: str
    build: Callable[[Order, Progress], World]
    shape: Shape
    """How the engine asks the tables (`overreach.model.population`)."""
    min_children: int = 1
    min_users: int = 1
    stages: int = 0
    """How many stages `build` tells of; 0 where it does not say."""

    def check(self, order: Order) -> None:
        """Refuse an order this recipe cannot fill; PopulationError says the smallest."""
        for what, asked, least in (
            ("children", order.children, self.min_children),
            ("users", order.users, self.min_users),
        ):
            if asked < least:
                message = f"`{asked}` {what} are too few for the recipe `{self.name}`"
                raise PopulationError(message, f"ask for at least {least}")
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
    if name not in files:
        raise UnknownNameError("recipe", name, list(files))
    recipe = getattr(load_module(files[name]), "recipe", None)
    if not isinstance(recipe, Recipe) or recipe.name != name:
        message = f"`{files[name]}` holds no recipe called `{name}`"
        raise PackError(message, f'write `recipe = Recipe(name="{name}", ...)` in it')
    return recipe
