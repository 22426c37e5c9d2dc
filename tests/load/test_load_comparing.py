"""The log against a load: what was dropped, rebooked, cut short, doubled or made up is counted, and nothing else."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.load.logged import POPULATION, Load, LogRow, answer, comparison, logged, named

from overreach.load.comparing import Amiss
from overreach.load.journal import Row
from overreach.probe.logbook import NO_ROW, RECORD_LEFT_OUT, Reconciliation

DONE = ("kept", "dropped", "rebooked", "cut short", "doubled")
OTHERS = [named("", ""), named("sign-in-2", "user2"), named("sweep-4", "user1"), named("log-9", "user0")]
OWING = [200, 201, 403, 404, 429]
SILENT = [0, 401, 503]
"""Nothing was answered, or nobody was known."""

KEYS = st.tuples(st.integers(0, POPULATION - 3), st.integers(1, 5))
FOUND = st.lists(st.integers(0, 9), max_size=3, unique=True)


@st.composite
def loads(draw: st.DrawFn) -> tuple[Load, list[tuple[Row, str, int]]]:
    """A load, and what the log does to each answer of it, how often."""
    answers = []
    for user, number in draw(st.lists(KEYS, unique=True, max_size=12)):
        status = draw(st.sampled_from(OWING + SILENT))
        found = draw(FOUND) if status == 200 else []
        answers.append(answer(user, number, status, found))
    lost = draw(st.frozensets(st.integers(0, POPULATION - 3), max_size=2))
    asked = {user: draw(st.integers(5, 7)) for user in range(POPULATION - 2) if user not in lost}
    what = [(row, draw(st.sampled_from(DONE)), draw(st.integers(1, 3))) for row in answers]
    return Load(answers, asked, lost), what


def rows_of(row: Row, done: str, times: int, expected: Counter[str], *, lost: bool) -> list[LogRow]:
    """The rows that a log which does this has of an answer; counts what is wrong with them."""
    honest = logged(row)
    if done == "dropped":
        expected["missing"] += row.status not in SILENT
        return []
    if done == "rebooked":
        expected["wrong_user"] += 1
        return [honest | {"user": "user7"}]
    if done == "cut short":
        expected["incomplete"] += bool(row.found)
        return [honest | {"results": honest["results"][1:]}]
    if done == "doubled":
        expected["unproven" if lost else "repeated"] += times
        return [honest, *[honest | {"user": "user7"}] * times]
    return [honest]


@given(loads(), st.data())
@settings(max_examples=150, deadline=None)
def test_what_a_log_does_is_counted_exactly(
    drawn: tuple[Load, list[tuple[Row, str, int]]], data: st.DataObject
) -> None:
    """Whatever the order of its rows, however they come in pages, and however many processes there were."""
    load, done = drawn
    expected: Counter[str] = Counter()
    rows: list[LogRow] = []
    for row, what, times in done:
        rows += rows_of(row, what, times, expected, lost=row.user in load.lost)
    rows += _unanswered(load, data)
    made_up = data.draw(st.lists(st.sampled_from(["load-99-1", "load-1-0", "load-01-1", "", "abc"]), max_size=3))
    beyond = data.draw(st.lists(st.integers(0, POPULATION - 3), max_size=3, unique=True))
    rows += [named(request_id, "user1") for request_id in made_up]
    rows += [named(f"load-{user}-8", f"user{user}") for user in beyond]
    expected["extra"] += len(made_up) + len(set(beyond) - load.lost)
    expected["unproven"] += len(set(beyond) & load.lost)
    expected["requests"] = sum(row.status not in SILENT for row in load.answers)
    result, told = compared(load, data.draw(st.permutations(rows + OTHERS)), data)
    assert result.rows + result.unowed + result.unproven == len(rows)
    assert result.rows == result.requests - result.missing + result.repeated + result.extra
    counted = ("requests", "missing", "wrong_user", "incomplete", "repeated", "extra", "unproven")
    assert {name: getattr(result, name) for name in counted} == {name: expected[name] for name in counted}
    assert len([each for each in told if each.detail == NO_ROW]) == expected["missing"]
    assert len([each for each in told if each.detail == RECORD_LEFT_OUT]) == expected["incomplete"]


def _unanswered(load: Load, data: st.DataObject) -> list[LogRow]:
    """Rows of requests that were cut off, or ended the session: in order."""
    known = {(row.user, row.number) for row in load.answers}
    able = [(user, number) for user, asked in load.asked.items() for number in range(1, asked + 1)]
    chosen = data.draw(st.lists(st.sampled_from(able), max_size=3, unique=True)) if able else []
    return [named(f"load-{user}-{number}", f"user{user}") for user, number in chosen if (user, number) not in known]


def compared(load: Load, rows: list[LogRow], data: Any) -> tuple[Reconciliation, list[Amiss]]:  # noqa: ANN401 - Hypothesis's own
    """The rows in pages of any length."""
    told: list[Amiss] = []
    with tempfile.TemporaryDirectory() as folder:
        takes = comparison(load.ledger(Path(folder), parts=data.draw(st.integers(1, 3))), told)
        cut = data.draw(st.integers(0, len(rows)))
        takes.take(rows[:cut])
        takes.take(rows[cut:])
        return takes.conclude(), told


def of(load: Load, rows: list[LogRow], folder: Path) -> tuple[Reconciliation, list[Amiss]]:
    """A comparison that takes all rows at once."""
    told: list[Amiss] = []
    takes = comparison(load.ledger(folder), told)
    takes.take(rows)
    return takes.conclude(), told


def test_a_request_sent_again_may_have_a_row_of_either(tmp_path: Path) -> None:
    """The first sending may have been logged before the connection broke, or not; a third row is one too many."""
    first, again = named("load-1-1", "user1"), named("load-1-1-again", "user1")
    load = Load([answer(1, 1)], {1: 2})
    for rows, repeated in (([first], 0), ([again], 0), ([first, again], 0), ([first, again, again], 1)):
        result, _ = of(load, rows, tmp_path)
        assert (result.missing, result.repeated) == (0, repeated)


def test_a_request_that_was_cut_off_has_one_row_of_its_user(tmp_path: Path) -> None:
    """Twice is once too often, and nobody else is named for it."""
    row = named("load-1-2", "user1")
    load = Load([answer(1, 1)], {1: 2})
    whole = logged(load.answers[0])
    assert of(load, [whole, row], tmp_path)[1] == []
    assert of(load, [whole, row, row], tmp_path)[0].repeated == 1
    result, told = of(load, [whole, row | {"user": "user3"}], tmp_path)
    assert result.wrong_user == 1
    assert [each.detail for each in told] == ["the log names `user3` for a request of `user1`"]


@pytest.mark.parametrize(("named_user", "wrong"), [("", 0), ("user1", 0), ("user2", 1)])
def test_who_had_signed_out_may_be_named_or_not(named_user: str, wrong: int, tmp_path: Path) -> None:
    """But nobody else may."""
    load = Load([answer(1, 1, 401)], {1: 1})
    assert of(load, [named("load-1-1", named_user)], tmp_path)[0].wrong_user == wrong


def test_a_row_that_names_nobody_known_says_so(tmp_path: Path) -> None:
    """It is a row with a wrong user all the same."""
    load = Load([answer(1, 1)], {1: 1})
    result, told = of(load, [named("load-1-1", "somebody")], tmp_path)
    assert (result.wrong_user, result.missing) == (1, 0)
    assert told[0].detail == "the log names `` for a request of `user1`"


def test_what_two_processes_sent_under_one_id_is_unproven(tmp_path: Path) -> None:
    """Somebody worked where a lost process had worked before: neither row is one too many."""
    load = Load([answer(1, 1, found=[2]), answer(1, 1)], {1: 1})
    row = named("load-1-1", "user1", ["n2"])
    result, told = of(load, [row, row | {"results": []}], tmp_path)
    assert (result.repeated, result.missing, result.unproven) == (0, 0, 1)
    assert told == []


def test_an_alert_counts_for_the_request_and_the_user_that_it_names(tmp_path: Path) -> None:
    """An override that was done owes one."""
    rows = [answer(1, number, 201, operation="override") for number in (1, 2, 3)]
    told: list[Amiss] = []
    takes = comparison(Load(rows, {1: 3}).ledger(tmp_path), told)
    takes.take([logged(row) for row in rows])
    for request_id, user in (("load-1-1", "user1"), ("load-1-2", "user2"), ("load-1-9", "user1"), ("sweep-1", "user1")):
        takes.raised(request_id, user)
    result = takes.conclude()
    assert (result.alerts_owed, result.alerts_missing) == (3, 2)
    assert [(each.place, each.alert) for each in told] == [(1, True), (2, True)]


def test_an_extra_row_accuses_the_user_whom_it_names(tmp_path: Path) -> None:
    """Or, where that is nobody of the load, the user in its id; or nobody."""
    load = Load([], {1: 1, 2: 1})
    rows = [named("load-1-9", "user2"), named("load-1-9", "somebody"), named("load-99-9", "somebody"), named("x", "me")]
    result, told = of(load, rows, tmp_path)
    assert result.extra == 3
    assert [each.user for each in told] == [2, 1, None]
    assert told[0].detail == "row `7` of the log has `user2` ask `view` and names a request that nobody sent"


@pytest.mark.parametrize(("stays", "incomplete"), [({3: 4}, 0), ({4: 3}, 0), ({}, 1), ({3: 5}, 1)])
def test_after_a_merge_a_row_may_name_the_record_that_stays(
    tmp_path: Path, stays: dict[int, int], incomplete: int
) -> None:
    """Whoever asks by the number of the record that ended is answered, and booked, with the other."""
    load = Load([answer(1, 1, 200, [3])], {1: 1})
    told: list[Amiss] = []
    takes = comparison(load.ledger(tmp_path), told, stays)
    takes.take([named("load-1-1", "user1", ["n4"])])
    assert takes.conclude().incomplete == len(told) == incomplete
