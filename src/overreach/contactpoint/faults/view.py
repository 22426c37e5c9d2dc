"""Faults of reading a record."""

from __future__ import annotations

from dataclasses import replace

from overreach.contactpoint.calls import ABSENT, FORBIDDEN, Answer, Call
from overreach.contactpoint.facts import Child, Claims, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts


@fault("shield-ignored-in-view", breaks="R11", scenario=3)
def shield_ignored_in_view(parts: Parts) -> Parts:
    """A view shows what the shield hides, as if the record had none."""

    def view(user: User, child: Child, claims: Claims) -> frozenset[str]:
        return parts.rules.view(user, child._replace(shielded=False), claims)

    return replace(parts, rules=replace(parts.rules, view=view))


@fault("area-not-checked", breaks="R7", scenario=8)
def area_not_checked(parts: Parts) -> Parts:
    """A child out of area is treated as one whom the user works with."""

    def search(user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
        return parts.rules.search(user, child._replace(involved=True), claims, by)

    def view(user: User, child: Child, claims: Claims) -> frozenset[str]:
        return parts.rules.view(user, child._replace(involved=True), claims)

    return replace(parts, rules=replace(parts.rules, search=search, view=view))


@fault("forbidden-differs-from-absent", breaks="R7", scenario=9)
def forbidden_differs_from_absent(parts: Parts) -> Parts:
    """A record that exists but may not be seen answers differently from a number never issued."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        asked = call.body.get("number") if isinstance(call.body, dict) else call.number
        hidden = answer == ABSENT and parts.records.find(str(asked), call.signed_in.user.user) is not None
        return FORBIDDEN if hidden else answer

    return parts.changing("view", change)
