"""The faults of exports, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Inside
from tests.contactpoint.later import change
from tests.contactpoint.serving import WIDE, approve, ask, exported, take
from tests.contactpoint.tables import FAR, PLAIN, SHIELDED, number_of, user_row

Both = Callable[..., tuple[Any, Any]]


def test_export_over_wide(both: Both) -> None:
    """One column was asked for, fifteen are in the file."""

    def columns(inside: Inside) -> int:
        header = exported(inside, "management_team", columns=["number"]).body.splitlines()[0]
        return len(header.split(b","))

    assert both("export-over-wide", columns) == (1, 15)


def test_export_includes_shielded(both: Both) -> None:
    """The shielded child is there, its postcode too."""

    def ask_for(inside: Inside) -> list[bool]:
        body = exported(inside, "management_team").body
        return [text.encode() in body for text in (number_of(PLAIN), number_of(SHIELDED), "CI1 1KV")]

    assert both("export-includes-shielded", ask_for) == ([True, False, False], [True, True, True])


def test_export_approved_by_asker(both: Both) -> None:
    """The own approval counts as the second."""

    def statuses(inside: Inside) -> list[int]:
        export = ask(inside, "management_team")
        return [
            *approve(inside, export, "central_team", "management_team"),
            take(inside, export, "management_team").status,
        ]

    assert both("export-approved-by-asker", statuses) == ([204, 404, 202], [204, 204, 200])


def test_export_approved_by_manager(both: Both) -> None:
    """Whoever leads the asker lets the asker's export pass."""

    def statuses(inside: Inside) -> list[int]:
        manager = user_row("management_team_second")
        change(inside, "UPDATE users SET manager = ? WHERE username = 'data_manager'", manager)
        export = ask(inside)
        return [*approve(inside, export, "central_team", "management_team_second"), take(inside, export).status]

    assert both("export-approved-by-manager", statuses) == ([204, 404, 202], [204, 204, 200])


def test_export_approved_by_one(both: Both) -> None:
    """Without any approval it waits in both."""

    def statuses(inside: Inside) -> list[int]:
        export = ask(inside)
        waiting = take(inside, export).status
        approve(inside, export, "central_team")
        return [waiting, take(inside, export).status]

    assert both("export-approved-by-one", statuses) == ([202, 202], [202, 200])


def test_export_downloaded_by_others(both: Both) -> None:
    """The id of the export is enough, and whoever downloads it reads with rights of their own."""

    def statuses(inside: Inside) -> list[int]:
        export = ask(inside)
        approve(inside, export, "central_team", "management_team_second")
        return [take(inside, export, username).status for username in ("social_worker", "management_team")]

    assert both("export-downloaded-by-others", statuses) == ([403, 404], [403, 200])


def test_export_downloaded_again(both: Both) -> None:
    """Twice the same file."""

    def statuses(inside: Inside) -> list[int]:
        export = ask(inside)
        approve(inside, export, "central_team", "management_team")
        return [take(inside, export).status for _ in range(2)]

    assert both("export-downloaded-again", statuses) == ([200, 410], [200, 200])


def test_export_of_other_areas(both: Both) -> None:
    """Naming the other authority gives its children; naming none gives the own."""

    def rows(inside: Inside) -> list[bool]:
        bodies = [exported(inside, where=where).body for where in ({"responsible": "Therewich"}, {})]
        return [number_of(FAR).encode() in body for body in bodies]

    assert both("export-of-other-areas", rows) == ([False, False], [True, False])


def test_export_by_everybody(both: Both) -> None:
    """A nurse asks for a list of children."""

    def status(inside: Inside) -> int:
        return inside.by("school_nurse", "POST", "/exports", WIDE).status

    assert both("export-by-everybody", status) == (403, 201)


def test_export_not_counted(both: Both) -> None:
    """The row is there and says nothing."""

    def logged(inside: Inside) -> tuple[int, bool]:
        exported(inside)
        row = next(row for row in inside.log() if row["operation"] == "take_export")
        return len(row["results"]), "rows" in row["query"]

    assert both("export-not-counted", logged) == ((30, True), (0, False))


def test_export_with_formulas(both: Both) -> None:
    """The name is told as text; as a formula."""

    def cell(inside: Inside) -> bytes:
        change(inside, "UPDATE children SET family_name = '=1+1' WHERE number = ?", number_of(PLAIN))
        return exported(inside, columns=["family_name"]).body.splitlines()[1]

    assert both("export-with-formulas", cell) == (b"'=1+1", b"=1+1")
