"""Following up: alerts that somebody answers, those that nobody did, and other standing faults of practice (R13, R19).

Alerts that no one reads are worse than none; what was not answered in time is a finding until it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.decisions.standing import VETTING_DAYS
from overreach.contactpoint.journal import ANSWER_WITHIN, DAY, due
from overreach.contactpoint.storage import Storage

_FIND = """SELECT u.user, u.manager, n.alert IS NOT NULL FROM alerts a
LEFT JOIN users u ON u.username = a.user LEFT JOIN alert_answers n ON n.alert = a.sequence WHERE a.sequence = ?"""
_OVERDUE = """SELECT min(a.time), count(*) FROM alerts a
WHERE a.kind = ? AND a.time <= ? AND NOT EXISTS (SELECT 1 FROM alert_answers n WHERE n.alert = a.sequence)"""
_KINDS = "SELECT DISTINCT kind FROM alerts ORDER BY kind"
_STANDING = {
    # A day of leaving comes before every moment of itself in the order of texts.
    "leaver_signed_in": """SELECT min(l.time), count(DISTINCT l.user) FROM log l JOIN users u ON u.username = l.user
      WHERE l.operation = 'sign_in' AND l.status = 201 AND u.leaves_on <= l.time""",
    "leaver_account": """SELECT min(u.leaves_on) || :midnight, count(*) FROM accounts a JOIN users u ON u.user = a.user
      WHERE u.leaves_on <= :today""",
    "vetting_lapsed": """SELECT date(min(u.vetted_on), :lasts) || :midnight, count(*)
      FROM accounts a JOIN users u ON u.user = a.user WHERE u.vetted_on < :vetted""",
}


class Raised(NamedTuple):
    """An alert as far as answering it goes: whom it is about."""

    user: int | None
    manager: int | None
    answered: bool


class Inquiries(Protocol):
    """The port."""

    def find(self, alert: int) -> Raised | None:
        """The alert of that sequence."""

    def answer(self, alert: int, username: str, finding: str, note: str, now: datetime) -> None:
        """Keep what somebody found out about an alert."""

    def begin(self, session: int, reference: str) -> bool:
        """Note that a session works on a case; True where it did not before."""

    def findings(self, now: datetime) -> list[dict[str, Any]]:
        """What should have been done by now and was not: kind, since when, how many."""


@dataclass(frozen=True, slots=True)
class StoredInquiries:
    """Inquiries in the database."""

    storage: Storage

    def find(self, alert: int) -> Raised | None:
        """The alert of that sequence."""
        row = self.storage.run(_FIND, (alert,)).fetchone()
        return None if row is None else Raised(row[0], row[1], bool(row[2]))

    def answer(self, alert: int, username: str, finding: str, note: str, now: datetime) -> None:
        """Keep what somebody found out about an alert."""
        values = (alert, stamp(now), username, finding, note)
        self.storage.run("INSERT INTO alert_answers VALUES (?, ?, ?, ?, ?)", values)

    def begin(self, session: int, reference: str) -> bool:
        """Note that a session works on a case; True where it did not before."""
        return self.storage.run("INSERT OR IGNORE INTO unmasked VALUES (?, ?)", (session, reference)).rowcount == 1

    def findings(self, now: datetime) -> list[dict[str, Any]]:
        """What should have been done by now and was not: kind, since when, how many."""
        return [*self._overdue(now), *self._standing(now)]

    def _overdue(self, now: datetime) -> Iterator[dict[str, Any]]:
        for (kind,) in self.storage.run(_KINDS).fetchall():
            latest = stamp(now - ANSWER_WITHIN.get(kind, DAY))
            since, count = self.storage.run(_OVERDUE, (kind, latest)).fetchone()
            if count:
                yield {"kind": f"unanswered_{kind}", "since": due(kind, since), "count": count}

    def _standing(self, now: datetime) -> Iterator[dict[str, Any]]:
        today = now.date()
        values = {
            "today": today.isoformat(),
            "vetted": (today - timedelta(days=VETTING_DAYS)).isoformat(),
            "lasts": f"{VETTING_DAYS + 1} days",
            "midnight": "T00:00:00.000+00:00",
        }
        for kind, statement in _STANDING.items():
            since, count = self.storage.run(statement, values).fetchone()
            if count:
                yield {"kind": kind, "since": since, "count": count}
