"""`overreach reach` on a population of the pack."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median_low
from typing import Any

import pytest
from click.testing import CliRunner
from tests.policy.drawn_people import PACK

from overreach.cli.main import overreach
from overreach.model.errors import OverreachError, PopulationError
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
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
    names |= {"one_member_min", "one_member_median", "one_member"}
    assert all(set(cell) == names for cell in document["cells"])
    assert any(cell["pairs"] for cell in document["cells"] if cell["record_class"] == "shielded")


def test_the_table_ends_with_what_was_counted(folder: Path) -> None:
    """Users and children are never mixed up; role names are not cut."""
    result = CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(PACK.parent)])
    assert result.exit_code == 0, result.output
    assert "police_child_protection_officer" in result.stdout
    assert " pairs of " in result.stdout.splitlines()[-1]


def _told(folder: Path, *asked: str) -> dict[str, list[dict[str, Any]]]:
    """The JSON of `overreach reach` with more options."""
    result = CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(PACK.parent), "--json", *asked])
    assert result.exit_code == 0, result.output
    document: dict[str, list[dict[str, Any]]] = json.loads(result.stdout)
    return document


def test_exposure_is_told_for_all_children_and_each_class_of_them(folder: Path) -> None:
    """Least, median and most users are those of the distribution, which holds every child once."""
    rows = _told(folder, "--exposure", "all")["exposure"]
    assert {"all", "shielded", "archived"} <= {str(row["group"]) for row in rows}
    assert "out_of_area" not in {row["group"] for row in rows}
    for row in rows:
        counts: list[tuple[int, int]] = row["counts"]
        users = [users for users, children in counts for _ in range(children)]
        told = (row["users_min"], row["users_median"], row["users_max"], row["children"])
        assert told == (min(users), median_low(users), max(users), len(users))


def test_one_child_and_one_user_are_told_by_name(folder: Path) -> None:
    """A number in capitals is the same number; the sum over roles is the child's exposure."""
    population = Population.open(folder)
    number, username = population.child_fields(3)["number"], population.user_fields(2)["username"]
    document = _told(folder, "--exposure", str(number).upper(), "--user", username)
    assert {"role", "facet", "rung", "users"} == set(document["exposure"][0])
    assert {"record_class", "facet", "rung", "children"} == set(document["user"][0])
    result = CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(PACK.parent), "--user", username])
    assert f"`{username}`" in result.stdout


@pytest.mark.parametrize("asked", [("--exposure", "nobody"), ("--user", "nobody")])
def test_a_name_that_nobody_has_is_refused(folder: Path, asked: tuple[str, str]) -> None:
    """The error says what there is to take."""
    result = CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(PACK.parent), *asked])
    assert isinstance(result.exception, PopulationError)
    assert "`nobody`" in result.exception.message


def test_a_folder_that_is_no_population_is_refused(tmp_path: Path) -> None:
    """The error has a remedy; nothing is printed."""
    result = CliRunner().invoke(overreach, ["reach", str(tmp_path), "--pack", str(PACK.parent)])
    assert isinstance(result.exception, OverreachError)
    assert result.exception.remedy
    assert not result.stdout
