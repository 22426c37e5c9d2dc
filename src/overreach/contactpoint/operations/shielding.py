"""How a shield comes about and is looked at again: request, decision, reviews, readers before it."""

from __future__ import annotations

from overreach.contactpoint import roles
from overreach.contactpoint.calls import ABSENT, FORBIDDEN, NOT_NOW, Answer, Call, MalformedError
from overreach.contactpoint.describing import (
    FLAG,
    GIVEN,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_POSSIBLE_NOW,
    STATED,
    UNKNOWN_SESSION,
    answer,
    described,
    empty,
    shape,
)
from overreach.contactpoint.journal import Alert
from overreach.contactpoint.operations.protection import kept
from overreach.contactpoint.operations.stating import coded_ground, stated
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.roles import role_of
from overreach.contactpoint.schemas import GROUND, READERS, REVIEWS
from overreach.contactpoint.shields import CONFIRMED, Statement

CONFIRM, REFUSE = "confirm", "refuse"


def request(parts: Parts, call: Call) -> Answer:
    """Shield a record provisionally, at once (R10); the same answer whether it was shielded or not."""
    session = call.signed_in
    if not parts.rules.requests_shields(session.user):
        return FORBIDDEN
    said = stated(call, ("ground",), ("note",))
    statement = Statement(session.user.user, call.now, coded_ground(said["ground"]), said.get("note", ""))
    found = parts.records.find(call.number, session.user.user)
    if found is None:
        return ABSENT
    claims = parts.sessions.claims(session, call.number, None, call.now)
    if not parts.rules.requests_shield(found.child, parts.rules.view(session.user, found.child, claims)):
        return ABSENT
    parts.shields.request(found.child.child, statement)
    alert = Alert("shield_requested", session.user.username, found.child.number, call.request_id)
    parts.alerts.sound(alert, call.now)
    return Answer(202)


def decide(parts: Parts, call: Call) -> Answer:
    """Confirm a provisional shield, or refuse it; it is refused once a second officer agrees, as in lifting."""
    user = call.signed_in.user
    if not parts.rules.keeps_shields(user):
        return FORBIDDEN
    said = stated(call, ("decision", "ground", "reason"))
    if said["decision"] not in {CONFIRM, REFUSE}:
        raise MalformedError
    statement = Statement(user.user, call.now, coded_ground(said["ground"]), said["reason"])
    found = parts.records.find(call.number, user.user)
    requesters = None if found is None else parts.shields.requesters(found.child.child)
    if found is None or not parts.rules.decides_shield(user, found.child, requesters or frozenset()):
        return ABSENT
    if requesters is None:
        return NOT_NOW
    if said["decision"] == CONFIRM:
        parts.shields.shield(found.child.child, statement)
        return Answer(200, {"shielded": True})
    refused = parts.shields.unshield(found.child.child, statement)
    return Answer(200 if refused else 202, {"shielded": not refused})


def reviews(parts: Parts, call: Call) -> Answer:
    """What is to be looked at again in the user's areas; of a missed review an alert tells once, the shield stays."""
    user = call.signed_in.user
    if not parts.rules.keeps_shields(user):
        return FORBIDDEN
    today = call.now.date()
    due = [each for each in parts.reviews.due(user, today) if kept(parts, call, each.number) is not None]
    missed = [
        each for each in due if each.standing == CONFIRMED and not each.told and each.review_on < today.isoformat()
    ]
    for each in missed:
        # Nobody did this: the alert has no user.
        parts.alerts.sound(Alert("review_missed", "", each.number, call.request_id), call.now)
    parts.reviews.tell(each.child for each in missed)
    rows = [{"number": each.number, "standing": each.standing, "review_on": each.review_on} for each in due]
    return Answer(200, {"reviews": rows}, tuple(each.number for each in due))


def readers(parts: Parts, call: Call) -> Answer:
    """Who may know where the child lived when its shield began."""
    if not parts.rules.keeps_shields(call.signed_in.user):
        return FORBIDDEN
    child = kept(parts, call, call.number)
    if child is None:
        return ABSENT
    # What a role never reads it was not told. Whether a reason was stated the log need not say: better one too many.
    rows = [
        {"time": each.time, "user": each.username}
        for each in parts.reviews.readers(child.child, call.now)
        if roles.WHEREABOUTS in role_of(each.role).facets | role_of(each.role).lends
    ]
    return Answer(200, {"readers": rows}, (child.number,))


_STANDS = shape({"shielded": FLAG})
_DECISION = shape({"decision": {"type": "string", "enum": [CONFIRM, REFUSE]}, "ground": GROUND, "reason": STATED})
_REQUEST = shape({"ground": GROUND, "note": GIVEN}, optional=("note",))
_KEEPER_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NOT_FOUND)

ROUTES = (
    Route(
        "POST",
        "/children/{number}/shield-requests",
        "request_shield",
        request,
        frozenset({"ground"}),
        reads=True,
        described=described("requestShield", {202: empty("taken")}, *_KEEPER_ERRORS, body=_REQUEST),
    ),
    Route(
        "POST",
        "/children/{number}/shield-decisions",
        "decide_shield",
        decide,
        frozenset({"decision", "ground", "reason"}),
        described=described(
            "decideShield",
            {200: answer("decided", _STANDS), 202: answer("waits for a second officer", _STANDS)},
            *_KEEPER_ERRORS,
            NOT_POSSIBLE_NOW,
            body=_DECISION,
        ),
    ),
    Route(
        "GET",
        "/shields/reviews",
        "read_reviews",
        reviews,
        described=described(
            "readReviews", {200: answer("the longest due first", REVIEWS)}, UNKNOWN_SESSION, NOT_ALLOWED
        ),
    ),
    Route(
        "GET",
        "/children/{number}/readers",
        "read_readers",
        readers,
        described=described("readReaders", {200: answer("in the order of reading", READERS)}, *_KEEPER_ERRORS),
    ),
)
