"""Faults of object rights: the record that is checked is not the one that is answered or changed."""

from __future__ import annotations

from dataclasses import replace

from overreach.contactpoint import roles
from overreach.contactpoint.calls import ABSENT, Answer, Call, texts
from overreach.contactpoint.facts import Child, Claims, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Handler, Parts, answered
from overreach.contactpoint.records import Record

#: Everything of a record that its own table holds.
WHOLE = frozenset(
    {roles.IDENTITY, roles.FORMER_NAMES, roles.WHEREABOUTS, roles.CARERS, roles.CONTACTS}
    | {roles.EDUCATION, roles.HEALTH, roles.SERVICES, roles.INDICATORS, roles.PROVENANCE}
)


def whole_record(parts: Parts, number: str) -> Answer:
    """A record as it lies in the database, whoever asks; ABSENT for a number that was never issued."""
    found = parts.records.find(number, -1)
    return ABSENT if found is None else Answer(200, parts.records.read(found.child.child, WHOLE), (number,))


def without(call: Call, member: str) -> tuple[Call, object]:
    """The call without a member of its body, and what that member was."""
    if not isinstance(call.body, dict):
        return call, None
    body = {name: value for name, value in call.body.items() if name != member}
    return replace(call, body=body), call.body.get(member)


def _as_read_by(parts: Parts, call: Call, number: str) -> Answer:
    """The record of a number with the facets that the user may read of it."""
    session = call.signed_in
    found = parts.records.find(number, session.user.user)
    claims = parts.sessions.claims(session, number, None, call.now)
    facets = roles.NO_ROLE.facets if found is None else parts.rules.view(session.user, found.child, claims)
    if found is None or roles.EXISTENCE not in facets:
        return ABSENT
    return Answer(200, parts.records.read(found.child.child, facets), (number,))


@fault("number-never-given-opens", breaks="R7", scenario=10)
def number_never_given_opens(parts: Parts) -> Parts:
    """A record number opens its record, whether or not a search gave it to the session."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            if not call.number:
                return await answered(inner, parts, call)
            return _as_read_by(parts, call, call.number)

        return handler

    return parts.wrapping("view", around)


@fault("number-in-query-wins", breaks="R7", scenario=10)
def number_in_query_wins(parts: Parts) -> Parts:
    """The number in the path is the one that must have been given, the one in the query is the one that is opened."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        other = call.params.get("number")
        return answer if other is None or answer == ABSENT else _as_read_by(parts, call, other)

    return parts.changing("view", change)


@fault("number-in-header-wins", breaks="R7", scenario=3)
def number_in_header_wins(parts: Parts) -> Parts:
    """The facets are decided for the record that is asked for, and read of the one that a header names."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        other = parts.records.find(call.headers.get("x-record-number", ""), call.signed_in.user.user)
        asked = parts.records.find(answer.results[0], call.signed_in.user.user) if answer.results else None
        if other is None or asked is None:
            return answer
        reason = call.body.get("reason") if isinstance(call.body, dict) else None
        claims = parts.sessions.claims(call.signed_in, asked.child.number, reason, call.now)
        facets = parts.rules.view(call.signed_in.user, asked.child, claims)
        return replace(answer, body=parts.records.read(other.child.child, facets))

    return parts.changing("view", change)


@fault("number-in-body-overridden", breaks="R13", scenario=4)
def number_in_body_overridden(parts: Parts) -> Parts:
    """An override is decided and told of for the number in the path, and opens the one in the body."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            plain, other = without(call, "number")
            answer = await answered(inner, parts, plain)
            if isinstance(other, str) and answer.status == 201:  # noqa: PLR2004 - granted, in HTTP
                reason = texts(plain, required=("reason",))["reason"]
                parts.sessions.override(call.signed_in, other, reason, call.now)
            return answer

        return handler

    return parts.wrapping("override", around)


@fault("list-of-numbers-checked-by-first", breaks="R11", scenario=3)
def list_of_numbers_checked_by_first(parts: Parts) -> Parts:
    """A list of numbers is answered record by record, after only the first of them was checked."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            plain, numbers = without(call, "number")
            if not isinstance(numbers, list) or not isinstance(plain.body, dict) or not numbers:
                return await answered(inner, parts, call)
            first = await answered(inner, parts, replace(plain, body={**plain.body, "number": numbers[0]}))
            others = [whole_record(parts, str(number)) for number in numbers[1:]]
            records: list[Record] = [dict(answer.body or {}) for answer in others if answer.results]
            return replace(first, body={"children": [first.body, *records]}) if first.results else first

        return handler

    return parts.wrapping("view", around)


@fault("shield-kept-by-any-team", breaks="R10", scenario=32)
def shield_kept_by_any_team(parts: Parts) -> Parts:
    """The management team of any area sets and lifts the shields of all others."""

    def keeps_shield(user: User, child: Child) -> bool:
        return parts.rules.keeps_shield(user._replace(national=True), child)

    return replace(parts, rules=replace(parts.rules, keeps_shield=keeps_shield))


@fault("reason-declared-for-another-session", breaks="R8", scenario=36)
def reason_declared_for_another_session(parts: Parts) -> Parts:
    """A reason can be declared on behalf of any session: its number is taken from the body."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            plain, other = without(call, "session")
            if isinstance(other, int):
                plain = replace(plain, session=call.signed_in._replace(session=other))
            return await answered(inner, parts, plain)

        return handler

    return parts.wrapping("declare", around)


@fault("record-as-of-an-earlier-day", breaks="R11", scenario=24)
def record_as_of_an_earlier_day(parts: Parts) -> Parts:
    """A record can be read as of a day before it was shielded, which takes its shield away."""

    def around(inner: Handler) -> Handler:
        async def handler(outer: Parts, call: Call) -> Answer:
            day = call.params.get("as_of", "")

            def view(user: User, child: Child, claims: Claims) -> frozenset[str]:
                since = outer.records.read(child.child, frozenset({roles.PROTECTION}))["protection"]["since"]
                hidden = child.shielded and not (day and since and day < since)
                return outer.rules.view(user, child._replace(shielded=hidden), claims)

            return await answered(inner, replace(outer, rules=replace(outer.rules, view=view)), call)

        return handler

    return parts.wrapping("view", around)
