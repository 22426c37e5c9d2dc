"""The target's own log against what was asked of it: everything that is missing or wrong is named, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.errors import TargetError
from overreach.model.probe import Answer, Disclosure, Probe, Request
from overreach.model.terms import Facet, Grade, Kind, Part, Rung
from overreach.pack.config import LogEntry, Pack
from overreach.probe import logbook
from overreach.probe.logbook import (
    Entry,
    Reconciliation,
    Sent,
    entry_of,
    found_in,
    of_this_run,
    owes_alert,
    read_pages,
    reconcile,
    with_query,
)

OPERATIONS = Pack.read(Path(__file__).parents[2]).target.operations
NAMES = ("view", "search by name", "override", "declare")
Row = dict[str, Any]


def sent(number: int, name: str, found: frozenset[str] = frozenset()) -> Sent:
    """One answered request."""
    operation = OPERATIONS[name]
    request = Request(operation.method, operation.path, "", f"r-{number}")
    probe = Probe(Part.SWEEP, name, number, "head_teacher", 7, Rung.OPEN, Claims(), request, operation.by)
    return Sent(probe, f"user{number}", found, alert_owed=name == "override")


SENT = st.lists(st.tuples(st.sampled_from(NAMES), st.frozensets(st.sampled_from(["n1", "n2", "n3"]))), max_size=12).map(
    lambda drawn: [sent(number, *each) for number, each in enumerate(drawn)]
)


def honest(requests: list[Sent]) -> tuple[list[Row], list[Row]]:
    """The log and the alerts of a target that keeps its duties."""
    log = [{"request_id": s.probe.request.request_id, "user": s.username, "results": sorted(s.found)} for s in requests]
    return log, [row for row, each in zip(log, requests, strict=True) if each.alert_owed]


@given(SENT, st.randoms())
def test_an_honest_log_is_not_accused(requests: list[Sent], random: Any) -> None:  # noqa: ANN401 - Hypothesis's own
    """Whatever the order of its rows, and whatever else it holds."""
    log, alerts = honest(requests)
    log += [{"request_id": None, "user": ""}, {"request_id": "health-1", "user": "somebody", "results": ["n9"]}]
    random.shuffle(log)
    result = reconcile(requests, log, alerts, OPERATIONS)
    assert result.violations == []
    assert result.requests == len(requests)
    assert result.alerts_owed == len(alerts)
    assert (result.missing, result.wrong_user, result.incomplete, result.alerts_missing, result.repeated) == (0,) * 5


@given(SENT.filter(bool), st.data())
def test_every_dropped_row_is_reported(requests: list[Sent], data: st.DataObject) -> None:
    """By the request that it should name, and no other is."""
    log, alerts = honest(requests)
    dropped = data.draw(st.sets(st.integers(0, len(log) - 1)))
    kept = [row for place, row in enumerate(log) if place not in dropped]
    result = reconcile(requests, kept, alerts, OPERATIONS)
    assert result.missing == len(dropped)
    assert {each.probe.user for each, _ in result.violations} == dropped
    assert {(violation.kind, violation.subject) for _, violation in result.violations} <= {(Kind.DUTY, "log")}


@given(SENT.filter(bool), st.data())
def test_every_row_with_another_user_or_fewer_results_is_reported(requests: list[Sent], data: st.DataObject) -> None:
    """A row of somebody else, or one that hides a record, is as bad as none."""
    log, alerts = honest(requests)
    wrong = data.draw(st.sets(st.integers(0, len(log) - 1)))
    poor = data.draw(st.sets(st.integers(0, len(log) - 1))) - wrong
    for place in wrong:
        log[place] = log[place] | {"user": "somebody"}
    for place in poor:
        log[place] = log[place] | {"results": log[place]["results"][1:]}
    poor = {place for place in poor if requests[place].found}
    result = reconcile(requests, log, alerts, OPERATIONS)
    assert (result.missing, result.wrong_user, result.incomplete) == (0, len(wrong), len(poor))
    assert {each.probe.user for each, _ in result.violations} == wrong | poor


@given(SENT, st.data())
def test_every_missing_alert_is_reported(requests: list[Sent], data: st.DataObject) -> None:
    """An alert of another user, or of another request, does not count."""
    log, alerts = honest(requests)
    kept = [row for row in alerts if data.draw(st.booleans())]
    others = [row | {"user": "somebody"} for row in alerts] + [row | {"request_id": "r-x"} for row in alerts]
    result = reconcile(requests, log, kept + others, OPERATIONS)
    assert result.alerts_missing == len(alerts) - len(kept) == len(result.violations)
    assert {(violation.subject, violation.place) for _, violation in result.violations} <= {
        ("alert", "POST /children/{number}/override")
    }


def test_an_empty_search_that_was_not_logged_says_so() -> None:
    """It is the one that a careless log leaves out."""
    empty, full = sent(1, "search by name"), sent(2, "search by name", frozenset({"n1"}))
    details = [violation.detail for _, violation in reconcile([empty, full], [], [], OPERATIONS).violations]
    assert [detail.endswith("(nothing was found)") for detail in details] == [True, False]


def test_a_row_without_results_names_no_record() -> None:
    """Neither a missing nor an empty member is the record that was answered."""
    one = sent(1, "view", frozenset({"n1"}))
    member: Row
    for member in ({}, {"results": None}, {"results": []}):
        row: Row = {"request_id": "r-1", "user": "user1"} | member
        assert reconcile([one], [row], [], OPERATIONS).incomplete == 1


def test_a_repeated_row_is_counted_and_the_first_stands() -> None:
    """Two rows for one request: the later one hides nothing."""
    one = sent(1, "view")
    rows = [{"request_id": "r-1", "user": "user1"}, {"request_id": "r-1", "user": "somebody"}]
    result = reconcile([one], rows, [], OPERATIONS)
    assert (result.repeated, result.wrong_user) == (1, 0)


class Elsewhere:
    """Remembers one request in another form, and one alert."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.alerts: list[tuple[str, str]] = []

    def take(self, rows: Sequence[Entry]) -> None:
        """Take rows."""
        self.rows += [str(row.get("request_id")) for row in rows]

    def raised(self, request_id: str, user: str) -> None:
        """Take an alert."""
        self.alerts.append((request_id, user))

    def conclude(self) -> Reconciliation:
        """What came of it."""
        return Reconciliation(requests=2, rows=len(self.rows), extra=1, alerts_owed=1)


