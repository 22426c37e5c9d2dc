"""One request and its answer as they crossed the wire, and which operation of the pack it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

import orjson

from overreach.model.probe import Answer
from overreach.model.terms import Action, Facet
from overreach.pack.config import Operation, TargetConfig

_FIELD = re.compile(r"\\\{child\\?\.(\w+)\\\}")
_NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    method: str
    target: str
    """Path and query, as sent."""
    headers: tuple[tuple[str, str], ...]
    """Of the request, in order."""
    body: bytes
    """Of the request."""
    answer: Answer
    at: float
    """When the answer was whole, in seconds of any clock that runs forward."""

    @property
    def path(self) -> str:
        """Without the query; a second slash at its start is part of it, not the name of a host."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the first question mark."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """First value of a header of the request; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def members(self) -> dict[str, str]:
        """Members of the request's JSON body that are texts; empty for any other body."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return {key: each for key, each in value.items() if isinstance(each, str)} if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Matched:
    """What a request asked for, in the pack's terms."""

    operation: Operation
    """For what the pack does not describe, one made up on the spot: its answer is judged all the same."""
    child: int | None
    number: str
    """The record number asked about, as sent; empty for none."""
    reason: str | None
    """Stated in this request."""


class Matcher:
    """Finds the operation behind a request.

    `child_by_number` gives the row of a record number, or None.
    """

    def __init__(self, target: TargetConfig, child_by_number: Callable[[str], int | None]) -> None:
        self._child_by_number = child_by_number
        self._log = target.watching
        self._endpoints: dict[tuple[str, re.Pattern[str]], list[Operation]] = {}
        for operation in target.operations.values():
            key = (operation.method, _pattern(operation.path))
            self._endpoints.setdefault(key, []).append(operation)

    def match(self, exchange: Exchange) -> Matched:
        """The operation, the child and the reason of a request."""
        members = exchange.members()
        for (method, pattern), operations in self._endpoints.items():
            path = pattern.fullmatch(exchange.path)
            if path is None or method != exchange.method:
                continue
            operation = _chosen(operations, members)
            number = unquote(path.groupdict().get(_NUMBER, "")) or _number_in(operation, members)
            child = self._child_by_number(number) if number else None
            return Matched(operation, child, number, members.get(operation.claims.get("reason", "")))
        action = Action.READ_LOG if (exchange.method, exchange.path) in self._log else None
        return Matched(_unknown(exchange, action), None, "", None)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_FIELD.sub(lambda field: f"(?P<{field[1]}>[^/]+)", re.escape(template)))


def _number_in(operation: Operation, members: Mapping[str, str]) -> str:
    names = (name for name, template in operation.body.items() if template == "{child.number}")
    return next((members[name] for name in names if name in members), "")


def _unknown(exchange: Exchange, action: Action | None) -> Operation:
    name = f"{exchange.method} {exchange.path}"
    return Operation(name, exchange.method, exchange.path, {}, {}, {}, (), action, None, None, writes=False)


def _chosen(operations: Sequence[Operation], members: Mapping[str, str]) -> Operation:
    """The operation of an endpoint that fits a body; for a search that none describes, one made up of their parts."""
    asked = set(members)
    for operation in operations:
        if set(operation.body) == asked - set(operation.claims.values()):
            return operation
    if not any(operation.by for operation in operations):
        return operations[0]
    named = named_facets(operations)
    by: dict[Facet, None] = {}
    for member in members:
        by.update(dict.fromkeys(named.get(member, ())))
    ordered = tuple(by) or operations[0].by
    same = next((operation for operation in operations if set(operation.by) == set(ordered)), operations[0])
    return replace(same, by=ordered)


def named_facets(operations: Sequence[Operation]) -> dict[str, tuple[Facet, ...]]:
    """Member of a search's body -> the facets it names: those that every search with this member has in common."""
    facets: dict[str, tuple[Facet, ...]] = {}
    for operation in operations:
        for member in operation.body:
            before = facets.get(member, operation.by)
            facets[member] = tuple(facet for facet in before if facet in operation.by)
    return facets
