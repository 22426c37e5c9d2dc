"""Moving records between authorities (R18): one authority is responsible at any moment, never both and never neither.

Shield, named threats and review hang on the record and come along. The rights that users of the old authority had
because it was theirs, or had taken while it was, end in the moment of acceptance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from overreach.contactpoint.shields import Statement, note
from overreach.contactpoint.storage import Storage

_MOVE = """SELECT c.number, c.responsible, m.authority FROM children c JOIN moves m ON m.child = c.child
WHERE c.child = ?"""
#: Whether `w.user` worked for the old authority and does not for the new one; asked of few, not of all users.
_LEFT = """EXISTS (SELECT 1 FROM areas_of_users a WHERE a.user = w.user AND a.authority = :old)
AND NOT EXISTS (SELECT 1 FROM areas_of_users a WHERE a.user = w.user AND a.authority = :new)"""
# A mediation is a session of its caller's.
_WITH_NUMBER = """SELECT t.session FROM (
  SELECT session FROM given WHERE number = :number UNION SELECT session FROM declared WHERE number = :number
  UNION SELECT session FROM overrides WHERE number = :number) t
JOIN users w ON w.user = coalesce((SELECT user FROM sessions s WHERE s.session = t.session),
  (SELECT caller FROM mediations m WHERE m.mediation = -t.session))"""
_LEFT_BEHIND = f"{_WITH_NUMBER} WHERE {_LEFT}"
_WORK_WITH = "DELETE FROM involvements AS w WHERE w.child = :child"
_WORK = f"{_WORK_WITH} AND {_LEFT}"
#: What a session took with a number.
_TAKEN = (
    "DELETE FROM given WHERE session = ? AND number = ?",
    "DELETE FROM declared WHERE session = ? AND number = ?",
    "DELETE FROM overrides WHERE session = ? AND number = ?",
)
#: What officers of the old authority had only half agreed on.
_HALF_AGREED = (
    "DELETE FROM moves WHERE child = :child",
    "DELETE FROM unshields WHERE child = :child",
    "DELETE FROM merges WHERE :child IN (child, survivor)",
)


class Moves(Protocol):
    """The port."""

    def authority(self, name: str) -> int | None:
        """The authority of that name."""

    def offer(self, child: int, authority: int) -> None:
        """Offer a record to another authority; until it accepts, nothing changes."""

    def offered_to(self, child: int) -> int | None:
        """The authority that a record is offered to."""

    def accept(self, child: int, said: Statement) -> None:
        """Make the authority that a record is offered to the responsible one; the other's rights end."""


@dataclass(frozen=True, slots=True)
class StoredMoves:
    """Moves in the database."""

    storage: Storage

    def authority(self, name: str) -> int | None:
        """The authority of that name."""
        row = self.storage.run("SELECT authority FROM authorities WHERE name = ?", (name,)).fetchone()
        return None if row is None else int(row[0])

    def offer(self, child: int, authority: int) -> None:
        """Offer a record to another authority; until it accepts, nothing changes."""
        self.storage.run("INSERT OR REPLACE INTO moves VALUES (?, ?)", (child, authority))

    def offered_to(self, child: int) -> int | None:
        """The authority that a record is offered to."""
        row = self.storage.run("SELECT authority FROM moves WHERE child = ?", (child,)).fetchone()
        return None if row is None else int(row[0])

    def accept(self, child: int, said: Statement) -> None:
        """Make the authority that a record is offered to the responsible one; the other's rights end."""
        number, old, new = self.storage.run(_MOVE, (child,)).fetchone()
        self.storage.run("UPDATE children SET responsible = ? WHERE child = ?", (new, child))
        values = {"child": child, "old": old, "new": new}
        self.storage.run(_WORK, values)
        for statement in _HALF_AGREED:
            self.storage.run(statement, values)
        earlier = self.storage.run("SELECT number FROM superseded WHERE survivor = ?", (number,)).fetchall()
        numbers = [number, *(row[0] for row in earlier)]
        for each in numbers:
            sessions = self.storage.run(_LEFT_BEHIND, {**values, "number": each}).fetchall()
            for statement in _TAKEN:
                self.storage.run_many(statement, [(session, each) for (session,) in sessions])
        note(self.storage, child, "moved", said)
