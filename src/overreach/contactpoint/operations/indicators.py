"""Holding an indicator: that one has an assessment of a child, or is its lead professional (R1).

A user holds and gives up for nobody but the user; the management team of the area ends what somebody else holds.
"""

from __future__ import annotations

import re
from functools import partial

from overreach.contactpoint.amendments import KINDS
from overreach.contactpoint.calls import ABSENT, DONE, FORBIDDEN, Answer, Call, MalformedError, coded_reason, texts
from overreach.contactpoint.describing import (
    NOT_ALLOWED,
    NOT_FOUND,
    UNKNOWN_SESSION,
    described,
    empty,
    shape,
)
from overreach.contactpoint.facts import Child, Claims
from overreach.contactpoint.parts import Handler, Parts, Route
from overreach.contactpoint.schemas import REASON

HELD = Answer(409, {"error": "somebody else holds it"})
_PHONE = re.compile(r"\+?[0-9][0-9 ]{5,18}[0-9]")


def hold(kind: str, parts: Parts, call: Call) -> Answer:
    """Hold an indicator oneself, with the telephone under which one can be asked."""
    user = call.signed_in.user
    if not parts.rules.holds(user):
        return FORBIDDEN
    asked = texts(call, required=("phone",), optional=("reason",))
    if not _PHONE.fullmatch(asked["phone"]):
        raise MalformedError
    found = _found(parts, call, coded_reason(asked.get("reason")))
    if found is None or not parts.rules.holds_here(user, *found):
        return ABSENT
    child = found[0].child
    holder = parts.amendments.holder(child, kind)
    if holder is not None and holder.user != user.user:
        return HELD
    parts.amendments.hold(child, kind, user.user, asked["phone"], call.now.date())
    return DONE


def release(kind: str, parts: Parts, call: Call) -> Answer:
    """Give an indicator up, or end that of somebody else; the same answer where nobody holds it."""
    user = call.signed_in.user
    if not parts.rules.ends(user):
        return FORBIDDEN
    found = _found(parts, call, None)
    others = found is not None and parts.rules.releases(user, *found)
    if found is None or not (others or parts.rules.holds_here(user, *found)):
        return ABSENT
    child = found[0].child
    holder = parts.amendments.holder(child, kind)
    if holder is None:
        return DONE
    if not others and holder.user != user.user:
        return HELD
    parts.amendments.release(child, kind, call.now.date())
    return DONE


def _found(parts: Parts, call: Call, reason: str | None) -> tuple[Child, Claims] | None:
    found = parts.records.find(call.number, call.signed_in.user.user)
    claims = parts.sessions.claims(call.signed_in, call.number, reason, call.now)
    return None if found is None else (found.child, claims)


_TELEPHONE = {"type": "string", "pattern": f"^{_PHONE.pattern}$"}
_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NOT_FOUND, (409, "somebody else holds it"))


def _routes(kind: str) -> tuple[Route, Route]:
    path, name = f"/children/{{number}}/indicators/{kind}", "".join(part.title() for part in kind.split("_"))
    holding: Handler = partial(hold, kind)
    releasing: Handler = partial(release, kind)
    body = shape({"phone": _TELEPHONE, "reason": REASON}, optional=("reason",))
    return (
        Route(
            "PUT",
            path,
            f"hold_{kind}",
            holding,
            frozenset({"reason"}),
            reads=True,
            described=described(f"hold{name}", {204: empty("held")}, *_ERRORS, body=body),
        ),
        Route(
            "DELETE",
            path,
            f"release_{kind}",
            releasing,
            reads=True,
            described=described(f"release{name}", {204: empty("held by nobody")}, *_ERRORS),
        ),
    )


ROUTES = tuple(route for kind in KINDS for route in _routes(kind))
