"""What is amiss in the log as a violation: the request made again, or the row that nobody's request explains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.load.logged import Load, answer, named

from overreach.load.blame import Blame
from overreach.load.comparing import Amiss
from overreach.load.journal import Row
from overreach.model.terms import Kind, Part, Rung
from overreach.probe.findings import Gatherer
from overreach.probe.logbook import NO_ALERT, NO_ROW, ROW
from overreach.probe.session import Bench

USER, CHILD, READER = 3, 5, 0
ASKED = replace(answer(USER, 4, operation="view"), child=CHILD, reason="welfare")
EXTRA = {**named("load-3-99", "whoever"), "id": "41"}


@pytest.fixture
def blame(bench: Bench, tmp_path: Path) -> Blame:
    """Of a load with one answer."""
    return of(bench, tmp_path, ASKED)


def of(bench: Bench, folder: Path, row: Row) -> Blame:
    """Of a load that gave this answer."""
    return Blame(bench, Load([row], {USER: 4}).ledger(folder), Part.LOAD, READER)


def test_a_request_is_made_again_as_it_was_sent(blame: Blame, bench: Bench) -> None:
    """With its child, its reason and its id."""
    probe, violation = blame.of(Amiss(NO_ROW, place=0, user=USER))
    number = str(bench.population.child_fields(CHILD)["number"])
    assert (probe.user, probe.child, probe.rung, probe.claims.reason) == (USER, CHILD, Rung.DECLARED, "welfare")
    assert (probe.request.method, probe.request.path) == ("POST", "/children/view")
    assert number in probe.request.body
    assert "welfare" in probe.request.body
    assert probe.request.request_id == "load-3-4"
    assert (violation.kind, violation.subject, violation.place) == (Kind.DUTY, "log", "POST /children/view")
    assert violation.detail == NO_ROW


def test_a_reason_stated_before_is_not_in_the_request(bench: Bench, tmp_path: Path) -> None:
    """It stands behind it all the same."""
    probe, _ = of(bench, tmp_path, replace(ASKED, carried=False)).of(Amiss(NO_ROW, place=0, user=USER))
    assert "welfare" not in probe.request.body
    assert probe.claims.reason == "welfare"


def test_a_request_about_nobody_keeps_its_template(bench: Bench, tmp_path: Path) -> None:
    """The number that was never issued is not remembered."""
    probe, _ = of(bench, tmp_path, replace(ASKED, child=None, reason=None)).of(Amiss(NO_ROW, place=0, user=USER))
    assert (probe.child, probe.rung, probe.request.body) == (None, Rung.OPEN, "")


def test_an_empty_search_that_is_not_in_the_log_says_so(bench: Bench, tmp_path: Path) -> None:
    """It is the one that a careless log leaves out."""
    search = of(bench, tmp_path, replace(ASKED, operation="search by name"))
    assert search.of(Amiss(NO_ROW, place=0, user=USER))[1].detail == f"{NO_ROW} (nothing was found)"


def test_an_alert_is_another_duty(blame: Blame) -> None:
    """Than a row of the log."""
    assert blame.of(Amiss(NO_ALERT, place=0, user=USER, alert=True))[1].subject == "alert"


def test_a_row_without_a_request_is_shown_by_reading_it(blame: Blame, bench: Bench) -> None:
    """The probe reads that row, and concerns the user whom the row accuses and the record that it names."""
    number = str(bench.population.child_fields(CHILD)["number"])
    probe, violation = blame.of(Amiss("why", row={**EXTRA, "results": [number]}, user=USER))
    assert (probe.operation, probe.user, probe.child) == (ROW, USER, CHILD)
    assert (probe.request.method, probe.request.path) == ("GET", "/log?case=overreach&after=40&limit=1")
    assert (violation.place, violation.child, violation.detail) == ("POST /children/view", CHILD, "why")


def test_a_row_of_an_operation_that_the_pack_does_not_know_is_of_the_log(blame: Blame) -> None:
    """And where its id is no number, the whole log is what shows it."""
    probe, violation = blame.of(Amiss("why", row={**EXTRA, "operation": "dream", "id": "a7"}, user=USER))
    assert probe.request.path == "/log?case=overreach"
    assert violation.place == "GET /log"


def test_a_row_of_nobody_is_told_of_whoever_read_it(blame: Blame, bench: Bench) -> None:
    """Its finding has a witness that repeats it, and says what the row says."""
    probe, violation = blame.of(Amiss("row `41` accuses nobody", row=EXTRA))
    assert probe.user == READER
    gatherer = Gatherer(bench.population, bench.policy, bench.grid)
    gatherer.take(probe, violation)
    (finding,) = gatherer.findings({})
    assert finding.rule == "R9"
    assert finding.witness.summary.startswith("in the log, of ")
    assert finding.witness.summary.endswith("row `41` accuses nobody")
    assert "after=40&limit=1" in finding.witness.request


def test_every_answer_of_a_ledger_can_be_made_a_probe(bench: Bench, tmp_path: Path) -> None:
    """Whatever was asked."""
    rows = [
        replace(answer(USER, number, operation=name), child=CHILD, reason=None)
        for number, name in enumerate(bench.pack.target.operations, 1)
    ]
    ledger = Load(rows, {USER: len(rows)}).ledger(tmp_path)
    blame = Blame(bench, ledger, Part.WIRE, READER)
    for place in np.arange(len(ledger)).tolist():
        assert blame.sent(place).operation == rows[place].operation
        assert blame.sent(place).part is Part.WIRE
