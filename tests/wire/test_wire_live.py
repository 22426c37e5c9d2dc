"""The watcher for real, before the real registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import Action, Facet, Part, Rung, Verdict
from overreach.probe.prober import Prober
from overreach.probe.record import read_lines
from overreach.probe.session import Bench
from overreach.probe.workspace import TargetOrder, Workspace, open_workspace
from overreach.target.http import HttpTarget
from overreach.target.identity import Session
from overreach.wire.drive import WireResult, watch

STATED = RungContext(Rung.DECLARED, Claims(reason="welfare"))


def midwives(workspace: Workspace, count: int) -> Iterator[Session]:
    """Sessions of some users who may search."""
    bench = workspace.bench
    for user in range(bench.population.users_count):
        if bench.grid.allows(user, None, Action.SIGN_IN, Claims()) and bench.grid.allows(
            user, None, Action.SEARCH, Claims()
        ):
            session = workspace.broker.lease(user, Part.LOAD)
            assert isinstance(session, Session)
            yield session
            count -= 1
        if not count:
            return


def watched(workspace: Workspace, extra: bool = False) -> WireResult:  # noqa: FBT001, FBT002 - of a test's helper
    """Views by a few users, through the proxy; with `extra`, two requests that no user should make."""
    with watch(workspace.session_file, workspace.session, workspace.running.url) as wire:
        door = HttpTarget(wire.url, ("127.0.0.1",))
        prober = Prober(workspace.bench, door, Part.LOAD, lambda _: None)
        sessions = list(midwives(workspace, 6))
        for session in sessions:
            for child in range(session.user % 5, 200, 19):
                prober.ask(session, workspace.bench.pack.target.operation("view"), child, STATED)
        if extra:
            token = sessions[0].authorization.removeprefix("Bearer ")
            door.send("GET", f"/health?key={token}")
            door.send("POST", "/children/search?family_name=x", b"{}")
        door.close()
        return wire.result()


@pytest.fixture(scope="module")
def result(workspace: Workspace) -> WireResult:
    """What the watcher says of the correct registry."""
    return watched(workspace, extra=True)


def test_every_exchange_is_judged_for_the_user_who_asked(result: WireResult, workspace: Workspace) -> None:
    """Nothing is lost, and the claims of each request were read off the wire."""
    observations = list(read_lines(result.observations))
    assert result.flows == result.judged == len(observations) + 2
    assert (result.failed, result.not_examined) == (0, ())
    assert all(control.passed for control in result.controls)
    assert {observation.probe.part for observation in observations} == {Part.WIRE}
    assert {observation.probe.claims for observation in observations} == {STATED.claims}
    assert {observation.probe.operation for observation in observations} == {"view"}
    for observation in observations:
        role = workspace.bench.population.user_fields(observation.probe.user)["role"]
        assert observation.probe.role == role


def test_what_the_rules_of_the_wire_forbid_is_found_and_nothing_else(result: WireResult) -> None:
    """A session's token and a surname in an address, sent on purpose; the registry itself keeps every rule."""
    found = {finding.key for finding in result.findings}
    assert found == {
        "wire:session-in-address:GET /health",
        "wire:personal-data-in-address:POST /children/search",
    }


def test_no_token_of_a_session_is_written_down(result: WireResult, workspace: Workspace) -> None:
    """Neither in a finding nor in any file of the part."""
    written = b"".join(file.read_bytes() for file in result.observations.parent.glob("*.json*"))
    for secret in workspace.broker.secrets():
        assert secret.encode() not in written
        assert secret not in repr(result.findings)


def test_the_correct_registry_oversteps_nothing(result: WireResult) -> None:
    """Every answer held."""
    assert {observation.verdict for observation in read_lines(result.observations)} == {Verdict.HELD}


def test_whereabouts_in_a_header_are_found(bench: Bench, tmp_path: Path) -> None:
    """By the wire alone: as a leak of the wire, and as overreach where the user may not read them."""
    faults = ("whereabouts-in-header",)
    with open_workspace(tmp_path, bench, TargetOrder(bench.pack.switches, faults, port=0, seed=1)) as leaking:
        result = watched(leaking)
    [finding] = result.findings
    assert finding.key == "wire:personal-data-in-header:POST /children/view"
    assert Facet.WHEREABOUTS in finding.facets
    assert finding.witness.child
    assert finding.blast.seen_children > 0
