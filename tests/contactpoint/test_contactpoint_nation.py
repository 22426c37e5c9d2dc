"""Searches of a registry with very many records: bounded, and never by what may not be seen."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from tests.contactpoint.inside import Inside

from overreach.contactpoint.folder import open_folder
from overreach.contactpoint.loading import load
from overreach.contactpoint.search import COLUMNS, CONDITIONS

NAMES = {"family_name": "Many", "given_name": "Twin11", "date_of_birth": "2000-02-29"}


@pytest.fixture
def nation(population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inside:
    """A registry that takes its few records for a nation's."""
    monkeypatch.setattr("overreach.contactpoint.registry.NATION", 10)
    return Inside(population, tmp_path)


@pytest.mark.parametrize("field", NAMES)
def test_of_a_nation_one_name_is_not_enough(nation: Inside, field: str) -> None:
    """Nor is it with the gender; without so many records it is."""
    with nation:
        query = {field: NAMES[field]}
        assert nation.search("social_worker", **query).status == 422
        assert nation.search("social_worker", **query, gender="female").status == 422


@pytest.mark.parametrize("fields", [*itertools.combinations(NAMES, 2)])
def test_of_a_nation_two_of_name_and_day_are_enough(nation: Inside, fields: tuple[str, ...]) -> None:
    """Whichever they are."""
    with nation:
        answer = nation.search("social_worker", **{field: NAMES[field] for field in fields})
        assert "Twin11" in {child["name"]["given"] for child in answer.json["children"]} or answer.json["pages"] > 1


@pytest.mark.parametrize(
    "query",
    [{"postcode": "CI0 1KV"}, {"school": "Many School"}, {"phone": "07700 900000"}, {"carer_name": "Carer0 Parent"}],
)
def test_of_a_nation_any_other_field_is_enough(nation: Inside, query: Mapping[str, str]) -> None:
    """What few share."""
    with nation:
        assert nation.search("social_worker", **query, reason="welfare").status == 200


def test_a_search_shows_no_more_than_it_may(population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and count are of those that are shown; each of them matches."""
    monkeypatch.setattr("overreach.contactpoint.search.MOST", 7)
    with Inside(population, tmp_path) as inside:
        answer = inside.search("social_worker", family_name="Many").json
    assert (answer["count"], answer["pages"], len(answer["children"])) == (7, 1, 7)
    assert {child["name"]["family"] for child in answer["children"]} == {"Many"}
    assert answer["children"] == sorted(answer["children"], key=lambda child: child["name"]["given"])


def test_what_is_hidden_takes_no_place_among_what_is_shown(
    population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three of thirty are shielded: searched for by school, exactly the others are shown."""
    monkeypatch.setattr("overreach.contactpoint.search.MOST", 27)
    with Inside(population, tmp_path) as inside:
        answer = inside.search("social_worker", school="Many School", reason="welfare").json
    assert answer["count"] == 27


def test_no_search_reads_a_whole_table(population: Path, tmp_path: Path) -> None:
    """By any one field but the gender, or any two, where every table is taken to be large."""
    load(open_folder(population), tmp_path / "registry.sqlite", "mark", lambda _done, _total: None)
    fields = sorted(set(CONDITIONS) - {"gender"})
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as connection:
        # Without what was counted of these few rows.
        connection.execute("DELETE FROM sqlite_stat1")
        connection.execute("ANALYZE sqlite_schema")
        for named in [*((field,) for field in fields), *itertools.combinations(fields, 2)]:
            where = " AND ".join(CONDITIONS[field] for field in named)
            values = {"user": 1, **dict.fromkeys(named, "x")}
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {COLUMNS} {where}", values)]
            assert not [step for step in plan if step.startswith("SCAN")], (named, plan)
