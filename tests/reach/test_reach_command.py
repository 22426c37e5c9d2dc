"""`overreach reach` on a population of the pack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.policy.drawn_people import PACK

from overreach.cli.main import overreach
from overreach.model.errors import OverreachError
from overreach.population.recipe import Order, load_recipe
from overreach.population.writing import generate


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small population of the pack's recipe."""
    out = tmp_path_factory.mktemp("reach") / "population"
    recipe = load_recipe(PACK.parent, "small_england")
    order = Order(max(200, recipe.min_children), max(100, recipe.min_users), 7)
    generate(recipe, order, out)
    return out


def test_json_holds_every_entry_with_its_exact_counts(folder: Path) -> None:
    """One object: pairs, seconds, cells."""
    result = CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(PACK.parent), "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert set(document) == {"pairs", "seconds", "cells"}
    names = {"role", "record_class", "facet", "rung", "pairs", "users", "children"}
    assert all(set(cell) == names for cell in document["cells"])
    assert any(cell["pairs"] for cell in document["cells"] if cell["record_class"] == "shielded")


def test_the_table_ends_with_what_was_counted(folder: Path) -> None:
    """Users and children are never mixed up; role names are not cut."""
    result = CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(PACK.parent)])
    assert result.exit_code == 0, result.output
    assert "police_child_protection_officer" in result.stdout
    assert " pairs of " in result.stdout.splitlines()[-1]


def test_a_folder_that_is_no_population_is_refused(tmp_path: Path) -> None:
    """The error has a remedy; nothing is printed."""
    result = CliRunner().invoke(overreach, ["reach", str(tmp_path), "--pack", str(PACK.parent)])
    assert isinstance(result.exception, OverreachError)
    assert result.exception.remedy
    assert not result.stdout
