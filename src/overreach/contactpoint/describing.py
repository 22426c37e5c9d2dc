"""The words in which an operation describes itself: JSON Schemas, answers, bodies (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overreach.contactpoint.calls import LONGEST_TEXT, NUMBER

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
#: What `str.strip` leaves something of. `\\S` is another set of characters in each dialect of regular expressions.
NOT_BLANK = r"[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
#: Text in a request; `STATED` where blank text will not do.
GIVEN: Schema = {"type": "string", "maxLength": LONGEST_TEXT}
STATED: Schema = {**GIVEN, "pattern": NOT_BLANK}
RECORD_NUMBER: Schema = {"type": "string", "pattern": f"^{NUMBER.pattern}$"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
DAY: Schema = {"type": "string", "format": "date"}
DAY_OR_NULL: Schema = {"type": ["string", "null"], "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}

UNKNOWN_SESSION = (401, "no session, or an ended one")
NOT_ALLOWED = (403, "the role has no such right, whatever the number")
NO_ACCOUNT = (404, "no such account, or not for this user: one answer")
NOT_FOUND = (404, "never issued, or not for this user: one answer")
NOT_POSSIBLE_NOW = (409, "in good form, and not possible as things stand")
TOO_LARGE = (413, "a body over 64 KiB")
NOT_UNDERSTOOD = (422, "not understood")
NOT_AVAILABLE = (503, "not available")


@dataclass(frozen=True, slots=True)
class Described:
    """One operation, as the OpenAPI document tells it."""

    name: str
    """Its `operationId`."""
    answers: Mapping[int, Schema]
    """Status -> OpenAPI response object."""
    body: Schema | None = None
    parameters: Sequence[Schema] = ()
    """Query parameters; those of the path are read off the path."""


def described(
    name: str,
    answers: Mapping[int, Schema],
    *errors: tuple[int, str],
    body: Schema | None = None,
    parameters: Sequence[Schema] = (),
) -> Described:
    """An operation with its answers, the errors named, and those that every operation may give."""
    always = [NOT_AVAILABLE] if body is None else [NOT_AVAILABLE, TOO_LARGE, NOT_UNDERSTOOD]
    told = {status: answer(text, ref("Error")) for status, text in (*errors, *always)}
    return Described(name, {**told, **answers}, body, parameters)


def answer(text: str, schema: Schema) -> Schema:
    """An answer with a JSON body."""
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def file(text: str, media_type: str) -> Schema:
    """An answer whose body is a file."""
    return {"description": text, "content": {media_type: {"schema": {"type": "string"}}}}


def empty(text: str) -> Schema:
    """An answer without a body."""
    return {"description": text}


def ref(name: str) -> Schema:
    """The schema of that name in `schemas.SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def shape(properties: Mapping[str, Schema], optional: Sequence[str] = (), *, nullable: bool = False) -> Schema:
    """An object with these members and no other; all but `optional` are always there."""
    return {
        "type": ["object", "null"] if nullable else "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def parameter(name: str, schema: Schema) -> Schema:
    """A query parameter that may be left out."""
    return {"name": name, "in": "query", "schema": schema}
