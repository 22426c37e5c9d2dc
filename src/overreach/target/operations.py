"""Filling an operation's template with fields of a child, of other people, and a user's claims.

What stands for what in a path or a body:

- `{child.NAME}`: a field of the child asked about.
- `{other.NAME}`: a field of the other user: for whom something is done, or who approves it.
- `{into.NAME}`: a field of a second child, into whose record the first one's is merged.
- `{to.FACT}`: what a fact of the other user becomes.

Only a step taken with somebody, or for somebody, has the last three: asked about a child alone, such an operation is
not asked at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import orjson

from overreach.model.decision import Claims
from overreach.model.errors import PackError
from overreach.model.probe import Request
from overreach.pack.config import Operation

_FIELD = re.compile(r"\{(child|other|into|to)\.(\w+)\}")

Fields = Mapping[str, str | None]
"""Values by name: those of the child by their own (`number`), all others with what they are of (`other.username`)."""


def render(operation: Operation, fields: Fields, claims: Claims, request_id: str) -> Request | None:
    """The request of an operation about one child; None where a field that it needs has no value."""
    if any(fields.get(name) is None for name in needed(operation, fields)):
        return None

    def value(match: re.Match[str]) -> str:
        return str(fields[_name(match[1], match[2])])

    path = _FIELD.sub(lambda match: quote(value(match), safe=""), operation.path)
    body: dict[str, str | bool] = {name: _FIELD.sub(value, template) for name, template in operation.body.items()}
    body |= operation.flags
    carried = operation.claims.get("reason")
    if carried and claims.reason is not None:
        body[carried] = claims.reason
    text = orjson.dumps(body).decode() if body else ""
    return Request(operation.method, path, text, request_id)


def needed(operation: Operation, fields: Fields) -> tuple[str, ...]:
    """Names of the fields in a template; PackError for one of the child that the population does not give."""
    found = [match for text in (operation.path, *operation.body.values()) for match in _FIELD.findall(text)]
    for of, name in found:
        if of == "child" and name not in fields:
            message = f"operation `{operation.name}` names `child.{name}`, which the population lacks"
            raise PackError(message, f"known: {', '.join(name for name in fields if '.' not in name)}")
    return tuple(_name(of, name) for of, name in found)


def fields_of(of: str, values: Mapping[str, object]) -> dict[str, str | None]:
    """Values as `Fields`, with what they are of."""
    return {_name(of, name): None if value is None else str(value) for name, value in values.items()}


def _name(of: str, name: str) -> str:
    return name if of == "child" else f"{of}.{name}"
