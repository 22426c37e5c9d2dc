"""The chain of the log: whoever changes what was written is found out."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.contactpoint.inside import Inside
from tests.contactpoint.tables import PLAIN

from overreach.cli.main import overreach
from overreach.contactpoint.chain import Checked, genesis, heads_of, link, verify
from overreach.contactpoint.errors import RegistryError

ROWS = 8
VALUES = st.tuples(st.integers(1, 99), st.text(max_size=20), st.text(max_size=20), st.integers(200, 503))


@pytest.fixture
def database(inside: Inside) -> Path:
    """A database with a log of some rows, and nobody who writes to it."""
    for _ in range(ROWS - 2):
        inside.view("social_worker", PLAIN)
    return inside.database


def changed(database: Path, *statements: str) -> Checked:
    """What a look at the log gives after somebody was at it."""
    with closing(sqlite3.connect(database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return verify(database)


def test_an_honest_log_is_intact(database: Path) -> None:
    """Every row is counted."""
    assert verify(database) == Checked(ROWS, 0, None)


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE log SET time = 'x' WHERE sequence = 4", 4),
        ("UPDATE log SET user = 'x' WHERE sequence = 4", 4),
        ("UPDATE log SET operation = 'x' WHERE sequence = 4", 4),
        ("UPDATE log SET query = '{}' WHERE sequence = 4", 4),
        ("UPDATE log SET results = '[]' WHERE sequence = 4", 4),
        ("UPDATE log SET status = 404 WHERE sequence = 4", 4),
        ("UPDATE log SET on_behalf_of = 'x' WHERE sequence = 4", 4),
        ("UPDATE log SET request_id = 'x' WHERE sequence = 8", 8),
        ("UPDATE log SET hash = zeroblob(32) WHERE sequence = 4", 4),
        ("DELETE FROM log WHERE sequence = 4", 4),
        ("DELETE FROM log WHERE sequence = 1", 1),
        ("INSERT INTO log SELECT 9, time, user, operation, query, results, status, '', '', hash FROM log LIMIT 1", 9),
        ("UPDATE log SET sequence = sequence + 1000 WHERE sequence > 4", 5),
    ],
)
def test_whatever_was_changed_shows_at_its_row(database: Path, statement: str, row: int) -> None:
    """Changed, removed, put in or moved."""
    checked = changed(database, statement)
    assert checked.broken is not None
    assert (checked.broken.sequence, checked.rows) == (row, row - 1)


def test_rows_that_changed_places_show(database: Path) -> None:
    """Each with the digest that it had."""
    away, forth, back = (
        "UPDATE log SET sequence = 99 WHERE sequence = 4",
        "UPDATE log SET sequence = 4 WHERE sequence = 5",
        "UPDATE log SET sequence = 5 WHERE sequence = 99",
    )
    checked = changed(database, away, forth, back)
    assert checked.broken is not None
    assert checked.broken.sequence == 4


def test_a_log_of_another_population_is_not_taken(database: Path) -> None:
    """The chain begins with what the registry was loaded with."""
    checked = changed(database, "UPDATE meta SET value = 'another' WHERE key = 'digest'")
    assert checked.broken is not None
    assert checked.broken.sequence == 1


@given(st.lists(VALUES, min_size=1, max_size=8, unique=True), st.data())
def test_no_other_list_of_rows_has_the_same_digest(rows: list[tuple[object, ...]], data: st.DataObject) -> None:
    """Neither fewer, nor more, nor others, nor the same in another order."""

    def digest(of: Sequence[Sequence[object]]) -> bytes:
        chain = genesis("population")
        for row in of:
            chain = link(chain, row)
        return chain

    other = data.draw(st.permutations(rows) | st.lists(VALUES, max_size=9))
    assert (digest(other) == digest(rows)) == (other == rows)


def noted(inside: Inside) -> None:
    """Let the registry note how far its log has come."""
    heads = inside.app.parts.log.heads  # type: ignore[attr-defined]

    async def note() -> None:
        heads._propose()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    inside._loop.run_until_complete(note())


def cut(database: Path) -> Checked:
    """A look after the last rows were cut off."""
    return changed(database, "DELETE FROM log WHERE sequence > 6")


def anew(database: Path) -> Checked:
    """A look after somebody changed a row and wrote the whole chain after it anew."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE log SET user = 'somebody' WHERE sequence = 5")
        before = genesis(connection.execute("SELECT value FROM meta WHERE key = 'digest'").fetchone()[0])
        for *row, _ in connection.execute("SELECT * FROM log ORDER BY sequence").fetchall():
            before = link(before, row)
            connection.execute("UPDATE log SET hash = ? WHERE sequence = ?", (before, row[0]))
        connection.commit()
    return verify(database)


