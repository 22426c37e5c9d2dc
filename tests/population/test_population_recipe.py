"""Finding recipes by file, and refusing orders that they cannot fill."""

from __future__ import annotations

from pathlib import Path

import pytest

from overreach.model.errors import PackError, PopulationError, UnknownNameError
from overreach.pack.config import built_in
from overreach.population.recipe import Order, Recipe, known_recipes, load_recipe


def test_an_unknown_recipe_lists_the_known_ones() -> None:
    """An unknown recipe lists the known ones."""
    with pytest.raises(UnknownNameError, match="no recipe is called `atlantis`") as caught:
        load_recipe(built_in(), "atlantis")
    assert "small_england" in caught.value.remedy


def test_every_recipe_of_the_pack_loads_under_its_own_name() -> None:
    """Every recipe of the pack loads under its own name."""
    for name in known_recipes(built_in()):
        assert load_recipe(built_in(), name).name == name


def test_a_file_that_holds_no_recipe_of_its_name_is_refused(tmp_path: Path) -> None:
    """A file that holds no recipe of its name is refused."""
    (tmp_path / "generators").mkdir()
    (tmp_path / "generators" / "empty.py").write_text("recipe = 1\n", encoding="utf-8")
    (tmp_path / "generators" / "_shared.py").write_text("", encoding="utf-8")
    assert list(known_recipes(tmp_path)) == ["empty"]
    with pytest.raises(PackError, match="holds no recipe called `empty`"):
        load_recipe(tmp_path, "empty")


def test_an_order_that_is_too_small_is_refused_with_the_smallest(library: Recipe) -> None:
    """An order that is too small is refused with the smallest."""
    with pytest.raises(PopulationError, match="`1` children are too few") as caught:
        library.check(Order(1, 1, 0))
    assert caught.value.remedy == "ask for at least 2"
    with pytest.raises(PopulationError, match="negative"):
        library.check(Order(2, 1, -1))
