"""Suspected misuse: suspend, lift, and what the manager is told (R19)."""

from __future__ import annotations

from overreach.contactpoint.calls import DONE, Answer, Call, whole_number
from overreach.contactpoint.describing import (
    COUNT,
    FLAG,
    NO_ACCOUNT,
    NOT_ALLOWED,
    NOT_UNDERSTOOD,
    STATED,
    TEXT,
    UNKNOWN_SESSION,
    answer,
    array,
    described,
    empty,
    parameter,
    ref,
    shape,
)
from overreach.contactpoint.facts import Person
from overreach.contactpoint.journal import Alert
from overreach.contactpoint.notices import Notice
from overreach.contactpoint.operations.administering import on_account
from overreach.contactpoint.operations.stating import stated
from overreach.contactpoint.parts import Parts, Route

MOST = 1000  # notices in an answer
_LARGEST = 2**62
_ANOTHER = Answer(409, {"error": "another officer lifts it"})


def suspend(parts: Parts, call: Call, person: Person, ground: str) -> Answer:
    """Suspend an account: its session ends, an alert is raised and the manager told, all at once."""
    user = person.user
    parts.suspensions.suspend(user.user, call.signed_in.user.user, ground, call.now)
    parts.dismiss(user.user)
    parts.people.take_back(user.user)
    parts.alerts.sound(Alert("suspended", user.username, "", call.request_id), call.now)
    if person.manager is not None:
        parts.notices.tell(Notice(person.manager, user.user, "suspended", ground), call.now)
    return Answer(201, {"suspended": True})


def lift(parts: Parts, call: Call, person: Person, reason: str) -> Answer:
    """Lift a suspension, by an officer who did not order it (two officers: our recommendation)."""
    lifted = parts.suspensions.lift(person.user.user, call.signed_in.user.user, reason, call.now)
    return DONE if lifted else _ANOTHER


def read_notices(parts: Parts, call: Call) -> Answer:
    """What the user was told; everybody reads the own notices only."""
    after, limit = whole_number(call, "after", 0, _LARGEST), whole_number(call, "limit", MOST, MOST)
    notices = parts.notices.read(call.signed_in.user.user, after, limit)
    return Answer(200, {"notices": notices, "next": notices[-1]["sequence"] if notices else after})


def _ground(call: Call) -> str:
    return stated(call, ("ground",))["ground"]


def _reason(call: Call) -> str:
    return stated(call, ("reason",))["reason"]


_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NO_ACCOUNT)
_NOTICES = shape({"notices": array(ref("Notice")), "next": COUNT})

ROUTES = (
    Route(
        "POST",
        "/users/{username}/suspension",
        "suspend",
        on_account(_ground, suspend),
        frozenset({"username", "ground"}),
        described=described(
            "suspend",
            {201: answer("suspended", shape({"suspended": FLAG}))},
            *_ERRORS,
            body=shape({"ground": STATED}),
        ),
    ),
    Route(
        "DELETE",
        "/users/{username}/suspension",
        "lift_suspension",
        on_account(_reason, lift),
        frozenset({"username", "reason"}),
        described=described(
            "liftSuspension",
            {204: empty("lifted"), 409: answer("only another officer", shape({"error": TEXT}))},
            *_ERRORS,
            body=shape({"reason": STATED}),
        ),
    ),
    Route(
        "GET",
        "/notices",
        "read_notices",
        read_notices,
        params=frozenset({"after", "limit"}),
        described=described(
            "readNotices",
            {200: answer("notices", _NOTICES)},
            *(UNKNOWN_SESSION, NOT_UNDERSTOOD),
            parameters=(
                parameter("after", {"type": "integer", "minimum": 0, "maximum": _LARGEST, "default": 0}),
                parameter("limit", {"type": "integer", "minimum": 0, "maximum": MOST, "default": MOST}),
            ),
        ),
    ),
)
