"""Looking at shields again: which reviews are due, and who read a record before it was shielded (R10).

That a review is missed changes nothing: the shield stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

import orjson

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.facts import User
from overreach.contactpoint.storage import Storage

DAYS_BEFORE = 28  # a modelling choice: how far back the readers of a record are listed

_DUE = """SELECT c.child, c.number, s.standing, s.review_on, s.told
FROM shield_standing s JOIN children c ON c.child = s.child
WHERE s.review_on <= :today AND c.archive_year = 0
  AND (:everywhere OR c.responsible IN (SELECT value FROM json_each(:areas)))
ORDER BY s.review_on, c.number"""
_SINCE = "SELECT since FROM shield_standing WHERE child = ? AND standing <> 'lifted'"
# Of a mediated answer both parties know; an export is an answer about each child in it.
_READERS = """WITH numbers AS (SELECT number FROM children WHERE child = :child UNION
  SELECT s.number FROM superseded s JOIN children c ON c.number = s.survivor WHERE c.child = :child)
SELECT l.time, u.username, u.role FROM log l JOIN users u ON u.username IN (l.user, l.on_behalf_of)
WHERE l.status = 200 AND l.time >= :begin AND l.time < :end AND (
  l.operation = 'view' AND l.results IN (SELECT json_array(number) FROM numbers)
  OR l.operation = 'take_export' AND EXISTS (
    SELECT 1 FROM json_each(l.results) WHERE value IN (SELECT number FROM numbers)))
ORDER BY l.sequence, u.username = l.on_behalf_of"""


class Due(NamedTuple):
    """A shield, or a lifting, that is to be looked at again."""

    child: int
    number: str
    standing: str
    review_on: str
    told: bool
    """Whether an alert was raised already."""


class Reader(NamedTuple):
    """An answer that held the record."""

    time: str
    username: str
    role: str


class Reviews(Protocol):
    """The port."""

    def due(self, user: User, today: date) -> list[Due]:
        """Live records of the user's areas whose review is due, the longest due first; knows no rule."""

    def tell(self, children: Iterable[int]) -> None:
        """Note that an alert was raised for these."""

    def readers(self, child: int, now: datetime) -> list[Reader]:
        """To whom the record was answered in the four weeks before its shield began, or until now without one."""


@dataclass(frozen=True, slots=True)
class StoredReviews:
    """Reviews in the database."""

    storage: Storage

    def due(self, user: User, today: date) -> list[Due]:
        """Live records of the user's areas whose review is due, the longest due first; knows no rule."""
        areas = orjson.dumps(sorted(user.areas)).decode()
        values = {"today": today.isoformat(), "everywhere": user.national, "areas": areas}
        rows = self.storage.run(_DUE, values).fetchall()
        return [Due(child, number, standing, day, bool(told)) for child, number, standing, day, told in rows]

    def tell(self, children: Iterable[int]) -> None:
        """Note that an alert was raised for these."""
        rows = [(child,) for child in children]
        self.storage.run_many("UPDATE shield_standing SET told = 1 WHERE child = ?", rows)

    def readers(self, child: int, now: datetime) -> list[Reader]:
        """To whom the record was answered in the four weeks before its shield began, or until now without one."""
        row = self.storage.run(_SINCE, (child,)).fetchone()
        end = now if row is None else datetime.fromisoformat(row[0])
        begin = end - timedelta(days=DAYS_BEFORE)
        values = {"child": child, "begin": stamp(begin), "end": stamp(end) if row is None else row[0]}
        return [Reader(*found) for found in self.storage.run(_READERS, values).fetchall()]
