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
from functools import lru_cache
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
    path = _filled(operation.path, fields, quoted=True)
    body: dict[str, str | bool] = {name: _filled(template, fields) for name, template in operation.body.items()}
    body |= operation.flags
    carried = operation.claims.get("reason")
    if carried and claims.reason is not None:
        body[carried] = claims.reason
    text = orjson.dumps(body).decode() if body else ""
    return Request(operation.method, path, text, request_id)


def needed(operation: Operation, fields: Fields) -> tuple[str, ...]:
    """Names of the fields in a template; PackError for one of the child that the population does not give."""
    found = [part for text in (operation.path, *operation.body.values()) for part in _parts(text)[1]]
    for of, name, key in found:
        if of == "child" and key not in fields:
            message = f"operation `{operation.name}` names `child.{name}`, which the population lacks"
            raise PackError(message, f"known: {', '.join(name for name in fields if '.' not in name)}")
    return tuple([key for _, _, key in found])


def _filled(template: str, fields: Fields, *, quoted: bool = False) -> str:
    texts, places = _parts(template)
    if not places:
        return template
    values = [str(fields[key]) for _, _, key in places]
    if quoted:
        values = [quote(value, safe="") for value in values]
    return texts[0] + "".join([value + text for value, text in zip(values, texts[1:], strict=True)])


@lru_cache(maxsize=1024)
def _parts(template: str) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """The texts around the fields of a template, one more than fields; and (of, name, name in `Fields`) of each."""
    pieces = _FIELD.split(template)
    places = tuple((of, name, _name(of, name)) for of, name in zip(pieces[1::3], pieces[2::3], strict=True))
    return tuple(pieces[::3]), places


def fields_of(of: str, values: Mapping[str, object]) -> dict[str, str | None]:
    """Values as `Fields`, with what they are of."""
    return {_name(of, name): None if value is None else str(value) for name, value in values.items()}


def _name(of: str, name: str) -> str:
    return name if of == "child" else f"{of}.{name}"
