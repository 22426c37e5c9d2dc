"""A target, a broker and a session file for the time of an audit; afterwards nothing of them is left."""

from __future__ import annotations

import contextlib
import stat
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from overreach.model.decision import Claims
from overreach.model.errors import OverreachError, PopulationError, TargetError, UnknownNameError
from overreach.model.terms import Action, Part
from overreach.population.recipe import Order
from overreach.probe.session import Bench, SessionFile
from overreach.probe.workspace import TargetOrder, open_workspace, populate, temporary_folder
from overreach.target.identity import Refusal, Session


@pytest.fixture
def order(bench: Bench) -> TargetOrder:
    """A correct registry."""
    return TargetOrder(bench.pack.switches, (), 0, 1)


def test_a_workspace_signs_in_answers_and_is_gone_afterwards(bench: Bench, tmp_path: Path, order: TargetOrder) -> None:
    """Files that hold secrets are their owner's alone; every secret that was given out is known for redaction."""
    users = range(bench.population.users_count)
    may = {user: bench.grid.allows(user, None, Action.SIGN_IN, Claims()) for user in users}
    active, barred = (next(user for user in users if may[user] is allowed) for allowed in (True, False))
    with open_workspace(tmp_path, bench, order) as workspace:
        for path in (workspace.session_file, tmp_path / "secret", Path(workspace.session.broker)):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert SessionFile.read(workspace.session_file) == workspace.session
        session = workspace.broker.lease(active, Part.SWEEP)
        assert isinstance(session, Session)
        assert isinstance(workspace.broker.lease(barred, Part.SWEEP), Refusal)
        with contextlib.closing(workspace.target()) as target:
            headers = (("Authorization", session.authorization),)
            assert target.send("POST", "/children/search", b'{"family_name": "Nobody"}', headers).status == 200
        secrets = workspace.secrets()
        assert session.authorization.removeprefix("Bearer ") in secrets
        assert {workspace.credentials.password(0), workspace.credentials.activation_code(0)} <= secrets
        pid, socket = workspace.running.pid, Path(workspace.session.broker)
    assert not psutil.pid_exists(pid)
    assert not socket.exists()


def test_a_target_that_is_not_embedded_is_refused(bench: Bench, tmp_path: Path, order: TargetOrder) -> None:
    """Before anything is written."""
    pack = replace(bench.pack, target=replace(bench.pack.target, kind="http"))
    with (
        pytest.raises(TargetError, match="target of kind `http`"),
        open_workspace(tmp_path, replace(bench, pack=pack), order),
    ):
        pytest.fail("it opened")
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_does_not_start_leaves_no_socket(bench: Bench, tmp_path: Path, order: TargetOrder) -> None:
    """The registry's own words come through."""
    with (
        pytest.raises(TargetError, match="no fault is called `nope`"),
        open_workspace(tmp_path, bench, replace(order, faults=("nope",))),
    ):
        pytest.fail("it opened")
    assert not list(tmp_path.rglob("*.sock"))


def test_the_temporary_folder_is_its_owners_alone_and_goes() -> None:
    """Even where what used it failed."""
    with pytest.raises(ZeroDivisionError), temporary_folder() as folder:  # noqa: PT012 - leaving is what is tested
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "file").write_text("x")
        raise ZeroDivisionError
    assert not folder.exists()


def test_a_population_is_opened_or_made_to_order(bench: Bench, tmp_path: Path) -> None:
    """The same order gives the same people."""
    pack = bench.pack
    opened = populate(pack, bench.population.path, "", Order(1, 1, 1), tmp_path)
    made = populate(pack, None, pack.population, Order(200, 120, pack.seed), tmp_path)
    assert opened.digest == made.digest == bench.population.digest
    assert made.path.is_relative_to(tmp_path)


def test_what_cannot_be_opened_or_made_is_told(bench: Bench, tmp_path: Path) -> None:
    """A folder without a manifest; a recipe that does not exist; too few people."""
    with pytest.raises(PopulationError, match=str(tmp_path)):
        populate(bench.pack, tmp_path, "", Order(1, 1, 1), tmp_path)
    with pytest.raises(UnknownNameError, match="no recipe is called `nope`"):
        populate(bench.pack, None, "nope", Order(200, 120, 1), tmp_path)
    with pytest.raises(OverreachError):
        populate(bench.pack, None, bench.pack.population, Order(1, 1, 1), tmp_path)