@pytest.mark.parametrize(("attack", "row"), [(cut, 7), (anew, 8)])
def test_a_cut_end_and_a_chain_written_anew_show_by_the_heads(
    inside: Inside, database: Path, attack: Callable[[Path], Checked], row: int
) -> None:
    """What was noted outside the database proves it; without that file neither would show."""
    noted(inside)
    assert verify(database) == Checked(ROWS, 1, None)
    checked = attack(database)
    assert checked.broken is not None
    assert checked.broken.sequence == row
    heads_of(database).unlink()
    assert verify(database).broken is None


def test_only_what_was_committed_is_noted(inside: Inside) -> None:
    """A row that was undone leaves no head; the file is added to, line by line."""
    inside.view("social_worker", PLAIN)
    noted(inside)
    storage = inside.app.parts.storage

    async def undone() -> None:
        storage.run("INSERT INTO log SELECT 4, time, '', '', '', '', 0, '', '', zeroblob(32) FROM log LIMIT 1")
        inside.app.parts.log.heads.follow(4, bytes(32))  # type: ignore[attr-defined]
        storage.roll_back(sqlite3.OperationalError("no"))

    inside._loop.run_until_complete(undone())
    noted(inside)
    inside.view("social_worker", PLAIN)
    noted(inside)
    lines = heads_of(inside.database).read_text().splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["3", "4"]
    assert verify(inside.database) == Checked(4, 2, None)


def test_a_line_that_was_cut_short_says_nothing(inside: Inside, database: Path) -> None:
    """The process ended while it was written; a line of nonsense is refused."""
    noted(inside)
    file = heads_of(database)
    file.write_text(f"{file.read_text()}999 abc")
    assert verify(database).broken is None
    file.write_text("nonsense\n")
    with pytest.raises(RegistryError, match="cannot be read"):
        verify(database)


def test_a_full_disk_spoils_no_line_that_comes_after(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fitted of a line is taken away again, and the next one stands whole."""
    write = os.write
    for fits in (9, None):
        inside.view("social_worker", PLAIN)
        monkeypatch.setattr(os, "write", lambda file, line, fits=fits: write(file, line[:fits]))
        noted(inside)
    assert verify(inside.database) == Checked(4, 1, None)


def test_a_database_that_cannot_be_opened_is_not_called_foreign(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told to remove a log that only cannot be read where it lies."""

    def refuse(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorname = "SQLITE_CANTOPEN"
        raise error

    monkeypatch.setattr(sqlite3, "connect", refuse)
    with pytest.raises(RegistryError, match="cannot be read: unable to open") as refused:
        verify(database)
    assert "remove" not in refused.value.remedy
    with pytest.raises(RegistryError, match="is not a file"):
        verify(tmp_path)


def test_the_operator_is_told_by_a_command(database: Path) -> None:
    """Exit code 0 and the number of rows; 1 and the first broken row; 2 where there is no log."""
    runner = CliRunner()
    done = runner.invoke(overreach, ["log", str(database)], standalone_mode=False)
    assert done.return_value == 0
    assert done.output == f"{ROWS} rows, chain intact; no heads file: a missing end would not show\n"
    changed(database, "DELETE FROM log WHERE sequence = 4")
    done = runner.invoke(overreach, ["log", str(database)], standalone_mode=False)
    assert done.return_value == 1
    assert done.output == "row 4: it is missing; 3 rows before it are intact\n"
    done = runner.invoke(overreach, ["log", str(database), "--json"], standalone_mode=False)
    assert json.loads(done.output)["broken"] == {"sequence": 4, "why": "it is missing"}
    done = runner.invoke(overreach, ["log", str(database.with_name("none"))], standalone_mode=False)
    assert "there is no database" in str(done.exception)


def test_a_log_of_another_form_is_refused(tmp_path: Path) -> None:
    """Nothing is said to be intact that could not be read."""
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection:
        connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
        connection.execute("INSERT INTO meta VALUES ('digest', 'x')")
        connection.commit()
    with pytest.raises(RegistryError, match="cannot be read"):
        verify(tmp_path / "old.sqlite")
