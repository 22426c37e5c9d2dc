"""Notices: what a manager is told of those whom it manages (R19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.storage import Storage

_READ = """SELECT n.notice, n.time, n.kind, u.username, n.ground
FROM notices n JOIN users u ON u.user = n.about WHERE n.to_user = ? AND n.notice > ? ORDER BY n.notice LIMIT ?"""


class Notice(NamedTuple):
    """Something that somebody must be told."""

    to_user: int
    about: int
    kind: str
    ground: str


class Notices(Protocol):
    """The port."""

    def tell(self, notice: Notice, now: datetime) -> None:
        """Leave a notice."""

    def read(self, user: int, after: int, limit: int) -> list[dict[str, Any]]:
        """A user's own notices with a sequence above `after`, in order."""


@dataclass(frozen=True, slots=True)
class StoredNotices:
    """Notices in the database."""

    storage: Storage

    def tell(self, notice: Notice, now: datetime) -> None:
        """Leave a notice."""
        statement = "INSERT INTO notices (to_user, about, kind, ground, time) VALUES (?, ?, ?, ?, ?)"
        self.storage.run(statement, (*notice, stamp(now)))

    def read(self, user: int, after: int, limit: int) -> list[dict[str, Any]]:
        """A user's own notices with a sequence above `after`, in order."""
        rows = self.storage.run(_READ, (user, after, limit)).fetchall()
        return [dict(zip(("sequence", "time", "kind", "about", "ground"), row, strict=True)) for row in rows]
