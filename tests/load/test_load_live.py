"""Locust for real, against the real registry, at a small size."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from overreach.load import record
from overreach.load.conclude import LoadResult
from overreach.load.drive import Wanted, run_load
from overreach.load.journal import Row, read_answers, read_people
from overreach.load.members import members
from overreach.load.settle import settle
from overreach.model.errors import OverreachError
from overreach.model.probe import Observation
from overreach.model.terms import Kind, Verdict
from overreach.probe.record import read_lines
from overreach.probe.session import Bench
from overreach.probe.workspace import TargetOrder, Workspace, open_workspace

USERS = 40


def loaded(workspace: Workspace, users: int, seconds: float, processes: int = 1) -> LoadResult:
    """A load on a workspace's registry."""
    return run_load(workspace.session_file, workspace.session, Wanted(users, seconds, processes=processes))


def told(result: LoadResult) -> list[Observation]:
    """Everything that was not plainly held."""
    return [each for file in record.files(result.folder, record.OBSERVATIONS) for each in read_lines(file)]


def answers(result: LoadResult) -> list[Row]:
    """Every answer."""
    return [row for file in record.files(result.folder, record.ANSWERS) for row in read_answers(file)]


@pytest.fixture(scope="module")
def result(workspace: Workspace) -> LoadResult:
    """A short load on the correct registry."""
    return loaded(workspace, USERS, 2.0)


def test_every_user_is_alive_at_once_and_has_an_answer(result: LoadResult) -> None:
    """None is refused, none is idle, and the result says what they cost."""
    assert result.users == USERS
    assert (result.refused, result.errors, result.not_examined) == (0, {}, ())
    assert result.bytes_per_user > 0
    assert result.checked >= 1
    assert all(control.passed for control in result.controls)


def test_every_answer_is_judged_and_told_once(result: LoadResult, bench: Bench) -> None:
    """Each row is one request of a member, with a correlation id of its own."""
    rows = answers(result)
    assert len(rows) == result.requests >= USERS
    assert len({(row.user, row.number) for row in rows}) == len(rows)
    assert {row.user for row in rows} <= set(members(bench, seed=1))


def test_a_day_has_searches_reasons_and_views(result: LoadResult) -> None:
    """The mix of a practitioner's work, and something that the target must refuse."""
    asked = Counter(row.operation for row in answers(result))
    assert {"search by name", "declare"} <= set(asked)
    assert asked["view"] + asked["open"] > 0


def test_the_correct_registry_refuses_nothing_under_load_that_is_allowed(result: LoadResult, bench: Bench) -> None:
    """Every answer held, those too that were judged once every change was known; none is unproven."""
    assert not told(result)
    assert {observation.verdict for _, observation in settle(bench, result.folder)} <= {Verdict.HELD}


def test_the_record_says_who_has_which_habit(result: LoadResult, bench: Bench) -> None:
    """One row a user; who misused the target has the time at which it began."""
    rows = [row for file in record.files(result.folder, record.PEOPLE) for row in read_people(file)]
    assert len({row["user"] for row in rows}) == len(rows) == USERS
    assert {row["habit"] for row in rows} <= {share.name for share in bench.pack.load.habits}
    honest = {"practitioner", "morning_rush", "case_conference", "officer", "data_quality", "emergency"}
    assert all((row["misuses_since"] is None) == (row["habit"] in honest) for row in rows)


def test_two_processes_share_the_users_and_nobody_is_there_twice(bench: Bench, tmp_path: Path) -> None:
    """Everybody has an answer in one process or the other, and no heartbeat is missed."""
    with open_workspace(tmp_path, bench, TargetOrder(bench.pack.switches, (), port=0, seed=1)) as own:
        both = loaded(own, USERS, 1.0, processes=2)
        people = [{row["user"] for row in read_people(file)} for file in record.files(both.folder, record.PEOPLE)]
    assert (both.users, both.processes, both.heartbeats_missed) == (USERS, 2, 0)
    assert [len(each) for each in people] == [USERS // 2, USERS // 2]
    assert not people[0] & people[1]


def test_sessions_mixed_in_parallel_are_found(bench: Bench, tmp_path: Path) -> None:
    """A registry that answers one user with the rights of another is found by load alone."""
    faults = ("sessions-mixed-in-parallel",)
    with open_workspace(tmp_path, bench, TargetOrder(bench.pack.switches, faults, port=0, seed=1)) as mixed:
        observations = told(loaded(mixed, 60, 2.0))
    violations = [each for observation in observations for each in observation.violations]
    assert {Kind.ACCESS} <= {violation.kind for violation in violations}


def test_more_users_than_the_population_has_stop_the_load(workspace: Workspace) -> None:
    """The reason comes from the loading process, in one line."""
    with pytest.raises(OverreachError, match="`500` users are wanted at once, and only"):
        loaded(workspace, 500, 1.0)
