"""Keeping shields: who is shielded, and who asked for a shield to be lifted (R10, R14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.storage import Storage

# A carer of a shielded child leads to it: the contacts are protected on every other record with this carer.
_PROTECT = """UPDATE children SET contacts_protected = 1 WHERE child IN (
  SELECT other.child FROM child_carers mine JOIN child_carers other ON other.carer = mine.carer
  WHERE mine.child = :child AND other.child <> :child)"""
_RELEASE = """UPDATE children SET contacts_protected = EXISTS (
  SELECT 1 FROM child_carers mine JOIN child_carers other ON other.carer = mine.carer
    JOIN children shielded ON shielded.child = other.child
  WHERE mine.child = children.child AND other.child <> children.child AND shielded.shielded)
WHERE child IN (
  SELECT other.child FROM child_carers mine JOIN child_carers other ON other.carer = mine.carer
  WHERE mine.child = :child)"""


class Shields(Protocol):
    """The port."""

    def shield(self, child: int, user: int, ground: str, now: datetime) -> None:
        """Shield a record; whoever asked before to lift it must ask again."""

    def unshield(self, child: int, user: int, reason: str) -> bool:
        """Ask to lift a shield; True where another officer had asked before, and it is lifted now."""


@dataclass(frozen=True, slots=True)
class StoredShields:
    """Shields in the database."""

    storage: Storage

    def shield(self, child: int, user: int, ground: str, now: datetime) -> None:
        """Shield a record; whoever asked before to lift it must ask again."""
        self.storage.run("DELETE FROM unshields WHERE child = ?", (child,))
        self.storage.run(
            "UPDATE children SET shielded = 1, shielded_since = coalesce(shielded_since, ?) WHERE child = ?",
            (now.date().isoformat(), child),
        )
        self.storage.run(_PROTECT, {"child": child})
        values = (child, user, ground, stamp(now))
        self.storage.run("INSERT INTO shields (child, user, ground, time) VALUES (?, ?, ?, ?)", values)

    def unshield(self, child: int, user: int, reason: str) -> bool:
        """Ask to lift a shield; True where another officer had asked before, and it is lifted now."""
        asked = self.storage.run("SELECT 1 FROM unshields WHERE child = ? AND user <> ?", (child, user))
        if asked.fetchone() is None:
            self.storage.run("INSERT OR REPLACE INTO unshields VALUES (?, ?, ?)", (child, user, reason))
            return False
        self.storage.run("DELETE FROM unshields WHERE child = ?", (child,))
        self.storage.run("UPDATE children SET shielded = 0, shielded_since = NULL WHERE child = ?", (child,))
        self.storage.run(_RELEASE, {"child": child})
        return True
