"""Mediations: a caller who proved itself to a mediator, for a quarter of an hour (R20).

A mediation is a session of its own as far as numbers given and reasons declared go: its row number, negative,
stands for one there. It is good in the mediator's session only, and ends with it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.facts import User
from overreach.contactpoint.sessions import SELECT_USER, Session, digest_of, user_of
from overreach.contactpoint.storage import Storage

LIFE = timedelta(minutes=15)

_FIND = "SELECT mediation, caller FROM mediations WHERE token = ? AND session = ? AND ends > ?"
_CALLER = f"{SELECT_USER} WHERE u.user = ?"
_OVER = "SELECT mediation FROM mediations WHERE ends <= ? OR session NOT IN (SELECT session FROM sessions)"


class Mediations(Protocol):
    """The port; all state lies in the database."""

    def begin(self, mediator: Session, caller: User, now: datetime) -> str:
        """Begin one, and give its token."""

    def find(self, mediator: Session, token: str, now: datetime) -> Session | None:
        """The caller's side of a mediation in this mediator's session: the caller, in the mediation's own session."""

    def end(self, mediator: Session, token: str) -> None:
        """End one of this mediator's session."""


@dataclass(frozen=True, slots=True)
class StoredMediations:
    """Mediations in the database."""

    storage: Storage

    def begin(self, mediator: Session, caller: User, now: datetime) -> str:
        """Begin one, and give its token."""
        over = [row for (row,) in self.storage.run(_OVER, (stamp(now),)).fetchall()]
        for mediation in over:
            self._forget(mediation)
        token = secrets.token_urlsafe(32)
        values = (digest_of(token), mediator.session, caller.user, stamp(now + LIFE))
        self.storage.run("INSERT INTO mediations (token, session, caller, ends) VALUES (?, ?, ?, ?)", values)
        return token

    def find(self, mediator: Session, token: str, now: datetime) -> Session | None:
        """The caller's side of a mediation in this mediator's session: the caller, in the mediation's own session."""
        row = self.storage.run(_FIND, (digest_of(token), mediator.session, stamp(now))).fetchone()
        if row is None:
            return None
        mediation, caller = row
        return Session(-mediation, user_of(self.storage.run(_CALLER, (caller,)).fetchone()), mediator.used)

    def end(self, mediator: Session, token: str) -> None:
        """End one of this mediator's session."""
        statement = "SELECT mediation FROM mediations WHERE token = ? AND session = ?"
        for (mediation,) in self.storage.run(statement, (digest_of(token), mediator.session)).fetchall():
            self._forget(mediation)

    def _forget(self, mediation: int) -> None:
        self.storage.run("DELETE FROM mediations WHERE mediation = ?", (mediation,))
        self.storage.run("DELETE FROM given WHERE session = ?", (-mediation,))
        self.storage.run("DELETE FROM declared WHERE session = ?", (-mediation,))
