"""For whom a request is made: for whoever is signed in, or for a caller through a mediator (R20)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from overreach.contactpoint.calls import FORBIDDEN, SIGNED_OUT, Answer
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.sessions import Session

HEADER = "x-on-behalf-of"


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, under which rules; `refused` where the request ends here."""

    parts: Parts
    session: Session
    caller: str = ""
    """Username of the caller, for the log."""
    refused: Answer | None = None


def acting(parts: Parts, route: Route, session: Session, handle: str | None, now: datetime) -> Acting:
    """Who acts in a request that carries this handle of a mediation, or none.

    The caller then acts, in the mediation's own session, under rules that ask the mediator too. An operation that
    is not mediated is refused, and so is a mediation that is not (or no longer) this session's, or whose caller's
    account is no longer in order.
    """
    if handle is None:
        return Acting(parts, session)
    if not route.mediated or not parts.rules.mediates(session.user):
        return Acting(parts, session, refused=FORBIDDEN)
    caller = parts.mediations.find(session, handle, now)
    if caller is None:
        return Acting(parts, session, refused=SIGNED_OUT)
    if not parts.rules.account(caller.user, now.date()):
        return Acting(parts, session, caller.user.username, SIGNED_OUT)
    rules = parts.rules.through(parts.rules, session.user)
    return Acting(replace(parts, rules=rules), caller, caller.user.username)