@given(SENT, st.integers(1, 5))
def test_what_nobody_here_sent_is_handed_on_and_counted_together(requests: list[Sent], page: int) -> None:
    """Rows and alerts alike, page after page."""
    log, alerts = honest(requests)
    others = [{"request_id": f"load-{number}", "user": "x", "results": []} for number in range(7)]
    elsewhere = Elsewhere()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logbook, "PAGE", page)
        result = reconcile(requests, others[:4] + log + others[4:], alerts + others[:1], OPERATIONS, elsewhere)
    assert elsewhere.rows == [row["request_id"] for row in others]
    assert elsewhere.alerts == [("load-0", "x")]
    assert (result.read, result.requests, result.rows) == (len(log) + 7, len(requests) + 2, len(log) + 7)
    assert (result.extra, result.alerts_owed, result.violations) == (1, len(alerts) + 1, [])


@pytest.mark.parametrize("part", [part for part in Part if part is not Part.LOAD])
def test_ids_of_other_parts_and_of_signing_in_are_of_this_run(part: Part) -> None:
    """Those of the load are not: each of them was sent or was not."""
    for request_id in (f"{part.value}-3", "activate-1", "sign-in-1", "log-9", "world-x-2"):
        assert of_this_run(request_id)
    for request_id in ("load-1-1", "", "3", "x-sweep-3"):
        assert not of_this_run(request_id)


@pytest.mark.parametrize(
    ("name", "status", "owes"),
    [("override", 201, True), ("override", 403, False), ("override", 202, False), ("view", 200, False)],
)
def test_only_an_override_that_was_done_owes_an_alert(name: str, status: int, owes: bool) -> None:  # noqa: FBT001
    """A refused one does not."""
    assert owes_alert(OPERATIONS[name], status) is owes


