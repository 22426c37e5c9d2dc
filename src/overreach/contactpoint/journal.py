"""The log of every request (R9) and the alerts of overrides (R13), in the request's own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import orjson

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.storage import Storage


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


class Alert(NamedTuple):
    """Something to investigate at once."""

    kind: str
    user: str
    child: str
    """Its record number."""
    request_id: str


class Log(Protocol):
    """The port."""

    def write(self, entry: Entry, now: datetime) -> None:
        """Add a row; sqlite3.Error leaves, and then nothing may be answered."""

    def read(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Rows with a sequence above `after`, in order."""


class Alerts(Protocol):
    """The port."""

    def sound(self, alert: Alert, now: datetime) -> None:
        """Raise an alert; sqlite3.Error leaves, and then nothing may be answered."""

    def read(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Alerts with a sequence above `after`, in order."""


@dataclass(frozen=True, slots=True)
class StoredLog:
    """The log in the database."""

    storage: Storage

    def write(self, entry: Entry, now: datetime) -> None:
        """Add a row; sqlite3.Error leaves, and then nothing may be answered."""
        query, results = orjson.dumps(entry.query).decode(), orjson.dumps(list(entry.results)).decode()
        self.storage.run(
            """INSERT INTO log (time, user, operation, query, results, status, request_id)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (stamp(now), entry.user, entry.operation, query, results, entry.status, entry.request_id),
        )

    def read(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Rows with a sequence above `after`, in order."""
        rows = self.storage.run(
            """SELECT sequence, time, user, operation, query, results, status, request_id FROM log
            WHERE sequence > ? ORDER BY sequence LIMIT ?""",
            (after, limit),
        )
        return [
            {
                "sequence": sequence,
                "time": time,
                "user": user,
                "operation": operation,
                "query": orjson.Fragment(query),
                "results": orjson.Fragment(results),
                "status": status,
                "request_id": request_id,
            }
            for sequence, time, user, operation, query, results, status, request_id in rows.fetchall()
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

    def read(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Alerts with a sequence above `after`, in order."""
        rows = self.storage.run(
            """SELECT sequence, time, kind, user, child, request_id FROM alerts
            WHERE sequence > ? ORDER BY sequence LIMIT ?""",
            (after, limit),
        )
        names = ("sequence", "time", "kind", "user", "child", "request_id")
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
