"""Reading what the registry noted: log and alerts."""

from __future__ import annotations

from overreach.contactpoint.calls import FORBIDDEN, Answer, Call, whole_number
from overreach.contactpoint.parts import Parts

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
