"""The table of the watchers, as it is printed."""

from __future__ import annotations

import pytest

from overreach.cli.looks.watchers import show
from overreach.load.watched import HabitWatched, Watchers

WATCHERS = Watchers((
    HabitWatched("practitioner", "", 900, 0, 0, 1, None, None, {"own_family": 2}),
    HabitWatched("rush", "", 90, 0, 0, 1, None, None, {"own_family": 1}),
    HabitWatched("walker", "walks", 1200, 1150, 7, 2, (1.5, 2.25, 9.0), 29.96, {"volume": 1, "enumeration": 1234}),
    HabitWatched("leaver", "comes back", 3, 2, 0, 0, None, 12.0, {}),
    HabitWatched("nobody", "does nothing", 0, 0, 0, 0, None, None, {}),
))  # fmt: skip


def lines(printed: str) -> list[list[str]]:
    """The cells of every line of a table."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed.splitlines() if "│" in line]


def test_each_kind_of_misuse_has_a_row_and_everybody_else_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Counts of people, never shares; what nobody does has no row, and what is not known is left out."""
    show(WATCHERS)
    printed = capsys.readouterr().out
    assert lines(printed) == [
        ["walker", "1,234 enumeration, 1 volume", "1,200", "1,150", "7", "1.5 s", "2.2 s", "30.0 s", "2"],
        ["leaver", "", "3", "2", "0", "", "", "12.0 s", "0"],
        ["all others", "3 own_family", "990", "", "", "", "", "", "2"],
    ]
    assert "named 7 of 1,152 misusers; of the 11 people they named, 4 had done nothing wrong" in printed


def test_nothing_said_of_nobody_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A load without misusers has its row of honest people."""
    show(Watchers(WATCHERS.habits[:1]))
    assert lines(capsys.readouterr().out) == [["all others", "2 own_family", "900", *[""] * 5, "1"]]
