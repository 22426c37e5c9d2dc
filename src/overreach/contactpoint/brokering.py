"""Requests for contact that go through the management team of the responsible authority (R14)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

import orjson

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.facts import User
from overreach.contactpoint.storage import Storage

ID_BYTES = 16
OPEN = "open"

_REQUESTS = """SELECT b.request, b.number, u.username, b.kind, b.reason, b.time, b.state
FROM brokering b JOIN users u ON u.user = b.user"""
_WAITING = """SELECT b.request, b.number, u.username, b.kind, b.reason, b.time, b.state
FROM brokering b JOIN users u ON u.user = b.user JOIN children c ON c.number = b.number
WHERE b.state = 'open' AND (:national OR c.responsible IN (SELECT value FROM json_each(:areas)))
ORDER BY b.sequence LIMIT :most"""
_OF_USER = f"{_REQUESTS} WHERE b.user = ? ORDER BY b.sequence DESC LIMIT ?"
_ONE = f"{_REQUESTS} WHERE b.request = ?"


class Contact(NamedTuple):
    """A request to be put in contact with whoever works with a child."""

    request: str
    number: str
    username: str
    """Of the one who asks."""
    kind: str
    reason: str
    time: str
    state: str
    """`open`, or how it was answered."""


class Brokering(Protocol):
    """The port; knows no rule."""

    def ask(self, number: str, user: int, kind: str, reason: str, now: datetime) -> None:
        """Store a request about the child of a record number."""

    def waiting(self, user: User, most: int) -> list[Contact]:
        """The oldest open requests about children in the areas of a user."""

    def find(self, request: str) -> Contact | None:
        """The request of that id."""

    def answer(self, request: str, user: int, outcome: str, now: datetime) -> None:
        """Close a request."""

    def asked_by(self, user: int, most: int) -> list[Contact]:
        """The latest requests of a user."""


@dataclass(frozen=True, slots=True)
class StoredBrokering:
    """Requests in the database."""

    storage: Storage

    def ask(self, number: str, user: int, kind: str, reason: str, now: datetime) -> None:
        """Store a request about the child of a record number."""
        self.storage.run(
            """INSERT INTO brokering (request, number, user, kind, reason, time, state)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (secrets.token_hex(ID_BYTES), number, user, kind, reason, stamp(now), OPEN),
        )

    def waiting(self, user: User, most: int) -> list[Contact]:
        """The oldest open requests about children in the areas of a user."""
        areas = orjson.dumps(sorted(user.areas)).decode()
        return _contacts(self.storage.run(_WAITING, {"national": user.national, "areas": areas, "most": most}))

    def find(self, request: str) -> Contact | None:
        """The request of that id."""
        return next(iter(_contacts(self.storage.run(_ONE, (request,)))), None)

    def answer(self, request: str, user: int, outcome: str, now: datetime) -> None:
        """Close a request."""
        self.storage.run(
            "UPDATE brokering SET state = ?, answered_by = ?, answered = ? WHERE request = ?",
            (outcome, user, stamp(now), request),
        )

    def asked_by(self, user: int, most: int) -> list[Contact]:
        """The latest requests of a user."""
        return _contacts(self.storage.run(_OF_USER, (user, most)))


def _contacts(rows: Iterable[tuple[str, str, str, str, str, str, str]]) -> list[Contact]:
    return [Contact(*row) for row in rows]
