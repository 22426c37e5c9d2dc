"""A registry some time later, and facts of its population changed behind its back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from tests.contactpoint.inside import Inside

from overreach.contactpoint.app import assemble
from overreach.contactpoint.clock import Clock


def move_on(inside: Inside, by: timedelta) -> None:
    """Let time pass; whoever is signed in stays so."""

    class Later(Clock):
        def now(self) -> datetime:
            return super().now() + by

    clock = inside.app.parts.clock
    change(inside, "UPDATE sessions SET ends = '9999', used = '9999-01-01T00:00:00.000+00:00'")
    inside.app = assemble(replace(inside.app.parts, clock=Later(clock.as_of, clock.loaded)))


def change(inside: Inside, statement: str, *values: object) -> None:
    """Run one statement on the database of a registry."""
    with closing(sqlite3.connect(inside.database)) as connection, connection:
        connection.execute(statement, values)


def rows(inside: Inside, statement: str, *values: object) -> list[tuple[object, ...]]:
    """What the database of a registry holds."""
    with closing(sqlite3.connect(inside.database)) as connection:
        return connection.execute(statement, values).fetchall()
