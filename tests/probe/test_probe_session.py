"""A part in another process finds everything by the session file, which its owner alone can read."""

from __future__ import annotations

import contextlib
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from overreach.model.errors import TargetError
from overreach.model.probe import Answer
from overreach.model.terms import Part
from overreach.population.store import Population
from overreach.probe.session import VARIABLE, Bench, RunSession, SessionFile, session_is_set
from overreach.target.broker import Broker, BrokerServer
from overreach.target.identity import Refusal, Session


@pytest.fixture
def file(bench: Bench, tmp_path: Path) -> SessionFile:
    """What an audit would write."""
    return SessionFile(
        pack=str(bench.pack.root),
        population=str(bench.population.path),
        base_url="http://127.0.0.1:9",
        broker=str(tmp_path / "broker.sock"),
        results=str(tmp_path),
        seed=3,
        secret_file=str(tmp_path / "secret"),
        switches={"G1": "yes", "G2": "no", "G3": "declared"},
        allow_hosts=["127.0.0.1"],
        faults=["one"],
    )


def test_the_file_comes_back_as_it_was_and_is_its_owners_alone(file: SessionFile, tmp_path: Path) -> None:
    """Mode 0600."""
    file.write(tmp_path / "session.json")
    assert SessionFile.read(tmp_path / "session.json") == file
    assert stat.S_IMODE((tmp_path / "session.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", [None, "", "not json", "[]", "{}", '{"pack": "x"}', '{"unknown": 1}', "\x00"])
def test_what_is_no_session_file_is_refused(tmp_path: Path, text: str | None) -> None:
    """With its name, and who writes one."""
    path = tmp_path / "session.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(TargetError, match="is not the session file of a running audit") as refused:
        SessionFile.read(path)
    assert "overreach audit" in refused.value.remedy


def test_a_part_opens_the_session_that_the_environment_names(
    file: SessionFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the switches of the audit, the broker's sessions and a target of its own."""

    def opener(user: int) -> Session | Refusal:
        return Session(user, "u", "Bearer t") if user else Refusal(user, "activate", Answer(403, (), b"", 0.0))

    file.write(tmp_path / "session.json")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "session.json"))
    assert session_is_set()
    with contextlib.closing(BrokerServer(Broker(opener), Path(file.broker))):
        opened = RunSession.open()
        with contextlib.closing(opened.broker), contextlib.closing(opened.target()) as target:
            assert opened.file == file
            assert opened.bench.population.children_count == 200
            assert opened.bench.policy.switches["G1"] == "yes"
            assert opened.broker.lease(1, Part.SCENARIOS) == Session(1, "u", "Bearer t")
            assert opened.broker.lease(0, Part.SCENARIOS) is None
            assert target.base_url == file.base_url


def test_a_part_finds_what_was_prepared_for_all(file: SessionFile, bench: Bench, tmp_path: Path) -> None:
    """The session names the folder; nothing is made a second time, and every decision is the same."""
    lookups = tmp_path / "lookups"
    first = Bench.build(bench.pack, Population.open(bench.population.path, lookups), bench.pack.switches)
    first.prepare()
    made = {path: path.stat().st_mtime_ns for path in lookups.glob("*/*")}
    replace(file, lookups=str(lookups), switches=bench.pack.switches).write(tmp_path / "session.json")
    with contextlib.closing(BrokerServer(Broker(lambda user: Session(user, "u", "Bearer t")), Path(file.broker))):
        opened = RunSession.open(tmp_path / "session.json")
        with contextlib.closing(opened.broker):
            opened.bench.prepare()
            relations = bench.grid.relations
            for user in range(bench.population.users_count):
                found = opened.bench.grid.relations.children_involved_with(user).tolist()
                assert found == relations.children_involved_with(user).tolist()
                assert all(user in relations.users_involved_with(child) for child in found)
            assert np.array_equal(opened.bench.grid.cells(), bench.grid.cells())
    assert made
    assert {path: path.stat().st_mtime_ns for path in lookups.glob("*/*")} == made


def test_without_a_session_there_is_a_clear_error(
    file: SessionFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether no file is named or its audit has ended."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert not session_is_set()
    with pytest.raises(TargetError, match="is not the session file"):
        RunSession.open()
    file.write(tmp_path / "session.json")
    with pytest.raises(TargetError, match="does not answer"):
        RunSession.open(tmp_path / "session.json")
