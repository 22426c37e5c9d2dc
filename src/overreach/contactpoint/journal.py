"""The log of every request (R9) and the alerts (R13, R19), in the request's own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import orjson

from overreach.contactpoint.chain import Heads, link
from overreach.contactpoint.clock import stamp
from overreach.contactpoint.storage import Storage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANSWER_WITHIN = {"override": HOUR}
"""Kind of alert -> how soon somebody must answer it; any other within a day (both are our recommendation)."""

_LAST = "SELECT sequence, hash FROM log ORDER BY sequence DESC LIMIT 1"
_INSERT = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# Areas of a user are kept as numbers with blanks between them.
_OWN = """WITH own AS (SELECT username FROM users WHERE NOT national AND EXISTS (
  SELECT 1 FROM json_each(:areas) WHERE instr(' ' || users.areas || ' ', ' ' || value || ' ')))
"""
_READ = """SELECT sequence, time, user, operation, query, results, status, request_id, on_behalf_of, hash
FROM log WHERE sequence > :after AND (:areas IS NULL OR user IN (SELECT username FROM own))
ORDER BY sequence LIMIT :limit"""
_ALERTS = """SELECT a.sequence, a.time, a.kind, a.user, a.child, a.request_id, n.username, n.finding
FROM alerts a LEFT JOIN alert_answers n ON n.alert = a.sequence
WHERE a.sequence > :after AND (:areas IS NULL OR a.child = '' OR a.user IN (SELECT username FROM own) OR a.child IN (
  SELECT number FROM children WHERE responsible IN (SELECT value FROM json_each(:areas))))
ORDER BY a.sequence LIMIT :limit"""


class Entry(NamedTuple):
    """One request."""

    user: str
    """Username of the session; empty without one."""
    operation: str
    query: Mapping[str, Any]
    """What was asked; never a password, a code or a token."""
    results: Sequence[str]
    """The record numbers answered."""
    status: int
    request_id: str
    on_behalf_of: str = ""
    """Username of the one for whom the user asked; empty where nobody else is (R20)."""


class Row(NamedTuple):
    """One request as it stands in the log."""

    sequence: int
    time: str
    entry: Entry
    hash: str
    """Digest of this row and all before it, in hexadecimal."""


class Alert(NamedTuple):
    """Something to investigate at once."""

    kind: str
    user: str
    child: str
    """Its record number; empty where it is about no single record."""
    request_id: str


class Log(Protocol):
    """The port."""

    def write(self, entry: Entry, now: datetime) -> None:
        """Add a row; sqlite3.Error leaves, and then nothing may be answered."""

    def read(self, after: int, limit: int, areas: frozenset[int] | None = None) -> list[Row]:
        """Rows with a sequence above `after`, in order; with `areas` those of their users only."""


class Alerts(Protocol):
    """The port."""

    def sound(self, alert: Alert, now: datetime) -> None:
        """Raise an alert; sqlite3.Error leaves, and then nothing may be answered."""

    def read(self, after: int, limit: int, areas: frozenset[int] | None = None) -> list[dict[str, Any]]:
        """Alerts with a sequence above `after`, in order; with `areas` those about a child of others' are left out."""


@dataclass(frozen=True, slots=True)
class StoredLog:
    """The log in the database."""

    storage: Storage
    genesis: bytes
    """What the first row continues."""
    heads: Heads

    def write(self, entry: Entry, now: datetime) -> None:
        """Add a row; sqlite3.Error leaves, and then nothing may be answered."""
        # Read anew each time: a restored database goes on from where it was.
        sequence, before = self.storage.run(_LAST).fetchone() or (0, self.genesis)
        row = (
            sequence + 1,
            stamp(now),
            entry.user,
            entry.operation,
            orjson.dumps(entry.query).decode(),
            orjson.dumps(entry.results).decode(),
            entry.status,
            entry.request_id,
            entry.on_behalf_of,
        )
        digest = link(before, row)
        self.storage.run(_INSERT, (*row, digest))
        self.heads.follow(sequence + 1, digest)

    def read(self, after: int, limit: int, areas: frozenset[int] | None = None) -> list[Row]:
        """Rows with a sequence above `after`, in order; with `areas` those of their users only."""
        found = self.storage.run(_OWN + _READ, _window(after, limit, areas)).fetchall()
        return [
            Row(sequence, time, Entry(user, operation, orjson.loads(query), orjson.loads(results), *rest), digest.hex())
            for sequence, time, user, operation, query, results, *rest, digest in found
        ]


@dataclass(frozen=True, slots=True)
class StoredAlerts:
    """The alerts in the database."""

    storage: Storage

    def sound(self, alert: Alert, now: datetime) -> None:
        """Raise an alert; sqlite3.Error leaves, and then nothing may be answered."""
        self.storage.run(
            "INSERT INTO alerts (time, kind, user, child, request_id) VALUES (?, ?, ?, ?, ?)",
            (stamp(now), *alert),
        )

    def read(self, after: int, limit: int, areas: frozenset[int] | None = None) -> list[dict[str, Any]]:
        """Alerts with a sequence above `after`, in order; with `areas` those about a child of others' are left out."""
        rows = self.storage.run(_OWN + _ALERTS, _window(after, limit, areas)).fetchall()
        return [
            {
                "sequence": sequence,
                "time": time,
                "kind": kind,
                "user": user,
                "child": child,
                "request_id": request_id,
                "state": "open" if answered_by is None else "answered",
                "due": due(kind, time),
                "answered_by": answered_by,
                "finding": finding,
            }
            for sequence, time, kind, user, child, request_id, answered_by, finding in rows
        ]


def due(kind: str, time: str) -> str:
    """When somebody must have answered an alert of a kind that was raised at a time."""
    return stamp(datetime.fromisoformat(time) + ANSWER_WITHIN.get(kind, DAY))


def _window(after: int, limit: int, areas: frozenset[int] | None) -> dict[str, object]:
    own = None if areas is None else orjson.dumps(sorted(areas)).decode()
    return {"after": after, "limit": limit, "areas": own}
