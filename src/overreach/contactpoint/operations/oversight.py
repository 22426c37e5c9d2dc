"""Reading what the registry noted, and following it up: log, alerts, findings."""

from __future__ import annotations

import re
from typing import Any

from overreach.contactpoint.auditevent import event_of
from overreach.contactpoint.calls import DONE, FORBIDDEN, Answer, Call, MalformedError, whole_number
from overreach.contactpoint.describing import (
    NOT_ALLOWED,
    NOT_UNDERSTOOD,
    STATED,
    UNKNOWN_SESSION,
    answer,
    described,
    empty,
    parameter,
    shape,
)
from overreach.contactpoint.facts import User
from overreach.contactpoint.journal import Alert
from overreach.contactpoint.masks import MASKED
from overreach.contactpoint.operations.protection import kept
from overreach.contactpoint.operations.stating import stated
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import ALERTS, ENTRIES, FINDINGS

MOST = 5000  # rows in an answer
USUAL = 1000
FINDING = ("explained", "misuse")
NO_ALERT = Answer(404, {"error": "no such alert"})
ANSWERED = Answer(409, {"error": "answered already"})
_LARGEST = 2**62
_SEQUENCE = re.compile(r"[0-9]{1,18}")
LONGEST_CASE = 64  # characters
_CASE = "[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*"  # not blanks alone


def read_log(parts: Parts, call: Call) -> Answer:
    """Rows of the log, in order; in full for a stated case only, and then an alert is raised (R9)."""
    user = call.signed_in.user
    case = call.params.get("case")
    if not parts.rules.reads_log(user) or (case is not None and not parts.rules.unmasks_log(user)):
        return FORBIDDEN
    if case is not None and not (len(case) <= LONGEST_CASE and re.fullmatch(_CASE, case)):
        raise MalformedError
    after, limit = _window(call)
    rows = parts.log.read(after, limit, parts.rules.log_areas(user))
    if case is None:
        shown = parts.masks.veil(rows)
    else:
        shown = rows
        if parts.inquiries.begin(call.signed_in.session, case):
            parts.alerts.sound(Alert("log_unmasked", user.username, "", call.request_id), call.now)
    return Answer(200, {"entries": [event_of(row) for row in shown], "next": rows[-1].sequence if rows else after})


def read_alerts(parts: Parts, call: Call) -> Answer:
    """Alerts, in order (R13); a management team sees none that name another area's child and user.

    A record is named to those who keep its shield, and to the central team.
    """
    user = call.signed_in.user
    if not parts.rules.reads_log(user):
        return FORBIDDEN
    after, limit = _window(call)
    raised = parts.alerts.read(after, limit, parts.rules.log_areas(user))
    alerts = [_told(parts, call, alert) for alert in raised]
    return Answer(200, {"alerts": alerts, "next": alerts[-1]["sequence"] if alerts else after})


def answer_alert(parts: Parts, call: Call) -> Answer:
    """Say what became of an alert; not for the user whom it is about, nor for that user's manager (R13, R19)."""
    user = call.signed_in.user
    if not parts.rules.reads_log(user):
        return FORBIDDEN
    asked = stated(call, ("finding", "note"))
    if asked["finding"] not in FINDING:
        raise MalformedError
    sequence = call.path["sequence"]
    raised = parts.inquiries.find(int(sequence)) if _SEQUENCE.fullmatch(sequence) else None
    if raised is None or not _shown(parts, user, int(sequence)):
        return NO_ALERT
    if not parts.rules.answers_alert(user, raised.user, raised.manager):
        return FORBIDDEN
    if raised.answered:
        return ANSWERED
    parts.inquiries.answer(int(sequence), user.username, asked["finding"], asked["note"], call.now)
    return DONE


def read_findings(parts: Parts, call: Call) -> Answer:
    """What should have been done by now and was not (R13, R19)."""
    if not parts.rules.reads_log(call.signed_in.user):
        return FORBIDDEN
    return Answer(200, {"findings": parts.inquiries.findings(call.now)})


def _shown(parts: Parts, user: User, sequence: int) -> bool:
    """Whether the user sees that alert at all."""
    first = parts.alerts.read(sequence - 1, 1, parts.rules.log_areas(user))
    return bool(first) and first[0]["sequence"] == sequence


def _told(parts: Parts, call: Call, alert: dict[str, Any]) -> dict[str, Any]:
    """The alert as this user reads it: that a shield was asked for or broken tells of the shield (R9, R10)."""
    open_to = call.signed_in.user.national or not alert["child"] or kept(parts, call, alert["child"]) is not None
    return alert if open_to else {**alert, "child": MASKED}


def _window(call: Call) -> tuple[int, int]:
    return whole_number(call, "after", 0, _LARGEST), whole_number(call, "limit", USUAL, MOST)


_NAMES = frozenset({"after", "limit"})
_PARAMETERS = (
    parameter("after", {"type": "integer", "minimum": 0, "maximum": _LARGEST, "default": 0}),
    parameter("limit", {"type": "integer", "minimum": 0, "maximum": MOST, "default": USUAL}),
)
_IN_FULL = parameter("case", {"type": "string", "maxLength": LONGEST_CASE, "pattern": f"^{_CASE}$"})
_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NOT_UNDERSTOOD)
_ANSWER = shape({"finding": {"enum": list(FINDING)}, "note": STATED})

ROUTES = (
    Route(
        "GET",
        "/log",
        "read_log",
        read_log,
        params=_NAMES | {"case"},
        described=described("readLog", {200: answer("rows", ENTRIES)}, *_ERRORS, parameters=(*_PARAMETERS, _IN_FULL)),
    ),
    Route(
        "GET",
        "/alerts",
        "read_alerts",
        read_alerts,
        params=_NAMES,
        described=described("readAlerts", {200: answer("alerts", ALERTS)}, *_ERRORS, parameters=_PARAMETERS),
    ),
    Route(
        "POST",
        "/alerts/{sequence}/answer",
        "answer_alert",
        answer_alert,
        frozenset({"sequence", "finding", "note"}),
        described=described(
            "answerAlert",
            {204: empty("answered")},
            UNKNOWN_SESSION,
            (403, "the role has no such right, or the alert is about the user or somebody whom the user manages"),
            (404, "no such alert"),
            (409, "answered already"),
            body=_ANSWER,
        ),
    ),
    Route(
        "GET",
        "/findings",
        "read_findings",
        read_findings,
        described=described("readFindings", {200: answer("findings", FINDINGS)}, UNKNOWN_SESSION, NOT_ALLOWED),
    ),
)
