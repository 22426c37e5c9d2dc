"""A part in another process finds everything by the session file, which its owner alone can read."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

import pytest

from overreach.model.errors import TargetError
from overreach.model.probe import Answer
from overreach.model.terms import Part
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
