"""Desks: whether two people take turns in one session (R6; the figure is a modelling choice).

A program that somebody works with names itself in `User-Agent`. One that gives way to another and comes back within a
minute is at another desk: an update does not come back. What a program calls itself is kept as its SHA-256 only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.sessions import Session
from overreach.contactpoint.storage import Storage

IN_TURNS_WITHIN = timedelta(minutes=1)
TOLD_FOR = timedelta(hours=1)

_LAST = "SELECT agent, before, turned FROM desks WHERE session = ?"
_TURN = "INSERT OR REPLACE INTO desks VALUES (?, ?, ?, ?)"
_TOLD = "SELECT 1 FROM alerts WHERE user = ? AND kind = 'shared_session' AND time > ?"


class Desks(Protocol):
    """The port; all state lies in the database."""

    def shared(self, session: Session, agent: str, now: datetime) -> bool:
        """Whether a request of this program shows that two people work in the session, and nobody was told yet."""


@dataclass(frozen=True, slots=True)
class StoredDesks:
    """Desks in the database."""

    storage: Storage

    def shared(self, session: Session, agent: str, now: datetime) -> bool:
        """Whether a request of this program shows that two people work in the session, and nobody was told yet."""
        this = hashlib.sha256(agent.encode(errors="replace")).digest()
        last, before, turned = self.storage.run(_LAST, (session.session,)).fetchone() or (None, None, "")
        if this == last:
            return False
        self.storage.run(_TURN, (session.session, this, last, stamp(now)))
        if this != before or turned < stamp(now - IN_TURNS_WITHIN):
            return False
        told = self.storage.run(_TOLD, (session.user.username, stamp(now - TOLD_FOR))).fetchone()
        return told is None
