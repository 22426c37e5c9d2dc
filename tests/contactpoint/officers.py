"""What officers ask of a registry about shields and records, in few words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.contactpoint.inside import Got, Inside
from tests.contactpoint.tables import AS_OF, number_of

from overreach.contactpoint.app import assemble
from overreach.contactpoint.clock import Clock

TEAM, SECOND, TEAM_THERE, MANAGER = "management_team", "management_team_second", "management_team_there", "data_manager"
WORKER, BREAKER = "social_worker", "child_protection_worker"
LIFTING: dict[str, object] = {"reason": "the threat has ended", "child_view": "agrees", "review_on": "2009-11-18"}
HALF = {"given_name": "Zoe", "family_name": "Second", "gender": "female", "date_of_birth": "2001-03-04"}


def post(inside: Inside, username: str, number: int | str, verb: str, **body: object) -> Got:
    """One operation on a record, given by row or by number; without members it has no body."""
    path = f"/children/{number if isinstance(number, str) else number_of(number)}/{verb}"
    return inside.by(username, "POST", path, body or None)


def shield(inside: Inside, child: int, *threats: str, username: str = TEAM) -> int:
    """Shield a record."""
    return post(inside, username, child, "shield", ground="threat", threat=list(threats)).status


def unshield(inside: Inside, username: str, child: int) -> int:
    """Ask for a shield to be lifted."""
    return post(inside, username, child, "unshield", **LIFTING).status


def request(inside: Inside, username: str, child: int) -> Got:
    """Request a shield."""
    return post(inside, username, child, "shield-requests", ground="SDV")


def decide(inside: Inside, username: str, child: int, decision: str) -> int:
    """Decide on a requested shield."""
    body = {"decision": decision, "ground": "SDV", "reason": "as assessed"}
    return post(inside, username, child, "shield-decisions", **body).status


def merge(inside: Inside, child: int, survivor: int, *usernames: str) -> list[int]:
    """Ask for a merge, each user in turn."""
    return [
        post(inside, each, child, "merge", into=number_of(survivor)).status for each in usernames or (MANAGER, TEAM)
    ]


def move(inside: Inside, child: int) -> list[int]:
    """Move a record from one authority to the other."""
    offered = post(inside, TEAM, child, "move", to="Therewich").status
    return [offered, post(inside, TEAM_THERE, child, "move/accept").status]


def shown(inside: Inside, username: str, child: int) -> bool:
    """Whether a view, with a reason, shows where a child lives."""
    return "address" in inside.view(username, child).json


def has_contacts(inside: Inside, username: str, child: int) -> bool:
    """Whether a view shows how to reach a child's first carer."""
    return "email" in inside.view(username, child).json["carers"][0]


def alerts(inside: Inside, kind: str) -> list[dict[str, Any]]:
    """The alerts of a kind, as the central team reads them."""
    rows = inside.by("central_team", "GET", "/alerts").json["alerts"]
    return [row for row in rows if row["kind"] == kind]


def at_day(inside: Inside, days: int) -> None:
    """Let the registry's time begin so many days later, with everybody still signed in."""
    with closing(sqlite3.connect(inside.database)) as connection, connection:
        connection.execute("UPDATE sessions SET ends = '2999', used = '2999-01-01T00:00:00.000+00:00'")
    clock = Clock(AS_OF + timedelta(days=days), inside.app.parts.clock.loaded)
    inside.app = assemble(replace(inside.app.parts, clock=clock))


def overdue(inside: Inside, child: int) -> None:
    """Let the review of a record's shield have been due a month ago."""
    with closing(sqlite3.connect(inside.database)) as connection, connection:
        due = (AS_OF - timedelta(days=30)).isoformat()
        connection.execute("UPDATE shield_standing SET review_on = ? WHERE child = ?", (due, child))


def rows(inside: Inside, statement: str, *values: object) -> list[Any]:
    """What lies in the database."""
    with closing(sqlite3.connect(inside.database)) as connection:
        return connection.execute(statement, values).fetchall()
