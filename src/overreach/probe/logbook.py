"""What was asked and answered against what the target's own log and alerts say of it, request by request (R9, R13)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from itertools import islice
from typing import Any, Protocol, TypeAlias

import orjson

from overreach.model.errors import TargetError
from overreach.model.probe import Answer, Probe, Violation
from overreach.model.terms import Action, Duty, Facet, Kind, Part
from overreach.pack.config import LogEntry, Operation
from overreach.probe.anchors import nodes
from overreach.probe.judge import acknowledged, place_of

PAGE = 5000

ROW = "row of the log"
"""Stands for the operation in a probe that nobody sent: made of a row that nothing explains."""

Entry: TypeAlias = Mapping[str, Any]
"""A row of the log, or an alert, in the engine's own form."""
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

    read: int = 0
    """Rows of the log, whosever."""
    requests: int = 0
    """Answered requests that the log owes a row."""
    rows: int = 0
    """Rows of these requests, the repeated ones among them, and the extra ones."""
    missing: int = 0
    """Answered requests without a row."""
    wrong_user: int = 0
    """Requests whose row names somebody else."""
    incomplete: int = 0
    """Requests whose row does not name a record which the answer disclosed."""
    repeated: int = 0
    """Rows beyond the first of a request."""
    extra: int = 0
    """Rows that no request explains."""
    unproven: int = 0
    """Rows and answers that a lost memory would have to explain."""
    unowed: int = 0
    """Rows that there may be and need not: of requests that were cut off, or sent again."""
    alerts_owed: int = 0
    alerts_missing: int = 0
    violations: list[tuple[Sent, Violation]] = field(default_factory=list)
    others: Reconciliation | None = None
    """What others gave, whose counts are in these; their violations stand elsewhere."""

    def and_of(self, others: Reconciliation) -> Reconciliation:
        """Both together."""
        counted = {each.name: getattr(self, each.name) + getattr(others, each.name) for each in _counted()}
        return replace(self, **counted, others=others)

    def books(self) -> dict[str, int]:
        """Requests against rows: there are as many rows as requests but for missing, repeated and extra ones."""
        left_out = {"read", "alerts_owed", "alerts_missing"}
        return {each.name: getattr(self, each.name) for each in _counted() if each.name not in left_out}


def _counted() -> list[Field[Any]]:
    return [each for each in fields(Reconciliation) if each.type == "int"]


class Others(Protocol):
    """Whoever remembers requests in another form, and compares them itself."""

    def take(self, rows: Sequence[Entry]) -> None:
        """Take rows of the log that no request remembered here explains."""

    def raised(self, request_id: str, user: str) -> None:
        """Take an alert."""

    def conclude(self) -> Reconciliation:
        """What it gave, once everything was taken."""


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
    return row_of(raw, places) | {"query": _query(next(iter(nodes(dict(raw), places.query)), None))}


def row_of(raw: Mapping[str, Any], places: LogEntry) -> dict[str, Any]:
    """The same without the query."""
    document = dict(raw)

    def first(path: str) -> str:
        return next((str(node) for node in nodes(document, path) if node is not None), "")

    return {
        "id": first(places.id),
        "user": first(places.user),
        "operation": first(places.operation),
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
    log: Iterable[Entry],
    alerts: Iterable[Entry],
    operations: Mapping[str, Operation],
    others: Others | None = None,
) -> Reconciliation:
    """Compare, request by request, by correlation id; the log is gone through once, and not kept."""
    sent = list(sent)
    ids = {each.probe.request.request_id for each in sent}
    result = Reconciliation()
    first: dict[str, Entry] = {}
    log = iter(log)
    while some := list(islice(log, PAGE)):
        result.read += len(some)
        rest = []
        for row in some:
            request_id = row.get("request_id") or ""
            if request_id in ids:
                result.rows += 1
                result.repeated += first.setdefault(request_id, row) is not row
            else:
                rest.append(row)
        if others is not None:
            others.take(rest)
    raised = set()
    for alert in alerts:
        request_id, user = str(alert.get("request_id") or ""), str(alert.get("user") or "")
        if request_id in ids:
            raised.add((request_id, user))
        elif others is not None:
            others.raised(request_id, user)
    for each in sent:
        named = first.get(each.probe.request.request_id)
        _check(each, named, raised, place_of(operations[each.probe.operation]), result)
    return result if others is None else result.and_of(others.conclude())


def _check(
    each: Sent, row: Entry | None, raised: Container[tuple[str, str]], place: str, result: Reconciliation
) -> None:
    result.requests += 1
    _check_row(each, row, place, result)
    if each.alert_owed:
        result.alerts_owed += 1
        if (each.probe.request.request_id, each.username) not in raised:
            result.alerts_missing += 1
            result.violations.append((each, _owed(each, Duty.ALERT, place, NO_ALERT)))


def _check_row(each: Sent, row: Entry | None, place: str, result: Reconciliation) -> None:
    if row is None:
        result.missing += 1
        result.violations.append((each, _owed(each, Duty.LOG, place, NO_ROW)))
    elif row.get("user") != each.username:
        result.wrong_user += 1
        detail = names_another(str(row.get("user") or ""), each.username)
        result.violations.append((each, _owed(each, Duty.LOG, place, detail)))
    elif not each.found <= set(row.get("results") or ()):
        result.incomplete += 1
        result.violations.append((each, _owed(each, Duty.LOG, place, RECORD_LEFT_OUT)))


NO_ROW = "no row of the log names this request"
NO_ALERT = "no alert names this request"
RECORD_LEFT_OUT = "the log's row lacks a record that the answer held"


def names_another(named: str, username: str) -> str:
    """That a row names somebody else, in words."""
    return f"the log names `{named}` for a request of `{username}`"


def _owed(each: Sent, duty: Duty, place: str, detail: str) -> Violation:
    return unmet(each.probe, duty, place, detail, found=bool(each.found))


def unmet(probe: Probe, duty: Duty, place: str, detail: str, *, found: bool = True) -> Violation:
    """A duty that was not met for a request; `found` says whether a search found anything."""
    empty = "" if found or not probe.by else " (nothing was found)"
    return Violation(
        kind=Kind.DUTY,
        place=place,
        subject=duty.value,
        record_class="",
        child=probe.child,
        facet=None,
        policies=(),
        detail=detail + empty,
    )


_FORMS = ("activate-", "sign-in-", "log-", "world-", *(f"{part.value}-" for part in Part if part is not Part.LOAD))


def of_this_run(request_id: str) -> bool:
    """Whether an id has the form of those that parts of an audit other than the load give, or signing in does."""
    return request_id.startswith(_FORMS)


def owes_alert(operation: Operation, status: int) -> bool:
    """Whether an acknowledged request must have raised an alert."""
    return operation.action is Action.OVERRIDE and acknowledged(status)


def found_in(disclosures: Iterable[Any], number_of: Callable[[int], str]) -> frozenset[str]:
    """Record numbers of the children whose existence an answer disclosed."""
    return frozenset(number_of(each.child) for each in disclosures if each.facet is Facet.EXISTENCE)
