"""Amending a record: the closed list of fields, and nothing besides (R1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from overreach.contactpoint.amendments import Attendance, Place, Value
from overreach.contactpoint.calls import ABSENT, DONE, FORBIDDEN, Answer, Call, MalformedError, coded_reason, day
from overreach.contactpoint.decisions.amending import FACET_OF
from overreach.contactpoint.describing import (
    DAY,
    NOT_ALLOWED,
    NOT_FOUND,
    UNKNOWN_SESSION,
    Schema,
    answer,
    described,
    empty,
    ref,
    shape,
)
from overreach.contactpoint.facts import STATEMENTS
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import REASON

_NO_SUCH = "no such school or practice"
NO_SUCH = Answer(409, {"error": _NO_SUCH})
LAST_KNOWN = STATEMENTS[0]
GENDERS = ("female", "male", "not specified")
_LINES = ("house", "street", "locality", "postcode")
_MEMBERS = {"address": {*_LINES, "statement", "since"}, "school": {"name", "since"}, "practice": {"name", "phone"}}
# A value: up to 200 characters, the first of them visible and none for controlling a screen.
_TEXT = re.compile(r"[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]{0,199}")
_MOST_NAMES = 20
# What has another form could be case information itself: it is not repeated, and not logged.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_NO_NAME = "?"


class _NoSuchError(Exception):
    """A school or practice that there is not."""


def amend(parts: Parts, call: Call) -> Answer:
    """Write fields of a record; all of them or, where one is refused, none (R1)."""
    mine = parts.rules.amends(call.signed_in.user)
    if not mine:
        return FORBIDDEN
    if not isinstance(call.body, dict):
        raise MalformedError
    refused = _not_of_the_record(call.body)
    if refused:
        body = {"error": "no field of the record", "fields": refused}
        return Answer(422, body, noted={"refused": " ".join(refused)})
    given = {name: value for name, value in call.body.items() if name != "reason"}
    if not given:
        raise MalformedError
    if not given.keys() <= mine:
        return FORBIDDEN
    try:
        changes = {name: _READ[name](parts, call, value) for name, value in given.items()}
    except _NoSuchError:
        return NO_SUCH
    return replace(_write(parts, call, changes), noted={"fields": " ".join(sorted(given))})


def _write(parts: Parts, call: Call, changes: Mapping[str, Value]) -> Answer:
    """Write what is of the right form, if the right reaches this child."""
    session, reason = call.signed_in, call.body.get("reason") if isinstance(call.body, dict) else None
    if reason is not None and not isinstance(reason, str):
        raise MalformedError
    claims = parts.sessions.claims(session, call.number, coded_reason(reason), call.now)
    found = parts.records.find(call.number, session.user.user)
    if found is None or not parts.rules.amends_record(session.user, found.child, claims, frozenset(changes)):
        return ABSENT
    parts.amendments.amend(found.child.child, changes, call.now.date())
    return DONE


def _not_of_the_record(body: Mapping[str, Any]) -> list[str]:
    """Names of what is no field of the record, or of a member of one; each once, so many at most."""
    names = [name for name in body if name not in FACET_OF and name != "reason"]
    for field, members in _MEMBERS.items():
        inside = body.get(field)
        if isinstance(inside, dict):
            names += [f"{field}.{name}" for name in inside if name not in members]
    told = dict.fromkeys(name if _NAME.fullmatch(name) else _NO_NAME for name in names)
    return list(told)[:_MOST_NAMES]


def _text(_parts: Parts, _call: Call, value: object) -> str:
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        raise MalformedError
    return value


def _text_or_none(parts: Parts, call: Call, value: object) -> str | None:
    return None if value is None else _text(parts, call, value)


def _gender(_parts: Parts, _call: Call, value: object) -> str:
    if value not in GENDERS:
        raise MalformedError
    return str(value)


def _past_day(_parts: Parts, call: Call, value: object) -> str:
    if not isinstance(value, str) or day(value) > call.now.date().isoformat():
        raise MalformedError
    return value


def _since(parts: Parts, call: Call, given: Mapping[str, Any]) -> str:
    return _past_day(parts, call, given.get("since", call.now.date().isoformat()))


def _address(parts: Parts, call: Call, value: object) -> Place:
    """A whole address, current or last known; or a statement alone, where no address is known."""
    if not isinstance(value, dict):
        raise MalformedError
    statement, since = value.get("statement"), _since(parts, call, value)
    if statement is not None and statement not in STATEMENTS:
        raise MalformedError
    if statement not in (None, LAST_KNOWN):
        if not value.keys().isdisjoint(_LINES):
            raise MalformedError
        return Place(None, None, None, None, statement, since)
    house, street, locality, postcode = (_text(parts, call, value.get(line)) for line in _LINES)
    return Place(house, street, locality, postcode, statement, since)


def _school(parts: Parts, call: Call, value: object) -> Attendance:
    if value is None:
        return Attendance(None, None)
    if not isinstance(value, dict):
        raise MalformedError
    school = parts.amendments.school_named(_text(parts, call, value.get("name")))
    if school is None:
        raise _NoSuchError
    return Attendance(school, _since(parts, call, value))


def _practice(parts: Parts, call: Call, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise MalformedError
    name, phone = _text(parts, call, value.get("name")), _text_or_none(parts, call, value.get("phone"))
    practice = parts.amendments.practice_named(name, phone)
    if practice is None:
        raise _NoSuchError
    return practice


_READ: Mapping[str, Callable[[Parts, Call, object], Value]] = {
    "given_name": _text,
    "middle_name": _text_or_none,
    "family_name": _text,
    "gender": _gender,
    "date_of_birth": _past_day,
    "address": _address,
    "school": _school,
    "practice": _practice,
}


def read_value(parts: Parts, call: Call, field: str, value: object) -> Value:
    """The value of a field of the closed list; MalformedError for one of the wrong form."""
    return _READ[field](parts, call, value)


_LINE: Schema = {"type": "string", "pattern": f"^{_TEXT.pattern}$"}
_WHOLE = {**dict.fromkeys(_LINES, _LINE), "statement": {"enum": [LAST_KNOWN, None]}, "since": DAY}
_NONE = {"statement": {"enum": [each for each in STATEMENTS if each != LAST_KNOWN]}, "since": DAY}
FIELDS: Schema = {
    "given_name": _LINE,
    "middle_name": {**_LINE, "type": ["string", "null"]},
    "family_name": _LINE,
    "gender": {"enum": list(GENDERS)},
    "date_of_birth": DAY,
    "address": {"anyOf": [shape(_WHOLE, optional=("statement", "since")), shape(_NONE, optional=("since",))]},
    "school": shape({"name": _LINE, "since": DAY}, optional=("since",), nullable=True),
    "practice": shape({"name": _LINE, "phone": _LINE}, optional=("phone",), nullable=True),
    "reason": REASON,
}
_REFUSED = answer(
    "not understood, or, named, what is no field of the record", {"anyOf": [ref("Error"), ref("Refusal")]}
)

ROUTES = (
    Route(
        "PATCH",
        "/children/{number}",
        "amend",
        amend,
        frozenset({"reason"}),
        reads=True,
        described=described(
            "amend",
            {204: empty("written"), 422: _REFUSED},
            UNKNOWN_SESSION,
            NOT_ALLOWED,
            NOT_FOUND,
            (409, _NO_SUCH),
            body=shape(FIELDS, optional=tuple(FIELDS)) | {"anyOf": [{"required": [field]} for field in FACET_OF]},
        ),
    ),
)
