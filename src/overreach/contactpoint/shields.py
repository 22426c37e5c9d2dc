"""Keeping shields: who asked for one, how it stands, who asked for it to be lifted (R10, R14).

A requested shield holds at once, provisionally, until it is decided. A confirmed one holds until two officers lift
it; its review, due after half a year, never does. What was stated at each step stays in `shield_events`.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.storage import Storage

PROVISIONAL, CONFIRMED, LIFTED = "provisional", "confirmed", "lifted"
_HALF_YEAR = 6  # months
_YEAR = 12

#: A carer of a shielded child leads to it: the contacts are protected on every other record with this carer.
PROTECT = """UPDATE children SET contacts_protected = 1 WHERE child IN (
  SELECT other.child FROM child_carers mine JOIN child_carers other ON other.carer = mine.carer
  WHERE mine.child = :child AND other.child <> :child)"""
_RELEASE = """UPDATE children SET contacts_protected = EXISTS (
  SELECT 1 FROM child_carers mine JOIN child_carers other ON other.carer = mine.carer
    JOIN children shielded ON shielded.child = other.child
  WHERE mine.child = children.child AND other.child <> children.child AND shielded.shielded)
WHERE child IN (
  SELECT other.child FROM child_carers mine JOIN child_carers other ON other.carer = mine.carer
  WHERE mine.child = :child)"""
_STAND = """INSERT INTO shield_standing VALUES (:child, :standing, :since, :review_on, 0)
ON CONFLICT (child) DO UPDATE SET standing = :standing, review_on = :review_on, told = 0,
  since = CASE WHEN shield_standing.standing = 'lifted' THEN :since ELSE shield_standing.since END"""


class Statement(NamedTuple):
    """What somebody states about a shield, and when."""

    user: int
    now: datetime
    ground: str = ""
    reason: str = ""
    child_view: str | None = None
    """What the child says to it, or why the child was not asked."""
    review_on: str | None = None
    """Day on which the lifting is looked at again."""
    threats: tuple[int, ...] = ()
    """Users who are a threat to the child."""


class Shields(Protocol):
    """The port."""

    def request(self, child: int, said: Statement) -> None:
        """Shield a record provisionally, at once; one that is shielded stays as it is."""

    def shield(self, child: int, said: Statement) -> None:
        """Shield a record, or confirm its shield; whoever asked before to lift it must ask again."""

    def requesters(self, child: int) -> frozenset[int] | None:
        """Who requested the provisional shield of a record; None where there is nothing to decide."""

    def unshield(self, child: int, said: Statement) -> bool:
        """Ask to lift a shield; True where another officer had asked before, and it is lifted now."""


@dataclass(frozen=True, slots=True)
class StoredShields:
    """Shields in the database."""

    storage: Storage

    def request(self, child: int, said: Statement) -> None:
        """Shield a record provisionally, at once; one that is shielded stays as it is."""
        if not self.storage.run("SELECT shielded FROM children WHERE child = ?", (child,)).fetchone()[0]:
            self._mask(child, said.now)
            self._stand(child, PROVISIONAL, said.now, said.now.date())
        self.storage.run("DELETE FROM unshields WHERE child = ?", (child,))
        if self.requesters(child) is not None:
            self.storage.run("INSERT OR IGNORE INTO shield_requests VALUES (?, ?)", (child, said.user))
        note(self.storage, child, "requested", said)

    def shield(self, child: int, said: Statement) -> None:
        """Shield a record, or confirm its shield; whoever asked before to lift it must ask again."""
        self._begin_anew(child)
        self._mask(child, said.now)
        self._stand(child, CONFIRMED, said.now, half_year_after(said.now.date()))
        rows = [(user, child) for user in said.threats]
        self.storage.run_many("INSERT OR IGNORE INTO threats VALUES (?, ?)", rows)
        if rows:
            # Who offered the record to another authority is not kept: somebody else offers it again.
            self.storage.run("DELETE FROM moves WHERE child = ?", (child,))
            self.storage.run_many("DELETE FROM merges WHERE user = ? AND ? IN (child, survivor)", rows)
        note(self.storage, child, "shielded", said)

    def requesters(self, child: int) -> frozenset[int] | None:
        """Who requested the provisional shield of a record; None where there is nothing to decide."""
        row = self.storage.run("SELECT standing FROM shield_standing WHERE child = ?", (child,)).fetchone()
        if row is None or row[0] != PROVISIONAL:
            return None
        asked = self.storage.run("SELECT user FROM shield_requests WHERE child = ?", (child,))
        return frozenset(user for (user,) in asked.fetchall())

    def unshield(self, child: int, said: Statement) -> bool:
        """Ask to lift a shield; True where another officer had asked before, and it is lifted now."""
        others = self.storage.run("SELECT review_on FROM unshields WHERE child = ? AND user <> ?", (child, said.user))
        dates = [day for (day,) in others.fetchall()]
        if not dates:
            self.storage.run("INSERT OR REPLACE INTO unshields VALUES (?, ?, ?)", (child, said.user, said.review_on))
            note(self.storage, child, "lifting asked", said)
            return False
        self._begin_anew(child)
        self.storage.run("DELETE FROM threats WHERE child = ?", (child,))
        self.storage.run("UPDATE children SET shielded = 0, shielded_since = NULL WHERE child = ?", (child,))
        self.storage.run(_RELEASE, {"child": child})
        # The earlier day of the two; a refused request has none, and nothing to be reviewed.
        reviews = [day for day in (*dates, said.review_on) if day is not None]
        if reviews:
            self._stand(child, LIFTED, said.now, date.fromisoformat(min(reviews)))
        else:
            self.storage.run("DELETE FROM shield_standing WHERE child = ?", (child,))
        note(self.storage, child, "lifted", said)
        return True

    def _begin_anew(self, child: int) -> None:
        """Forget who asked for the shield and who asked to lift it."""
        self.storage.run("DELETE FROM shield_requests WHERE child = ?", (child,))
        self.storage.run("DELETE FROM unshields WHERE child = ?", (child,))

    def _mask(self, child: int, now: datetime) -> None:
        self.storage.run(
            "UPDATE children SET shielded = 1, shielded_since = coalesce(shielded_since, ?) WHERE child = ?",
            (now.date().isoformat(), child),
        )
        self.storage.run(PROTECT, {"child": child})

    def _stand(self, child: int, standing: str, now: datetime, review_on: date) -> None:
        values = {"child": child, "standing": standing, "since": stamp(now), "review_on": review_on.isoformat()}
        self.storage.run(_STAND, values)


def note(storage: Storage, child: int, kind: str, said: Statement) -> None:
    """Keep what was stated at a step of a shield."""
    values = (child, said.user, kind, said.ground, said.reason, said.child_view, said.review_on, stamp(said.now))
    storage.run(
        """INSERT INTO shield_events (child, user, kind, ground, reason, child_view, review_on, time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        values,
    )


def half_year_after(day: date) -> date:
    """The same day six months on, or the last day of that month."""
    month = day.month + _HALF_YEAR
    year, month = (day.year, month) if month <= _YEAR else (day.year + 1, month - _YEAR)
    return date(year, month, min(day.day, monthrange(year, month)[1]))
