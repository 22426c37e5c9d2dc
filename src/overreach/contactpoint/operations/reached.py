"""Whether a request reaches a child: the record is there, and the user may know so."""

from __future__ import annotations

from typing import NamedTuple

from overreach.contactpoint import roles
from overreach.contactpoint.calls import Call
from overreach.contactpoint.facts import Child
from overreach.contactpoint.parts import Parts


class Reached(NamedTuple):
    """A child whom the user may see, and the facets that may be read at this moment."""

    child: Child
    readable: frozenset[str]


def reached(parts: Parts, call: Call, reason: str | None = None) -> Reached | None:
    """The child of the number in the path; None where it was never issued or is not for this user."""
    session = call.signed_in
    claims = parts.sessions.claims(session, call.number, reason, call.now)
    found = parts.records.find(call.number, session.user.user)
    if found is None:
        return None
    readable = parts.rules.view(session.user, found.child, claims)
    return Reached(found.child, readable) if roles.EXISTENCE in readable else None
