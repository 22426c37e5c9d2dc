"""Exports: few columns, two approvals, one download, all of it logged."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contactpoint.inside import Got, Inside
from tests.contactpoint.later import change, move_on
from tests.contactpoint.serving import WIDE, approve, ask, at, exported, take
from tests.contactpoint.tables import (
    FAR,
    KIDS,
    PLAIN,
    SHIELDED,
    SIBLING,
    number_of,
    user_row,
    write_population,
)

from overreach.contactpoint.app import assemble
from overreach.contactpoint.openapi import document
from overreach.contactpoint.routes import ROUTES
from overreach.contactpoint.sheet import FORMULA_SIGNS, sheet

HERE_PLAIN = [number_of(row) for row, kid in enumerate(KIDS) if not (kid.area or kid.shielded or kid.archive_year)]
GROUND = {"include_shielded": True, "ground": "review of all shields"}


def table(got: Got) -> list[dict[str, str]]:
    """A downloaded file, row by row."""
    assert got.status == 200, got
    return list(csv.DictReader(io.StringIO(got.body.decode(), newline="")))


def test_an_export_is_downloaded_once_after_two_approvals(inside: Inside) -> None:
    """Waiting, waiting, the file, gone; what it is called says nothing."""
    export = ask(inside)
    waiting = take(inside, export)
    assert (waiting.status, waiting.json) == (202, {"state": "waiting"})
    assert approve(inside, export, "management_team") == [204]
    assert take(inside, export) == waiting
    assert approve(inside, export, "central_team") == [204]
    got = take(inside, export)
    headers = dict(got.headers)
    assert headers[b"content-type"] == b"text/csv; charset=utf-8"
    assert headers[b"content-disposition"] == b'attachment; filename="export.csv"'
    assert headers[b"cache-control"] == b"no-store"
    assert [row["number"] for row in table(got)] == HERE_PLAIN
    assert take(inside, export).status == 410


def test_a_row_carries_the_columns_asked_for_as_far_as_they_may_be_read(inside: Inside) -> None:
    """The data manager has no address and no school of anybody; the management team has."""
    for username, postcode, school in (("data_manager", "", ""), ("management_team", "CI0 1KV", "St Émile's School")):
        row = table(exported(inside, username))[0]
        assert row == {
            "number": number_of(PLAIN),
            "family_name": "Plain",
            "postcode": postcode,
            "school": school,
        }


def test_every_column_can_be_filled(inside: Inside) -> None:
    """For somebody who may read all of it; an empty cell is a value that the record has not."""
    columns = [
        *("number", "given_name", "family_name", "gender", "date_of_birth", "house", "street", "locality"),
        *("postcode", "school", "practice", "caf_holder", "lead_professional", "responsible", "updated"),
    ]
    row = table(exported(inside, "management_team", columns=columns))[0]
    assert list(row) == columns
    assert [name for name, cell in row.items() if not cell] == ["lead_professional"]


def test_shielded_rows_need_a_stated_ground_and_stay_masked(inside: Inside) -> None:
    """Left out otherwise; with it the data manager has the name, the management team the address (R10, R14)."""
    assert number_of(SHIELDED) not in [row["number"] for row in table(exported(inside, "management_team"))]
    for username, postcode in (("data_manager", ""), ("management_team", "CI1 1KV")):
        rows = {row["number"]: row for row in table(exported(inside, username, **GROUND))}
        assert rows[number_of(SHIELDED)]["family_name"] == "Hidden"
        assert rows[number_of(SHIELDED)]["postcode"] == postcode


def test_rows_follow_the_rights_of_the_moment_of_downloading(inside: Inside) -> None:
    """Who was shielded after the approvals is not in the file."""
    export = ask(inside)
    approve(inside, export, "management_team", "central_team")
    inside.by("management_team", "POST", at(SIBLING, "shield"), {"ground": "threat"})
    assert number_of(SIBLING) not in [row["number"] for row in table(take(inside, export))]


@pytest.mark.parametrize(
    ("username", "where", "count"),
    [
        ("management_team", {"school": "many school"}, 27),
        ("management_team", {"school": "Many School", "practice": "The Surgery"}, 27),
        ("management_team", {"practice": "Nowhere"}, 0),
        ("management_team", {"responsible": "Hereshire"}, len(HERE_PLAIN)),
        ("management_team", {"responsible": "Therewich"}, 0),
        ("management_team", {"responsible": "Atlantis"}, 0),
        ("data_manager", {"responsible": "Hereshire"}, len(HERE_PLAIN)),
        ("data_manager", {"school": "Many School"}, 0),
    ],
)
def test_conditions_narrow_and_never_widen(inside: Inside, username: str, where: dict[str, str], count: int) -> None:
    """Own area only, and nobody is picked by what the asker may not read of them (R12)."""
    rows = table(exported(inside, username, where=where))
    assert len(rows) == count
    assert number_of(FAR) not in [row["number"] for row in rows]


def test_neither_the_asker_nor_the_manager_approves_and_nobody_twice(inside: Inside) -> None:
    """Another area's team does not either; to them it is as if there were no such export."""
    change(
        inside, "UPDATE users SET manager = ? WHERE username = 'management_team'", user_row("management_team_second")
    )
    export = ask(inside, "management_team")
    refused = ("management_team", "management_team_second", "management_team_there")
    assert approve(inside, export, *refused, "central_team", "central_team") == [404, 404, 404, 204, 404]
    assert take(inside, export, "management_team").status == 202
    change(inside, "UPDATE users SET manager = NULL")
    assert approve(inside, export, "management_team_second") == [204]
    assert take(inside, export, "management_team").status == 200


