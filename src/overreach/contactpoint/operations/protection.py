"""Breaking and keeping shields: override, end override, shield, unshield."""

from __future__ import annotations

from overreach.contactpoint import roles
from overreach.contactpoint.calls import (
    ABSENT,
    DONE,
    FORBIDDEN,
    NUMBER,
    Answer,
    Call,
    MalformedError,
    NotPossibleError,
    coded_reason,
    day,
    texts,
)
from overreach.contactpoint.describing import (
    DAY,
    FLAG,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_POSSIBLE_NOW,
    NOT_UNDERSTOOD,
    STATED,
    TEXT,
    UNKNOWN_SESSION,
    answer,
    array,
    described,
    empty,
    shape,
)
from overreach.contactpoint.facts import Child, Claims
from overreach.contactpoint.journal import Alert
from overreach.contactpoint.operations.stating import MOST_NAMED, named_users, stated
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import REASON
from overreach.contactpoint.shields import Statement

WARNING = "this override starts an investigation"


def override(parts: Parts, call: Call) -> Answer:
    """Open the shield of one record for this session; an alert is raised before the answer leaves (R13)."""
    session = call.signed_in
    if not parts.rules.override(session.user):
        return FORBIDDEN
    reason = coded_reason(texts(call, required=("reason",))["reason"])
    found = parts.records.find(call.number, session.user.user)
    claims = Claims(reason, override=True)
    if found is None or roles.EXISTENCE not in parts.rules.view(session.user, found.child, claims):
        return ABSENT
    if not parts.rules.overrides(session.user, found.child):
        return ABSENT
    parts.sessions.override(session, call.number, str(reason), call.now)
    parts.alerts.sound(Alert("override", session.user.username, found.child.number, call.request_id), call.now)
    return Answer(201, {"warning": WARNING})


def end_override(parts: Parts, call: Call) -> Answer:
    """Close the shield again; the same answer whether it was open or not."""
    if not NUMBER.fullmatch(call.number):
        raise MalformedError
    parts.sessions.end_override(call.signed_in, call.number)
    return DONE


def shield(parts: Parts, call: Call) -> Answer:
    """Shield a record, and the contacts of its carers wherever else they stand (R10, R14)."""
    if not parts.rules.keeps_shields(call.signed_in.user):
        return FORBIDDEN
    rest, threats = named_users(parts, call, "threat")
    ground = stated(rest, ("ground",))["ground"]
    child = kept(parts, call, call.number)
    if child is None:
        return ABSENT
    parts.shields.shield(child.child, Statement(call.signed_in.user.user, call.now, ground, threats=threats))
    return Answer(201, {"shielded": True})


def unshield(parts: Parts, call: Call) -> Answer:
    """Ask for a shield to be lifted; it is once a second officer asks (two officers: our recommendation).

    Both state what the child says to it, and a later day on which the lifting is looked at again. While a requested
    shield waits for its decision, its requester is none of the two.
    """
    if not parts.rules.keeps_shields(call.signed_in.user):
        return FORBIDDEN
    said = stated(call, ("reason", "child_view", "review_on"))
    review_on = day(said["review_on"])
    if review_on <= call.now.date().isoformat():
        raise NotPossibleError
    child = kept(parts, call, call.number)
    requesters = None if child is None else parts.shields.requesters(child.child)
    if child is None or call.signed_in.user.user in (requesters or ()):
        return ABSENT
    statement = Statement(
        call.signed_in.user.user, call.now, reason=said["reason"], child_view=said["child_view"], review_on=review_on
    )
    lifted = parts.shields.unshield(child.child, statement)
    return Answer(200 if lifted else 202, {"lifted": lifted})


def kept(parts: Parts, call: Call, number: str) -> Child | None:
    """The child of a number, if this user may keep its shield."""
    user = call.signed_in.user
    found = parts.records.find(number, user.user)
    return found.child if found is not None and parts.rules.keeps_shield(user, found.child) else None


_WARNING = answer("open for this session; an alert is raised", shape({"warning": TEXT}))
_NAMED = {**array(STATED), "maxItems": MOST_NAMED}
_SHIELDING = shape({"ground": STATED, "threat": _NAMED}, optional=("threat",))
_LIFTED = shape({"lifted": FLAG})
_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NOT_FOUND)

ROUTES = (
    Route(
        "POST",
        "/children/{number}/override",
        "override",
        override,
        frozenset({"reason"}),
        reads=True,
        described=described("override", {201: _WARNING}, *_ERRORS, body=shape({"reason": REASON})),
    ),
    Route(
        "DELETE",
        "/children/{number}/override",
        "end_override",
        end_override,
        described=described("endOverride", {204: empty("closed")}, UNKNOWN_SESSION, NOT_UNDERSTOOD),
    ),
    Route(
        "POST",
        "/children/{number}/shield",
        "shield",
        shield,
        frozenset({"ground"}),
        described=described(
            "shield",
            {201: answer("shielded", shape({"shielded": FLAG}))},
            *(*_ERRORS, NOT_POSSIBLE_NOW),
            body=_SHIELDING,
        ),
    ),
    Route(
        "POST",
        "/children/{number}/unshield",
        "unshield",
        unshield,
        frozenset({"reason", "review_on"}),
        described=described(
            "unshield",
            {200: answer("lifted", _LIFTED), 202: answer("waits for a second officer", _LIFTED)},
            *(*_ERRORS, NOT_POSSIBLE_NOW),
            body=shape({"reason": STATED, "child_view": STATED, "review_on": DAY}),
        ),
    ),
)
