"""From a population folder to a database of the registry."""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from overreach.contactpoint import schema
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.folder import Folder
from overreach.contactpoint.schema import key
from overreach.contactpoint.shields import CONFIRMED, half_year_after

_INSERT = {
    "authorities": "INSERT INTO authorities VALUES (?, ?)",
    "users": "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "organisations": "INSERT INTO organisations VALUES (?, ?, ?, ?)",
    "addresses": "INSERT INTO addresses VALUES (?, ?, ?, ?, ?, ?, ?)",
    "schools": "INSERT INTO schools VALUES (?, ?, ?)",
    "practices": "INSERT INTO practices VALUES (?, ?, ?, ?)",
    "children": (
        "INSERT INTO children VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    "former_addresses": "INSERT INTO former_addresses VALUES (?, ?, ?, ?)",
    "user_names": "INSERT INTO user_names VALUES (?, ?)",
    "former_names": "INSERT INTO former_names VALUES (?, ?, ?, ?, ?)",
    "carers": "INSERT INTO carers VALUES (?, ?, ?, ?, ?, ?, ?)",
    "child_carers": "INSERT INTO child_carers VALUES (?, ?, ?)",
    "services": "INSERT INTO services (child, kind, provider, phone, sensitive, since) VALUES (?, ?, ?, ?, ?, ?)",
    "shield_standing": "INSERT INTO shield_standing VALUES (?, ?, ?, ?, 0)",
    "involvements": "INSERT OR IGNORE INTO involvements VALUES (?, ?)",
}


_BATCH = 10_000  # rows
_INDEX_SHARE = 4  # the indexes take about a quarter of the time
Progress = Callable[[int, int], None]


def load(folder: Folder, database: Path, secret_mark: str, progress: Progress) -> None:
    """Write a new database, whole or not at all; `secret_mark` ties it to the run's secret.

    `progress` is told how much is done, of how much: about the number of rows.
    """
    partial = database.with_name(f"{database.name}.loading")
    partial.unlink(missing_ok=True)
    try:
        partial.touch(mode=0o600)  # its owner's only, as are SQLite's files beside it
        with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
            _write(folder, connection, secret_mark, progress)
        partial.replace(database)
    except sqlite3.Error as error:
        message = f"population `{folder.path}` cannot be loaded into `{database}`: {error}"
        raise RegistryError(message, _remedy(error)) from error
    finally:
        partial.unlink(missing_ok=True)


def _write(folder: Folder, connection: sqlite3.Connection, secret_mark: str, progress: Progress) -> None:
    # Until the last step the file is nobody's database: speed counts, a crash loses nothing.
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    connection.executescript(schema.REFERENCE + schema.STATE)
    rows = sum(folder.counts.get(table, 0) for table in _INSERT)
    done, total = 0, rows * _INDEX_SHARE // (_INDEX_SHARE - 1)
    connection.execute("BEGIN")
    for table, content in _tables(folder):
        rest = iter(content)
        while batch := tuple(islice(rest, _BATCH)):
            connection.executemany(_INSERT[table], batch)
            done += len(batch)
            # A table may be made of another one: the population does not count its rows.
            progress(min(done, rows), total)
    facts = {
        "digest": folder.digest,
        "as_of": folder.as_of.isoformat(),
        "loaded": repr(time.time()),
        "secret": secret_mark,
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
    connection.execute("COMMIT")
    steps = list(_statements(schema.INDEXES))
    for number, statement in enumerate(steps, 1):
        connection.execute(statement)
        progress(rows + (total - rows) * number // len(steps), total)


def _statements(script: str) -> Iterable[str]:
    """The statements of a script, one by one."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if part.strip() and sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _remedy(error: sqlite3.Error) -> str:
    # A file that may not grow is an error of writing to SQLite, not a full disk.
    if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return "make room on that disk, or give another database"
    return "generate the population again, or give another database"


def _tables(folder: Folder) -> Iterable[tuple[str, Iterable[Sequence[Any]]]]:
    yield "authorities", zip(*folder.rows("authorities", ["authority", "name"]), strict=True)
    yield (
        "organisations",
        zip(*folder.rows("organisations", ["organisation", "name", "authority", "accredited"]), strict=True),
    )
    yield "users", _users(folder)
    yield "addresses", _addresses(folder)
    yield (
        "schools",
        ((row, name, key(name)) for row, name in zip(*folder.rows("schools", ["school", "name"]), strict=True)),
    )
    practices = zip(*folder.rows("practices", ["practice", "name", "phone"]), strict=True)
    yield "practices", ((row, name, phone, key(name)) for row, name, phone in practices)
    yield "children", _children(folder)
    former = zip(*folder.rows("former_names", ["child", "given_name", "family_name", "until"]), strict=True)
    yield (
        "former_names",
        ((child, given, family, _day(until), _key(family)) for child, given, family, until in former),
    )
    yield "carers", _carers(folder)
    yield "child_carers", zip(*folder.rows("child_carers", ["child", "carer", "relation"]), strict=True)
    yield "shield_standing", _standing(folder)
    services = zip(*folder.rows("services", ["child", "kind", "provider", "phone", "sensitive", "since"]), strict=True)
    yield "services", ((*row, _day(since)) for *row, since in services)
    places = zip(*folder.rows("former_addresses", ["child", "address", "since", "until"]), strict=True)
    yield "former_addresses", ((child, address, _day(since), _day(until)) for child, address, since, until in places)
    names = zip(*folder.rows("users", ["user", "given_name", "family_name"]), strict=True)
    yield "user_names", ((user, f"{given} {family}") for user, given, family in names)
    yield "involvements", zip(*folder.rows("involvements", ["user", "child"]), strict=True)


def _users(folder: Folder) -> Iterable[Sequence[Any]]:
    areas = defaultdict(list)
    for user, authority in zip(*folder.rows("user_areas", ["user", "authority"]), strict=True):
        areas[user].append(str(authority))
    columns = ["user", "username", "role", "national", "vetted_on", "trained", "agreed", "suspended"]
    columns += ["accredited", "leaves_on", "family_name", "organisation", "manager", "address"]
    for row in zip(*folder.rows("users", columns), strict=True):
        user, username, role, national, vetted, trained, agreed, suspended, accredited, leaves, *rest = row
        # A national user has every area: the flag says it, and no list is needed.
        own = "" if national else " ".join(areas[user])
        yield (
            *(user, username, role, national, own, _day(vetted)),
            *(trained, agreed, suspended, accredited, _day(leaves), *rest),
        )


def _addresses(folder: Folder) -> Iterable[Sequence[Any]]:
    columns = ["address", "house", "street", "locality", "postcode"]
    for row in zip(*folder.rows("addresses", columns), strict=True):
        yield *row, _key(row[1]), _key(row[4])


def _children(folder: Folder) -> Iterable[Sequence[Any]]:
    columns = [
        "child",
        "number",
        "given_name",
        "middle_name",
        "family_name",
        "gender",
        "date_of_birth",
        "address",
    ]
    columns += ["school", "practice", "responsible", "shielded", "shielded_since", "contacts_protected"]
    columns += ["archive_year", "caf_holder", "lead_professional", "updated"]
    further = ["address_since", "whereabouts_statement", "school_since"]
    further += ["caf_holder_phone", "caf_holder_user", "lead_professional_phone", "lead_professional_user"]
    rows = zip(*folder.rows("children", columns), strict=True)
    more = zip(*folder.rows("children", further), strict=True)
    for row, (address_since, statement, school_since, *holders) in zip(rows, more, strict=True):
        *before, since, protected, year, holder, lead, updated = row
        before[6] = _day(before[6])
        yield (
            *(*before, _day(since), protected, year, holder, lead, _day(updated), key(row[2]), key(row[4])),
            *(_day(address_since), statement, _day(school_since), *holders),
        )


def _standing(folder: Folder) -> Iterable[Sequence[Any]]:
    columns = ["child", "shielded", "shielded_since"]
    for child, shielded, since in zip(*folder.rows("children", columns), strict=True):
        if shielded:
            began = since or folder.as_of
            yield child, CONFIRMED, began.isoformat(), half_year_after(began).isoformat()


def _carers(folder: Folder) -> Iterable[Sequence[Any]]:
    columns = ["carer", "given_name", "family_name", "phone", "email"]
    for carer, given, family, phone, email in zip(*folder.rows("carers", columns), strict=True):
        name = f"{given} {family}"
        yield carer, name, phone, email, key(name), _key(phone), _key(email)


def _key(text: str | None) -> str | None:
    return None if text is None else key(text)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
