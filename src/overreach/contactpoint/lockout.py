"""Lockout: who guesses at an account finds it closed for a while (R6; the figures are a modelling choice).

A name that nobody has counts like any other, in one account of its own: the work of a failure is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.storage import Storage

FAILURES = 5
WITHIN = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
NOBODY = -1  # the row that stands for all names that nobody has

_COUNT = """INSERT INTO failures SELECT :user, :now
WHERE NOT EXISTS (SELECT 1 FROM lockouts WHERE user = :user AND until > :now)"""


class Lockout(Protocol):
    """The port; all state lies in the database."""

    def locked(self, user: int, now: datetime) -> bool:
        """Whether an account is closed to whoever comes."""

    def failed(self, user: int, now: datetime) -> bool:
        """Count a failure; True where this one locks. While an account is locked nothing is counted."""

    def proved(self, user: int) -> None:
        """Forget the failures of somebody who came in."""


@dataclass(frozen=True, slots=True)
class StoredLockout:
    """Lockout in the database."""

    storage: Storage

    def locked(self, user: int, now: datetime) -> bool:
        """Whether an account is closed to whoever comes."""
        statement = "SELECT 1 FROM lockouts WHERE user = ? AND until > ?"
        return self.storage.run(statement, (user, stamp(now))).fetchone() is not None

    def failed(self, user: int, now: datetime) -> bool:
        """Count a failure; True where this one locks. While an account is locked nothing is counted."""
        self.storage.run("DELETE FROM failures WHERE user = ? AND time <= ?", (user, stamp(now - WITHIN)))
        self.storage.run(_COUNT, {"user": user, "now": stamp(now)})
        (count,) = self.storage.run("SELECT count(*) FROM failures WHERE user = ?", (user,)).fetchone()
        if count < FAILURES:
            return False
        self.storage.run("INSERT OR REPLACE INTO lockouts VALUES (?, ?)", (user, stamp(now + LOCKED_FOR)))
        self.proved(user)
        return True

    def proved(self, user: int) -> None:
        """Forget the failures of somebody who came in."""
        self.storage.run("DELETE FROM failures WHERE user = ?", (user,))
