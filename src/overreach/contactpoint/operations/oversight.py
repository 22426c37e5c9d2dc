"""Reading what the registry noted: log and alerts."""

from __future__ import annotations

from overreach.contactpoint.calls import FORBIDDEN, Answer, Call, whole_number
from overreach.contactpoint.describing import NOT_ALLOWED, NOT_UNDERSTOOD, UNKNOWN_SESSION, answer, described, parameter
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import ALERTS, ENTRIES

MOST = 5000  # rows in an answer
USUAL = 1000
_LARGEST = 2**62


def read_log(parts: Parts, call: Call) -> Answer:
    """Rows of the log, in order (R9)."""
    if not parts.rules.reads_log(call.signed_in.user):
        return FORBIDDEN
    after, limit = _window(call)
    entries = parts.log.read(after, limit)
    return Answer(200, {"entries": entries, "next": entries[-1]["sequence"] if entries else after})


def read_alerts(parts: Parts, call: Call) -> Answer:
    """Alerts, in order (R13)."""
    if not parts.rules.reads_log(call.signed_in.user):
        return FORBIDDEN
    after, limit = _window(call)
    alerts = parts.alerts.read(after, limit)
    return Answer(200, {"alerts": alerts, "next": alerts[-1]["sequence"] if alerts else after})


def _window(call: Call) -> tuple[int, int]:
    return whole_number(call, "after", 0, _LARGEST), whole_number(call, "limit", USUAL, MOST)


_NAMES = frozenset({"after", "limit"})
_PARAMETERS = (
    parameter("after", {"type": "integer", "minimum": 0, "maximum": _LARGEST, "default": 0}),
    parameter("limit", {"type": "integer", "minimum": 0, "maximum": MOST, "default": USUAL}),
)
_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NOT_UNDERSTOOD)

ROUTES = (
    Route(
        "GET",
        "/log",
        "read_log",
        read_log,
        params=_NAMES,
        described=described("readLog", {200: answer("rows", ENTRIES)}, *_ERRORS, parameters=_PARAMETERS),
    ),
    Route(
        "GET",
        "/alerts",
        "read_alerts",
        read_alerts,
        params=_NAMES,
        described=described("readAlerts", {200: answer("alerts", ALERTS)}, *_ERRORS, parameters=_PARAMETERS),
    ),
)
