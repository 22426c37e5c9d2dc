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
USE_NOTED_AFTER = timedelta(seconds=10)  # so that a busy session does not cost a write a request
OVERRIDE_LIFE = timedelta(minutes=10)

# A user, who employs and manages it, and its session, where it has one. An unknown employer is not accredited.
SELECT_USER = """SELECT u.user, u.username, u.role, u.national, u.areas, u.vetted_on, u.trained,
  u.agreed, u.suspended, u.accredited, u.leaves_on, coalesce(o.accredited, 0),
  u.organisation, u.manager, s.session, s.used
FROM users u LEFT JOIN sessions s ON s.user = u.user LEFT JOIN organisations o ON o.organisation = u.organisation"""
_BY_TOKEN = f"{SELECT_USER} WHERE s.token = ? AND s.ends > ?"
_BY_NAME = f"{SELECT_USER} WHERE u.username = ?"
_CLAIMS = """SELECT
  (SELECT reason FROM declared WHERE session = :session AND number = :number),
  (SELECT reason FROM overrides WHERE session = :session AND number = :number AND ends > :now)"""


class Session(NamedTuple):
    """A live session and its user."""

    session: int
    user: User
    used: datetime
    """When it was last used, as of before this request; up to `USE_NOTED_AFTER` earlier than the truth."""


_BEGUN = (
    "DELETE FROM mediations WHERE caller = ?",
    "DELETE FROM unshields WHERE user = ?",
    "DELETE FROM merges WHERE user = ?",
    "DELETE FROM export_approvals WHERE user = ? AND export IN (SELECT export FROM exports WHERE taken IS NULL)",
)


class Sessions(Protocol):
    """The port; all state lies in the database."""

    async def find(self, token: str, now: datetime) -> Session | None:
        """The live session of a token."""

    def start(self, user: int, now: datetime) -> str:
        """End the user's other session, begin one, and return its token."""

    def end(self, session: Session) -> None:
        """End a session and all that hangs on it."""

    def touch(self, session: Session, now: datetime) -> None:
        """Note that a session is used."""

    def last_used(self, user: int, now: datetime) -> datetime | None:
        """When the live session of a user was last used; None without one."""

    def dismiss(self, user: int) -> None:
        """End whatever session a user has, and what it asked for with others and is not done (R4, R10, R19, R20)."""

    def strip(self, user: int) -> None:
        """Take from a user's session what it was given, has declared, overridden and begun with others (R7, R10)."""

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
        row = self.storage.run(_BY_TOKEN, (digest_of(token), stamp(now))).fetchone()
        return None if row is None else Session(row[-2], user_of(row), datetime.fromisoformat(row[-1]))

    def start(self, user: int, now: datetime) -> str:
        """End the user's other session, begin one, and return its token."""
        for session in self._sessions(user):
            self._forget(session)
        token = secrets.token_urlsafe(32)
        self.storage.run(
            "INSERT INTO sessions (token, user, ends, used) VALUES (?, ?, ?, ?)",
            (digest_of(token), user, stamp(now + LIFE), stamp(now)),
        )
        return token

    def end(self, session: Session) -> None:
        """End a session and all that hangs on it."""
        self._forget(session.session)

    def touch(self, session: Session, now: datetime) -> None:
        """Note that a session is used."""
        if now - session.used >= USE_NOTED_AFTER:
            self.storage.run("UPDATE sessions SET used = ? WHERE session = ?", (stamp(now), session.session))

    def last_used(self, user: int, now: datetime) -> datetime | None:
        """When the live session of a user was last used; None without one."""
        statement = "SELECT used FROM sessions WHERE user = ? AND ends > ?"
        row = self.storage.run(statement, (user, stamp(now))).fetchone()
        return None if row is None else datetime.fromisoformat(row[0])

    def dismiss(self, user: int) -> None:
        """End whatever session a user has, and what it asked for with others and is not done (R4, R10, R19, R20)."""
        self._withdraw(user)
        for session in self._sessions(user):
            self._forget(session)

    def strip(self, user: int) -> None:
        """Take from a user's session what it was given, has declared, overridden and begun with others (R7, R10)."""
        self._withdraw(user)
        for session in self._sessions(user):
            self._empty(session)

    def _withdraw(self, user: int) -> None:
        """What somebody began while in a post does not count once the post, or the account, is gone (R10, R19)."""
        for statement in _BEGUN:
            self.storage.run(statement, (user,))

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

    def _sessions(self, user: int) -> list[int]:
        rows = self.storage.run("SELECT session FROM sessions WHERE user = ?", (user,))
        return [session for (session,) in rows.fetchall()]

    def _forget(self, session: int) -> None:
        self.storage.run("DELETE FROM sessions WHERE session = ?", (session,))
        self.storage.run("DELETE FROM desks WHERE session = ?", (session,))
        self._empty(session)

    def _empty(self, session: int) -> None:
        for statement in (
            "DELETE FROM given WHERE session = ?",
            "DELETE FROM declared WHERE session = ?",
            "DELETE FROM overrides WHERE session = ?",
            "DELETE FROM mediations WHERE session = ?",
        ):
            self.storage.run(statement, (session,))


def user_named(storage: Storage, username: str) -> User | None:
    """The user of that name, whatever the state of the account."""
    row = storage.run(_BY_NAME, (username,)).fetchone()
    return None if row is None else user_of(row)


def user_of(row: Sequence[object]) -> User:
    """The user of a row of `SELECT_USER`."""
    user, username, role, national, areas, vetted, trained, agreed, suspended, accredited, leaves, employer = row[:12]
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
        employer_accredited=bool(employer),
    )


def digest_of(token: str) -> bytes:
    """What the database keeps of a token: nobody who reads it there can use it."""
    return hashlib.sha256(token.encode()).digest()