def test_approvers_see_what_they_approve(inside: Inside) -> None:
    """All that was asked; what they may not approve is not in the list."""
    ask(inside, "management_team", **GROUND)
    (listed,) = inside.by("central_team", "GET", "/exports").json["exports"]
    assert (listed["user"], listed["columns"], listed["ground"]) == (
        "management_team",
        WIDE["columns"],
        GROUND["ground"],
    )
    schema = {"$ref": "#/components/schemas/Export", "components": document(ROUTES)["components"]}
    jsonschema.Draft202012Validator(schema).validate(listed)
    assert inside.by("management_team", "GET", "/exports").json == {"exports": []}


def test_an_id_is_no_key(inside: Inside) -> None:
    """Others who may ask for exports learn no more of it than of an id never issued."""
    export = ask(inside)
    approve(inside, export, "management_team", "central_team")
    other = take(inside, export, "management_team")
    assert other.status == 404
    assert other == take(inside, "never", "management_team") == take(inside, "never") == take(inside, "\udcff")
    assert take(inside, export, "central_team").status == 403
    assert approve(inside, "never", "central_team") == [404]
    assert take(inside, export).status == 200


@pytest.mark.parametrize("username", ["social_worker", "head_teacher", "child_protection_worker", "system_supplier"])
def test_ordinary_users_have_no_bulk_path(inside: Inside, username: str) -> None:
    """Refused before anything is looked at."""
    assert inside.by(username, "POST", "/exports", WIDE).status == 403
    assert inside.by(username, "POST", "/exports", {}).status == 403
    assert inside.by(username, "GET", "/exports").status == 403
    assert take(inside, ask(inside), username).status == 403
    assert approve(inside, "x", username) == [403]


def test_an_export_runs_out_after_a_day(inside: Inside) -> None:
    """Approved or not."""
    export = ask(inside)
    approve(inside, export, "management_team", "central_team")
    inside.token("management_team_second")
    move_on(inside, timedelta(days=1))
    assert take(inside, export).status == 410
    assert approve(inside, export, "management_team_second") == [404]
    assert inside.by("management_team_second", "GET", "/exports").json == {"exports": []}


def test_more_rows_than_the_ceiling_are_refused_whole(inside: Inside) -> None:
    """Nothing is cut off in silence; exactly as many are answered."""
    parts = inside.app.parts
    for most, status in ((len(HERE_PLAIN) - 1, 409), (len(HERE_PLAIN), 200)):
        inside.app = assemble(replace(parts, exports=replace(parts.exports, most=most)))  # type: ignore[type-var]
        assert exported(inside).status == status


def test_asking_and_downloading_are_logged_with_counts(inside: Inside) -> None:
    """Asking raises an alert; the download's row has the numbers, how many rows and how many fields (R9, R23)."""
    exported(inside, where={"responsible": "Hereshire"})
    asked, taken = [row for row in inside.log() if row["operation"] in {"ask_export", "take_export"}]
    assert asked["query"]["columns"] == WIDE["columns"]
    assert asked["query"]["where"] == {"responsible": "Hereshire"}
    assert asked["query"]["purpose"] == "welfare"
    assert taken["results"] == HERE_PLAIN
    assert (taken["query"]["rows"], taken["query"]["fields"]) == (len(HERE_PLAIN), 4)
    assert taken["query"]["export"] == asked["query"]["export"]
    raised = inside.by("central_team", "GET", "/alerts").json["alerts"]
    (alert,) = [each for each in raised if each["kind"] == "export_asked"]
    assert (alert["kind"], alert["user"], alert["child"]) == ("export_asked", "data_manager", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": []},
        {"columns": ["number", "number"]},
        {"columns": ["number", "sensitive_services"]},
        {"columns": [["number"]]},
        {"columns": "number"},
        {"where": {"postcode": "CI1 1KV"}},
        {"where": None},
        {"where": {"school": 1}},
        {"purpose": "curiosity"},
        {"purpose": None},
        {"include_shielded": True},
        {"include_shielded": True, "ground": " "},
        {"include_shielded": "yes", "ground": "x"},
        {"ground": "x"},
        {"more": "x"},
    ],
)
def test_what_is_no_export_is_refused(inside: Inside, wrong: dict[str, Any]) -> None:
    """The columns are a closed list; shielded rows and their ground come together (R1, R10)."""
    assert inside.by("data_manager", "POST", "/exports", {**WIDE, **wrong}).status == 422
    assert inside.by("central_team", "GET", "/alerts").json["alerts"] == []


def test_a_name_that_is_a_formula_is_told_as_text(tmp_path: Path) -> None:
    """A spreadsheet that opens the file computes nothing."""
    population = write_population(tmp_path / "population", rename={PLAIN: '=HYPERLINK("http://x","a, b")'})
    with Inside(population, tmp_path) as inside:
        assert table(exported(inside))[0]["family_name"] == '\'=HYPERLINK("http://x","a, b")'


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_a_sheet_reads_back_as_written_and_holds_no_formula(cells: list[list[str]]) -> None:
    """Whatever quotes, commas and line ends are in it."""
    header, *read = csv.reader(io.StringIO(sheet(["a", "b"], cells).decode(), newline=""))
    assert header == ["a", "b"]
    for row, back in zip(cells, read, strict=True):
        assert [cell.removeprefix("'") for cell in back] == [cell.removeprefix("'") for cell in row]
        assert not any(cell.lstrip().startswith(FORMULA_SIGNS) for cell in back)
