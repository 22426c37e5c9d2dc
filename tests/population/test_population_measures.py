"""The marginals of an index of children, counted over a world of the pack's own recipe."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from overreach.population.childindex.measures import CHOICE, Expected, Marginal, measures
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]
CHILDREN, USERS = 600, 150


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Population:
    """Some authorities, some of everybody."""
    folder = tmp_path_factory.mktemp("world") / "people"
    generate(load_recipe(ROOT, "small_england"), Order(CHILDREN, USERS, 5), folder)
    return Population.open(folder)


def counted(world: Population, key: str) -> dict[str, int]:
    """Category -> count."""
    rows = world.query(measures(Expected())[key].counted).to_pylist()
    assert len({row["category"] for row in rows}) == len(rows)
    return {str(row["category"]): int(row["count"]) for row in rows}


def test_every_marginal_has_a_place_for_its_figures() -> None:
    """And nothing else has."""
    assert list(measures(Expected())) == [field.name for field in fields(Expected)]


def test_figures_and_source_are_handed_on() -> None:
    """Without figures there are none, and a choice is called one."""
    made = measures(Expected(sexes=Marginal({"female": 49, "male": 51}, "ages.csv")))
    assert (dict(made["sexes"].figures), made["sexes"].source) == ({"female": 49, "male": 51}, "ages.csv")
    assert (dict(made["ages"].figures), made["ages"].source) == ({}, CHOICE)


@pytest.mark.parametrize(
    ("key", "total"),
    [(field.name, CHILDREN) for field in fields(Expected) if measures(Expected())[field.name].unit == "children"]
    + [(field.name, USERS) for field in fields(Expected) if measures(Expected())[field.name].unit == "users"],
)
def test_everybody_is_counted_once(world: Population, key: str, total: int) -> None:
    """Those about whom a table has no row as well."""
    assert sum(counted(world, key).values()) == total


@pytest.mark.parametrize(("key", "table"), [("phases", "schools"), ("practices", "practices")])
def test_every_institution_is_counted_once(world: Population, key: str, table: str) -> None:
    """By phase, or by authority."""
    assert sum(counted(world, key).values()) == world.meta.rows(table)


def test_authorities_are_all_there_by_name(world: Population) -> None:
    """One without children is counted as 0."""
    assert list(counted(world, "authorities")) == sorted(
        map(str, world.table("authorities").column("name").to_pylist())
    )


def test_ages_are_whole_years_on_the_day_and_the_archive_is_apart(world: Population) -> None:
    """In order, the archive last."""
    rows = world.query("SELECT date_of_birth, archive_year FROM children").to_pylist()
    expected: dict[str, int] = {}
    for row in rows:
        key = "archived" if row["archive_year"] else str(_years(row["date_of_birth"], world.meta.as_of))
        expected[key] = expected.get(key, 0) + 1
    found = counted(world, "ages")
    assert found == expected
    assert list(found) == [*sorted((key for key in found if key.isdigit()), key=int), "archived"]


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def test_degrees_of_involvement_and_care_agree_with_their_tables(world: Population) -> None:
    """Children times rows each are the rows of the table."""
    for key, table in (("involved", "involvements"), ("carers", "child_carers")):
        assert sum(int(number) * count for number, count in counted(world, key).items()) == world.meta.rows(table)


def test_who_cares_for_children_is_told_in_words(world: Population) -> None:
    """Foster carers for those looked after; nobody is without."""
    found = counted(world, "care")
    assert found["foster carer"] == counted(world, "looked_after")["looked after"]
    assert {"mother and father", "mother", "mother and step father", "nobody recorded"} <= set(found)


def test_households_are_those_with_children(world: Population) -> None:
    """Each by how many."""
    found = counted(world, "households")
    assert sum(found.values()) == world.meta.rows("households")
    assert sum(int(number) * count for number, count in found.items()) == CHILDREN


def test_states_of_accounts_are_those_of_the_rules(world: Population) -> None:
    """Most are in order, and told first; each reason that closes one occurs."""
    found = counted(world, "accounts")
    assert next(iter(found)) == "in order"
    assert set(found) == {"in order", "left", "suspended", "lapsed", "untrained", "unsigned", "unaccredited"}


def test_movers_are_the_cohort_of_movers(world: Population) -> None:
    """Their address lies in another area."""
    moving = world.query("SELECT count(DISTINCT child) AS n FROM cohorts WHERE cohort = 'mover'").column("n")[0].as_py()
    assert counted(world, "places")["of another authority"] >= moving