def test_what_was_found_is_whose_existence_came() -> None:
    """By record number."""
    exists = Disclosure(3, Facet.EXISTENCE, Grade.TOKEN, "$")
    assert found_in([exists, replace(exists, child=4, facet=Facet.IDENTITY)], str) == {"3"}


def test_all_pages_of_a_list_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until one is not full."""
    monkeypatch.setattr(logbook, "PAGE", 3)
    asked = []

    def fetch(path: str) -> Answer:
        asked.append(path)
        after = int(path.partition("after=")[2].partition("&")[0])
        entries = [{"sequence": number} for number in range(after + 1, min(after + 3, 7) + 1)]
        return Answer(200, (), orjson.dumps({"entries": entries, "next": after + len(entries)}), 0.0)

    assert [row["sequence"] for row in read_pages(fetch, "/log", "entries")] == list(range(1, 8))
    assert asked == ["/log?after=0&limit=3", "/log?after=3&limit=3", "/log?after=6&limit=3"]


def test_a_path_that_has_a_query_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log is read for a stated case, each page is."""
    monkeypatch.setattr(logbook, "PAGE", 2)
    asked = []

    def fetch(path: str) -> Answer:
        asked.append(path)
        return Answer(200, (), b'{"entries": [], "next": 0}', 0.0)

    assert list(read_pages(fetch, "/log?case=overreach", "entries")) == []
    assert asked == ["/log?case=overreach&after=0&limit=2"]
    assert [with_query("/log", "a=1"), with_query("/log?b=2", "")] == ["/log?a=1", "/log?b=2"]


EVENT: Row = {
    "id": "7",
    "agent": [{"who": "senco"}, {"who": "nurse"}],
    "code": "view",
    "query": "eyJhIjogMX0=",
    "records": [{"number": "n1"}, {"number": None}, {}, {"number": "n2"}],
}
PLACES = LogEntry("$.id", "$.agent[0].who", "$.code", "$.query", "$.records[*].number", "$.sent[2].id")


def test_an_entry_is_read_by_the_paths_of_the_pack() -> None:
    """Whatever its form; a path that leads nowhere gives an empty text."""
    assert entry_of(EVENT, PLACES) == {
        "id": "7",
        "user": "senco",
        "operation": "view",
        "query": {"a": 1},
        "results": ["n1", "n2"],
        "request_id": "",
    }
    flat = {"i": 7, "u": "senco", "q": {"a": 1}, "r": ["n1"], "x": "r-1"}
    assert entry_of(flat, LogEntry("$.i", "$.u", "$.o", "$.q", "$.r", "$.x")) == {
        "id": "7",
        "user": "senco",
        "operation": "",
        "query": {"a": 1},
        "results": ["n1"],
        "request_id": "r-1",
    }


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ('{"a": 1}', {"a": 1}),
        ("{nonsense", {}),
        ("masked!", {}),
        ("W10=", {}),
        (None, {}),
        (7, {}),
        ({"b": 2}, {"b": 2}),
    ],
)
def test_what_was_asked_is_read_in_every_form(stored: object, read: Row) -> None:
    """An object, JSON, or JSON in base64; anything else says nothing."""
    assert entry_of(EVENT | {"query": stored}, PLACES)["query"] == read


def test_a_list_that_goes_round_in_circles_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that never moves on is not followed for ever."""
    monkeypatch.setattr(logbook, "PAGE", 1)
    answer = Answer(200, (), b'{"entries": [{}], "next": 0}', 0.0)
    assert len(list(read_pages(lambda _path: answer, "/log", "entries"))) == 1


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"{}", b'{"entries": []}', b'{"entries": [], "next": "x"}'])
def test_a_page_that_does_not_come_whole_is_an_error(body: bytes) -> None:
    """Never a short log: what is not read cannot be compared."""
    with pytest.raises(TargetError, match="`/log` cannot be read: status 403"):
        list(read_pages(lambda _path: Answer(403, (), body, 0.0), "/log", "entries"))
