"""Filling an operation's template with a child's fields and a user's claims."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import orjson

from overreach.model.decision import Claims
from overreach.model.errors import PackError
from overreach.model.probe import Request
from overreach.pack.config import Operation

_FIELD = re.compile(r"\{child\.(\w+)\}")

Fields = Mapping[str, str | None]


def render(operation: Operation, fields: Fields, claims: Claims, request_id: str) -> Request | None:
    """The request of an operation about one child; None where the child lacks a field that it needs."""
    if any(fields.get(name) is None for name in needed(operation, fields)):
        return None

    def value(match: re.Match[str]) -> str:
        return str(fields[match[1]])

    path = _FIELD.sub(lambda match: quote(value(match), safe=""), operation.path)
    body = {name: _FIELD.sub(value, template) for name, template in operation.body.items()}
    carried = operation.claims.get("reason")
    if carried and claims.reason is not None:
        body[carried] = claims.reason
    text = orjson.dumps(body).decode() if body else ""
    return Request(operation.method, path, text, request_id)


def needed(operation: Operation, fields: Fields) -> tuple[str, ...]:
    """Names of the child's fields in a template; PackError for one that the population does not give."""
    names = tuple(match for text in (operation.path, *operation.body.values()) for match in _FIELD.findall(text))
    for name in names:
        if name not in fields:
            message = f"operation `{operation.name}` names `child.{name}`, which the population lacks"
            raise PackError(message, f"known: {', '.join(fields)}")
    return names
