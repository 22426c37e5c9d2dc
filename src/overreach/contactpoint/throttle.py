"""Throttling: how many records a user may ask for (R7; the figures are a modelling choice).

Two counts in fixed spans of registry time: reads that found nothing or were refused, by the minute, against
walking through numbers and names; all reads, by the hour, against carrying the registry away. One row a user.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.storage import Storage

MINUTE, HOUR = 60, 3600  # seconds

_COUNT = """INSERT INTO throttle VALUES (:user, :minute, :missed, :hour, 1, -1, -1)
ON CONFLICT (user) DO UPDATE SET
  misses = CASE WHEN minute = :minute THEN misses ELSE 0 END + :missed, minute = :minute,
  reads = CASE WHEN hour = :hour THEN reads ELSE 0 END + 1, hour = :hour"""
_STATE = "SELECT minute, misses, hour, reads, enumeration_told, volume_told FROM throttle WHERE user = ?"
_TOLD = {
    "enumeration": "UPDATE throttle SET enumeration_told = ? WHERE user = ?",
    "volume": "UPDATE throttle SET volume_told = ? WHERE user = ?",
}

_RAISED = """SELECT 1 FROM alerts a JOIN users u ON u.username = a.user
WHERE u.user = ? AND a.kind = ? AND a.time > ?"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is not too much."""

    misses: int = 60
    """Reads a minute that find nothing or are refused."""
    reads: int = 2000
    """Reads an hour."""


USUAL = Limits()


class Refusal(NamedTuple):
    """Why a user has to wait."""

    kind: str
    """Of the alert: `enumeration` or `volume`."""
    seconds: int
    first: bool
    """Whether it is the first of its kind in this hour: then an alert is due."""


class Throttle(Protocol):
    """The port; all state lies in the database."""

    def refuses(self, user: int, now: datetime) -> Refusal | None:
        """Whether this user has to wait; whoever is refused is not counted."""

    def count(self, user: int, now: datetime, *, missed: bool) -> None:
        """Count one read."""


@dataclass(frozen=True, slots=True)
class NoThrottle:
    """Everybody may ask as much as they like."""

    def refuses(self, user: int, now: datetime) -> Refusal | None:
        """Nobody has to wait."""
        del user, now
        return None

    def count(self, user: int, now: datetime, *, missed: bool) -> None:
        """Nothing is counted."""


@dataclass(frozen=True, slots=True)
class StoredThrottle:
    """Counts in the database."""

    storage: Storage
    limits: Limits

    def refuses(self, user: int, now: datetime) -> Refusal | None:
        """Whether this user has to wait; whoever is refused is not counted."""
        row = self.storage.run(_STATE, (user,)).fetchone()
        if row is None:
            return None
        minute, misses, hour, reads, enumeration_told, volume_told = row
        this_minute, this_hour = _spans(now)
        if hour == this_hour and reads >= self.limits.reads:
            return self._refusal("volume", user, now, HOUR, volume_told)
        if minute == this_minute and misses >= self.limits.misses:
            return self._refusal("enumeration", user, now, MINUTE, enumeration_told)
        return None

    def count(self, user: int, now: datetime, *, missed: bool) -> None:
        """Count one read."""
        minute, hour = _spans(now)
        self.storage.run(_COUNT, {"user": user, "minute": minute, "hour": hour, "missed": missed})

    def _refusal(self, kind: str, user: int, now: datetime, span: int, told: int) -> Refusal:
        this_hour = _spans(now)[1]
        first = told != this_hour
        if first:
            self.storage.run(_TOLD[kind], (this_hour, user))
            # The watch, which counts for itself, may have told of it already.
            since = stamp(now - timedelta(seconds=HOUR))
            first = self.storage.run(_RAISED, (user, kind, since)).fetchone() is None
        return Refusal(kind, span - int(now.timestamp()) % span, first)


def _spans(now: datetime) -> tuple[int, int]:
    second = int(now.timestamp())
    return second // MINUTE, second // HOUR
