"""What was asked and answered against what the target's own log and alerts say of it, request by request (R9, R13)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from overreach.model.errors import TargetError
from overreach.model.probe import Answer, Probe, Violation
from overreach.model.terms import Action, Duty, Facet, Kind
from overreach.pack.config import LogEntry, Operation
from overreach.probe.anchors import nodes
from overreach.probe.judge import acknowledged, place_of

PAGE = 5000

Fetch = Callable[[str], Answer]
"""Sends `METHOD PATH` as the user who may read the log."""


@dataclass(slots=True)
class Sent:
    """One answered request, as its asker remembers it."""

    probe: Probe
    username: str
    found: frozenset[str]
    """Record numbers that the answer disclosed."""
    alert_owed: bool = False


@dataclass(slots=True)
class Reconciliation:
    """What the comparison of log and memory gave."""

    requests: int = 0
    missing: int = 0
    """Answered requests without a row."""
    wrong_user: int = 0
    incomplete: int = 0
    """Rows that do not name a record which the answer disclosed."""
    repeated: int = 0
    alerts_owed: int = 0
    alerts_missing: int = 0
    violations: list[tuple[Sent, Violation]] = field(default_factory=list)


def read_pages(fetch: Fetch, path: str, member: str) -> Iterator[dict[str, Any]]:
    """Every entry of a paged list; TargetError where a page does not come whole."""
    after = 0
    while True:
        answer = fetch(with_query(path, f"after={after}&limit={PAGE}"))
        try:
            page = orjson.loads(answer.body)
            entries, following = page[member], int(page["next"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            message = f"`{path}` cannot be read: {answer.error or f'status {answer.status}'}"
            raise TargetError(message, "check [tool.overreach.target.log] and the role that reads it") from error
        yield from entries
        if len(entries) < PAGE or following <= after:
            return
        after = following


def with_query(path: str, query: str) -> str:
    """A path with a query added to the one that it may have."""
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def entry_of(raw: Mapping[str, Any], places: LogEntry) -> dict[str, Any]:
    """An entry of the log in the engine's own form.

    `id`, `user`, `operation`, `request_id`: texts, empty where there is none; `query`: an object; `results`: texts.
    """
    document = dict(raw)

    def first(path: str) -> str:
        return next((str(node) for node in nodes(document, path) if node is not None), "")

    return {
        "id": first(places.id),
        "user": first(places.user),
        "operation": first(places.operation),
        "query": _query(next(iter(nodes(document, places.query)), None)),
        "results": [str(each) for node in nodes(document, places.results) for each in _each(node)],
        "request_id": first(places.request_id),
    }


def _each(node: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return node if isinstance(node, list) else [] if node is None else [node]


def _query(node: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    if isinstance(node, str):
        try:
            node = orjson.loads(node if node.startswith("{") else base64.b64decode(node, validate=True))
        except (binascii.Error, orjson.JSONDecodeError):
            return {}
    return node if isinstance(node, dict) else {}


def reconcile(
    sent: Iterable[Sent],
    log: Iterable[Mapping[str, Any]],
    alerts: Iterable[Mapping[str, Any]],
    operations: Mapping[str, Operation],
) -> Reconciliation:
    """Compare, request by request, by correlation id."""
    rows: dict[str, Mapping[str, Any]] = {}
    result = Reconciliation()
    for row in log:
        if rows.setdefault(row.get("request_id") or "", row) is not row and row.get("request_id"):
            result.repeated += 1
    raised = {(row.get("request_id"), row.get("user")) for row in alerts}
    for each in sent:
        result.requests += 1
        place = place_of(operations[each.probe.operation])
        _check_row(each, rows.get(each.probe.request.request_id), place, result)
        if each.alert_owed:
            result.alerts_owed += 1
            if (each.probe.request.request_id, each.username) not in raised:
                result.alerts_missing += 1
                result.violations.append((each, _owed(each, Duty.ALERT, place, "no alert names this request")))
    return result


def _check_row(each: Sent, row: Mapping[str, Any] | None, place: str, result: Reconciliation) -> None:
    if row is None:
        result.missing += 1
        result.violations.append((each, _owed(each, Duty.LOG, place, "no row of the log names this request")))
    elif row.get("user") != each.username:
        result.wrong_user += 1
        detail = f"the log names `{row.get('user')}` for a request of `{each.username}`"
        result.violations.append((each, _owed(each, Duty.LOG, place, detail)))
    elif not each.found <= set(row.get("results") or ()):
        result.incomplete += 1
        detail = "the log's row lacks a record that the answer held"
        result.violations.append((each, _owed(each, Duty.LOG, place, detail)))


def _owed(each: Sent, duty: Duty, place: str, detail: str) -> Violation:
    empty = "" if each.found or not each.probe.by else " (nothing was found)"
    return Violation(
        kind=Kind.DUTY,
        place=place,
        subject=duty.value,
        record_class="",
        child=each.probe.child,
        facet=None,
        policies=(),
        detail=detail + empty,
    )


def owes_alert(operation: Operation, status: int) -> bool:
    """Whether an acknowledged request must have raised an alert."""
    return operation.action is Action.OVERRIDE and acknowledged(status)


def found_in(disclosures: Iterable[Any], number_of: Callable[[int], str]) -> frozenset[str]:
    """Record numbers of the children whose existence an answer disclosed."""
    return frozenset(number_of(each.child) for each in disclosures if each.facet is Facet.EXISTENCE)
