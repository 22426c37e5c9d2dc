"""What reaches an operation, what leaves it, and the checks that a body must pass."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from overreach.contactpoint.facts import REASONS
from overreach.contactpoint.sessions import Session

LONGEST_TEXT = 1000  # characters in a field
NUMBER = re.compile(r"qxzc[0-9a-hjkmnp-tv-z]{8}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read."""

    session: Session | None
    number: str
    """The record number in the path; empty where it has none."""
    body: object
    """The body as JSON; None where there is none or it is no JSON."""
    params: Mapping[str, str]
    request_id: str
    now: datetime
    path: Mapping[str, str] = field(default_factory=dict)
    """Every parameter of the path by its name."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The request's header fields, whatever the case of their names."""

    @property
    def signed_in(self) -> Session:
        """The session of an operation that needs one."""
        if self.session is None:
            message = "this operation is open to everybody"
            raise RuntimeError(message)
        return self.session


@dataclass(frozen=True, slots=True)
class File:
    """A body that is no JSON."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, not yet written."""

    status: int
    body: Mapping[str, Any] | None = None
    results: tuple[str, ...] = ()
    """The record numbers answered, for the log."""
    user: str = ""
    """Username of a session that this answer began."""
    headers: Mapping[str, str] = field(default_factory=dict)
    file: File | None = None
    """The body where it is no JSON; `body` is None then."""
    noted: Mapping[str, Any] = field(default_factory=dict)
    """What the log says of it besides what was asked, such as counts."""


class MalformedError(Exception):
    """A request that does not have the form its operation asks for."""


class NotPossibleError(Exception):
    """A request in good form that names somebody unknown, or a day that will not do: no schema could refuse it."""


ABSENT = Answer(404, {"error": "no such record"})
NO_ACCOUNT = Answer(404, {"error": "no such account"})
FORBIDDEN = Answer(403, {"error": "not allowed"})
REFUSED = Answer(403, {"error": "not accepted"})
MALFORMED = Answer(422, {"error": "not understood"})
TOO_LARGE = Answer(413, {"error": "too large"})
SIGNED_OUT = Answer(401, {"error": "not signed in"})
NO_PAGE = Answer(404, {"error": "no such page"})
WRONG_METHOD = Answer(405, {"error": "not possible here"})
TOO_MANY = Answer(429, {"error": "too many requests"})
NOT_NOW = Answer(409, {"error": "not possible now"})
UNAVAILABLE = Answer(503, {"error": "not available"})
DONE = Answer(204)


def texts(call: Call, required: Collection[str] = (), optional: Collection[str] = ()) -> dict[str, str]:
    """The body's fields, all of them text; MalformedError for anything missing, unknown, too long or no text."""
    given = call.body
    if not isinstance(given, dict):
        raise MalformedError
    if not given.keys() >= set(required) or not given.keys() <= {*required, *optional}:
        raise MalformedError
    if any(not isinstance(value, str) or len(value) > LONGEST_TEXT for value in given.values()):
        raise MalformedError
    return dict(given)


def flag(call: Call, name: str) -> bool:
    """The one field of the body, true or false; MalformedError for anything else."""
    if not isinstance(call.body, dict) or call.body.keys() != {name} or not isinstance(call.body[name], bool):
        raise MalformedError
    return bool(call.body[name])


def coded_reason(reason: str | None) -> str | None:
    """A reason from the coded list, or None where none is stated; MalformedError for any other text."""
    if reason is not None and reason not in REASONS:
        raise MalformedError
    return reason


def day(text: str) -> str:
    """A day as YYYY-MM-DD; MalformedError for anything else."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise MalformedError


def whole(value: object, largest: int) -> int:
    """A whole number from 1 to `largest`, such as 1 or 1.0 (to JSON Schema they are one); or MalformedError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= largest or value % 1:
        raise MalformedError
    return int(value)


def whole_number(call: Call, name: str, default: int, largest: int) -> int:
    """A query parameter from 0 to `largest`; MalformedError for anything else."""
    text = call.params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < len(str(largest)) + 1 and int(text) <= largest):
        raise MalformedError
    return int(text)
