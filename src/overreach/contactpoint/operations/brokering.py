"""Asking for contact through the management team, and answering that (R14).

The answer to whoever asks is one and the same: it names no provider and no area, and does not tell whether there
is a shield or a sensitive service.
"""

from __future__ import annotations

from overreach.contactpoint.brokering import OPEN, Contact
from overreach.contactpoint.calls import ABSENT, DONE, FORBIDDEN, Answer, Call, MalformedError, coded_reason, texts
from overreach.contactpoint.describing import (
    MOMENT,
    NOT_ALLOWED,
    NOT_FOUND,
    TEXT,
    UNKNOWN_SESSION,
    answer,
    array,
    described,
    empty,
    shape,
)
from overreach.contactpoint.operations.reached import reached
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import REASON

KINDS = ("contact_requested", "urgent")
OUTCOMES = ("passed_on", "declined")
PASSED = Answer(202, {"state": "passed to those who can make contact"})
MOST = 1000  # rows in an answer


def ask_contact(parts: Parts, call: Call) -> Answer:
    """Ask to be put in contact with whoever works with a child."""
    user = call.signed_in.user
    if not parts.rules.asks(user):
        return FORBIDDEN
    asked = texts(call, required=("message_kind", "reason"))
    reason = coded_reason(asked["reason"])
    if asked["message_kind"] not in KINDS or reason is None:
        raise MalformedError
    at = reached(parts, call, reason)
    if at is None or at.child.archive_year:
        return ABSENT
    parts.brokering.ask(at.child.number, user.user, asked["message_kind"], reason, call.now)
    return PASSED


def list_requests(parts: Parts, call: Call) -> Answer:
    """The oldest open requests about children of the user's own area."""
    session = call.signed_in
    if not parts.rules.brokers(session.user):
        return FORBIDDEN
    waiting = [each for each in parts.brokering.waiting(session.user, MOST) if _is_for(parts, call, each)]
    rows = [
        {
            "request": each.request,
            "number": each.number,
            "user": each.username,
            "message_kind": each.kind,
            "reason": each.reason,
            "time": each.time,
        }
        for each in waiting
    ]
    numbers = tuple(each.number for each in waiting)
    parts.sessions.give(session, numbers)
    return Answer(200, {"requests": rows}, numbers)


def answer_request(parts: Parts, call: Call) -> Answer:
    """Say that a message was passed on, or that it will not be."""
    if not parts.rules.brokers(call.signed_in.user):
        return FORBIDDEN
    outcome = texts(call, required=("outcome",))["outcome"]
    if outcome not in OUTCOMES:
        raise MalformedError
    asked = parts.brokering.find(call.path["request"])
    if asked is None or asked.state != OPEN or not _is_for(parts, call, asked):
        return ABSENT
    parts.brokering.answer(asked.request, call.signed_in.user.user, outcome, call.now)
    return DONE


def list_own(parts: Parts, call: Call) -> Answer:
    """What became of the user's own requests: their state only, not even of whom they are."""
    user = call.signed_in.user
    if not parts.rules.asks(user):
        return FORBIDDEN
    own = parts.brokering.asked_by(user.user, MOST)
    rows = [
        {"request": each.request, "message_kind": each.kind, "time": each.time, "state": each.state} for each in own
    ]
    return Answer(200, {"requests": rows})


def _is_for(parts: Parts, call: Call, asked: Contact) -> bool:
    user = call.signed_in.user
    found = parts.records.find(asked.number, user.user)
    return found is not None and parts.rules.brokers_for(user, found.child)


_KIND = {"type": "string", "enum": list(KINDS)}
_WAITING = shape(
    {"request": TEXT, "number": TEXT, "user": TEXT, "message_kind": _KIND, "reason": REASON, "time": MOMENT}
)
_STATE = {"type": "string", "enum": [OPEN, *OUTCOMES]}
_OWN = shape({"request": TEXT, "message_kind": _KIND, "time": MOMENT, "state": _STATE})

ROUTES = (
    Route(
        "POST",
        "/children/{number}/brokering",
        "ask_contact",
        ask_contact,
        frozenset({"message_kind", "reason"}),
        reads=True,
        described=described(
            "askContact",
            {202: answer("one answer, whatever the record holds", shape({"state": TEXT}))},
            *(UNKNOWN_SESSION, NOT_ALLOWED, NOT_FOUND),
            body=shape({"message_kind": _KIND, "reason": REASON}),
        ),
    ),
    Route(
        "GET",
        "/brokering",
        "list_contacts",
        list_requests,
        described=described(
            "listContacts",
            {200: answer("open requests", shape({"requests": array(_WAITING)}))},
            *(UNKNOWN_SESSION, NOT_ALLOWED),
        ),
    ),
    Route(
        "GET",
        "/brokering/mine",
        "list_own_contacts",
        list_own,
        described=described(
            "listOwnContacts",
            {200: answer("the own requests", shape({"requests": array(_OWN)}))},
            *(UNKNOWN_SESSION, NOT_ALLOWED),
        ),
    ),
    Route(
        "POST",
        "/brokering/{request}/answer",
        "answer_contact",
        answer_request,
        frozenset({"request", "outcome"}),
        described=described(
            "answerContact",
            {204: empty("noted")},
            *(UNKNOWN_SESSION, NOT_ALLOWED, NOT_FOUND),
            body=shape({"outcome": {"type": "string", "enum": list(OUTCOMES)}}),
        ),
    ),
)
