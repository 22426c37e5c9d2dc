"""Locust for real, against the real registry, at a small size."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from overreach.load.drive import LoadResult, run_load
from overreach.load.members import members
from overreach.model.errors import OverreachError
from overreach.model.probe import Observation
from overreach.model.terms import Kind, Part, Verdict
from overreach.probe.record import read_lines
from overreach.probe.session import Bench
from overreach.probe.workspace import TargetOrder, Workspace, open_workspace

USERS = 40


def loaded(workspace: Workspace, users: int, seconds: float, host: str | None = None) -> LoadResult:
    """A load on a workspace's registry."""
    return run_load(workspace.session_file, workspace.session, users, seconds, host)


def told(result: LoadResult) -> list[Observation]:
    """Everything that the load observed."""
    return [observation for file in result.observations for observation in read_lines(file)]


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
    """Each observation is one request of a member, with a correlation id of its own."""
    observations = told(result)
    assert len(observations) == result.requests >= USERS
    ids = Counter(observation.probe.request.request_id for observation in observations)
    assert max(ids.values()) == 1
    assert {observation.probe.part for observation in observations} == {Part.LOAD}
    assert {observation.probe.user for observation in observations} <= set(members(bench, seed=1))


def test_a_day_has_searches_reasons_and_views(result: LoadResult) -> None:
    """The mix of a practitioner's work, and something that the target must refuse."""
    asked = Counter(observation.probe.operation for observation in told(result))
    assert {"search by name", "declare"} <= set(asked)
    assert asked["view"] + asked["open"] > 0


def test_the_correct_registry_refuses_nothing_under_load_that_is_allowed(result: LoadResult) -> None:
    """Every answer held; none is unproven."""
    assert {observation.verdict for observation in told(result)} == {Verdict.HELD}


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
