"""Sessions: who is signed in, and what a session was given, has declared and has overridden.

One live session a user. A token is kept as its SHA-256 only.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.facts import Claims, User
from overreach.contactpoint.storage import Storage

LIFE = timedelta(hours=8)
OVERRIDE_LIFE = timedelta(minutes=10)

_USER = """SELECT s.session, u.user, u.username, u.role, u.national, u.areas, u.vetted_on, u.trained,
  u.agreed, u.suspended, u.accredited, u.leaves_on
FROM users u LEFT JOIN sessions s ON s.user = u.user"""
_BY_TOKEN = f"{_USER} WHERE s.token = ? AND s.ends > ?"
_BY_NAME = f"{_USER} WHERE u.username = ?"
_CLAIMS = """SELECT
  (SELECT reason FROM declared WHERE session = :session AND number = :number),
  (SELECT reason FROM overrides WHERE session = :session AND number = :number AND ends > :now)"""


class Session(NamedTuple):
    """A live session and its user."""

    session: int
    user: User


class Sessions(Protocol):
    """The port; all state lies in the database."""

    async def find(self, token: str, now: datetime) -> Session | None:
        """The live session of a token."""

    def start(self, user: int, now: datetime) -> str:
        """End the user's other session, begin one, and return its token."""

    def end(self, session: Session) -> None:
        """End a session and all that hangs on it."""

    def give(self, session: Session, numbers: Sequence[str]) -> None:
        """Note the record numbers that this session was given."""

    def was_given(self, session: Session, number: str) -> bool:
        """Whether a search gave this number to this session."""

    def declare(self, session: Session, number: str, reason: str) -> None:
        """Keep a reason for a record, issued or not."""

    def override(self, session: Session, number: str, reason: str, now: datetime) -> None:
        """Open the shield of one record for this session (R13)."""

    def end_override(self, session: Session, number: str) -> None:
        """Close the shield of one record again."""

    def turn_to(self, session: Session, number: str, now: datetime) -> None:
        """End whatever override this session holds on another record, or for too long."""

    def claims(self, session: Session, number: str, reason: str | None, now: datetime) -> Claims:
        """What the session claims for a record; a `reason` stated with the request comes first."""


@dataclass(frozen=True, slots=True)
class StoredSessions:
    """Sessions in the database."""

    storage: Storage

    async def find(self, token: str, now: datetime) -> Session | None:
        """The live session of a token."""
        row = self.storage.run(_BY_TOKEN, (_digest(token), stamp(now))).fetchone()
        return None if row is None else Session(row[0], _user(row[1:]))

    def start(self, user: int, now: datetime) -> str:
        """End the user's other session, begin one, and return its token."""
        for (session,) in self.storage.run("SELECT session FROM sessions WHERE user = ?", (user,)).fetchall():
            self._forget(session)
        token = secrets.token_urlsafe(32)
        self.storage.run(
            "INSERT INTO sessions (token, user, ends) VALUES (?, ?, ?)",
            (_digest(token), user, stamp(now + LIFE)),
        )
        return token

    def end(self, session: Session) -> None:
        """End a session and all that hangs on it."""
        self._forget(session.session)

    def give(self, session: Session, numbers: Sequence[str]) -> None:
        """Note the record numbers that this session was given."""
        rows = [(session.session, number) for number in numbers]
        self.storage.run_many("INSERT OR IGNORE INTO given VALUES (?, ?)", rows)

    def was_given(self, session: Session, number: str) -> bool:
        """Whether a search gave this number to this session."""
        values = (session.session, number)
        return self.storage.run("SELECT 1 FROM given WHERE session = ? AND number = ?", values).fetchone() is not None

    def declare(self, session: Session, number: str, reason: str) -> None:
        """Keep a reason for a record, issued or not."""
        self.storage.run("INSERT OR REPLACE INTO declared VALUES (?, ?, ?)", (session.session, number, reason))

    def override(self, session: Session, number: str, reason: str, now: datetime) -> None:
        """Open the shield of one record for this session (R13)."""
        values = (session.session, number, reason, stamp(now + OVERRIDE_LIFE))
        self.storage.run("INSERT OR REPLACE INTO overrides VALUES (?, ?, ?, ?)", values)

    def end_override(self, session: Session, number: str) -> None:
        """Close the shield of one record again."""
        self.storage.run("DELETE FROM overrides WHERE session = ? AND number = ?", (session.session, number))

    def turn_to(self, session: Session, number: str, now: datetime) -> None:
        """End whatever override this session holds on another record, or for too long."""
        values = (session.session, number, stamp(now))
        self.storage.run("DELETE FROM overrides WHERE session = ? AND (number <> ? OR ends <= ?)", values)

    def claims(self, session: Session, number: str, reason: str | None, now: datetime) -> Claims:
        """What the session claims for a record; a `reason` stated with the request comes first."""
        values = {"session": session.session, "number": number, "now": stamp(now)}
        declared, overridden = self.storage.run(_CLAIMS, values).fetchone()
        return Claims(reason or declared or overridden, overridden is not None)

    def _forget(self, session: int) -> None:
        for statement in (
            "DELETE FROM sessions WHERE session = ?",
            "DELETE FROM given WHERE session = ?",
            "DELETE FROM declared WHERE session = ?",
            "DELETE FROM overrides WHERE session = ?",
        ):
            self.storage.run(statement, (session,))


def user_named(storage: Storage, username: str) -> User | None:
    """The user of that name, whatever the state of the account."""
    row = storage.run(_BY_NAME, (username,)).fetchone()
    return None if row is None else _user(row[1:])


def _user(row: Sequence[object]) -> User:
    user, username, role, national, areas, vetted, trained, agreed, suspended, accredited, leaves = row
    return User(
        user=int(str(user)),
        username=str(username),
        role=str(role),
        national=bool(national),
        areas=frozenset(map(int, str(areas).split())),
        vetted_on=None if vetted is None else date.fromisoformat(str(vetted)),
        trained=bool(trained),
        agreed=bool(agreed),
        suspended=bool(suspended),
        accredited=bool(accredited),
        leaves_on=None if leaves is None else date.fromisoformat(str(leaves)),
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
