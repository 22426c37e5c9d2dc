"""Suspended accounts: who suspended whom and why, and who lifted it (R19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.storage import Storage


class Suspensions(Protocol):
    """The port; knows no rule but that whoever suspended does not lift."""

    def suspend(self, user: int, officer: int, ground: str, now: datetime) -> None:
        """Suspend an account from now on; a second officer may do so beside the first."""

    def lift(self, user: int, officer: int, reason: str, now: datetime) -> bool:
        """Lift whatever suspensions an account has; False, and nothing is lifted, where one is this officer's own."""


@dataclass(frozen=True, slots=True)
class StoredSuspensions:
    """Suspensions in the database."""

    storage: Storage

    def suspend(self, user: int, officer: int, ground: str, now: datetime) -> None:
        """Suspend an account from now on; a second officer may do so beside the first."""
        self.storage.run(
            "INSERT INTO suspensions (user, officer, ground, time) VALUES (?, ?, ?, ?)",
            (user, officer, ground, stamp(now)),
        )
        self.storage.run("UPDATE users SET suspended = 1 WHERE user = ?", (user,))

    def lift(self, user: int, officer: int, reason: str, now: datetime) -> bool:
        """Lift whatever suspensions an account has; False, and nothing is lifted, where one is this officer's own."""
        own = "SELECT 1 FROM suspensions WHERE user = ? AND officer = ? AND lifted_at IS NULL"
        if self.storage.run(own, (user, officer)).fetchone() is not None:
            return False
        self.storage.run(
            """UPDATE suspensions SET lifted_by = ?, lifted_for = ?, lifted_at = ?
            WHERE user = ? AND lifted_at IS NULL""",
            (officer, reason, stamp(now), user),
        )
        self.storage.run("UPDATE users SET suspended = 0 WHERE user = ?", (user,))
        return True
