"""Faults of what an answer carries beside its body."""

from __future__ import annotations

from dataclasses import replace

from overreach.contactpoint.calls import Answer, Call
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.roles import WHEREABOUTS


@fault("whereabouts-in-header", breaks="R11", scenario=21)
def whereabouts_in_header(parts: Parts) -> Parts:
    """Where the user may not read the whereabouts of a record, a header of the answer tells them."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        found = parts.records.find(answer.results[0], call.signed_in.user.user) if answer.results else None
        if found is None or "address" in (answer.body or {}):
            return answer
        place = parts.records.read(found.child.child, frozenset({WHEREABOUTS}))["address"]
        hint = f"{place['house']}, {place['postcode']}".encode("ascii", "replace").decode()
        return replace(answer, headers={**answer.headers, "x-record-hint": hint})

    return parts.changing("view", change)
