"""A load within an audit: what its users did and what the target's log says of it are compared to the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from overreach.audit.conclude import Live
from overreach.audit.options import Options
from overreach.audit.run import look
from overreach.model.terms import Part
from overreach.probe.session import Bench

Loaded = Callable[..., Live]


@pytest.fixture
def loaded(bench: Bench, options: Options, tmp_path: Path) -> Loaded:
    """Put users to work on a registry with these faults, and compare with its log."""

    def run(*faults: str, parts: frozenset[Part] = frozenset({Part.LOAD})) -> Live:
        wanted = replace(
            options,
            faults=faults,
            parts=parts,
            load_users=30,
            load_rate=150.0,
            load_seconds=1.5,
            load_out=tmp_path / "kept",
        )
        folder = tmp_path / "work"
        folder.mkdir()
        return look(wanted, bench, folder, lambda _line: None, lambda _text, _done, _all: None)

    return run


def kept(tmp_path: Path) -> dict[str, int]:
    """What the record of the load says of the log."""
    log: dict[str, int] = orjson.loads((tmp_path / "kept" / "load.json").read_bytes())["log"]
    return log


def test_the_log_of_the_correct_registry_has_each_request_once(loaded: Loaded, tmp_path: Path) -> None:
    """Nothing is missing, nothing is there that nobody sent; the record of the load says so."""
    live = loaded()
    log = kept(tmp_path)
    assert live.gatherer.findings({}) == []
    assert live.parts.load is not None
    assert 0 < log["requests"] == log["rows"] <= live.parts.load.requests == live.listener.count(Part.LOAD)
    assert {name for name, count in log.items() if count} - {"unowed"} == {"requests", "rows"}
    assert live.parts.under_load is not None
    assert live.parts.under_load.log is not None
    assert live.parts.under_load.log.rows == log["rows"]
    assert live.listener.permitted
    assert live.listener.sent == []


def test_a_log_that_says_something_else_is_found(loaded: Loaded, tmp_path: Path) -> None:
    """Records left out and rows for whom they do not concern, each by what is wrong with it, and by nothing else."""
    live = loaded("results-left-out-of-log", "log-row-for-last-user-too")
    findings, log = live.gatherer.findings({}), kept(tmp_path)
    wrong = {name for name, count in log.items() if count} - {"unowed"}
    assert wrong == {"requests", "rows", "incomplete", "extra"}
    assert {(finding.rule, finding.subject, finding.parts) for finding in findings} == {("R9", "log", (Part.LOAD,))}
    assert all(finding.witness.user and finding.roles for finding in findings)
    assert live.parts.log is not None
    assert (live.parts.log.extra, live.parts.log.incomplete) == (log["extra"], log["incomplete"])


def test_the_users_of_a_watched_wire_are_compared_as_well(loaded: Loaded, tmp_path: Path) -> None:
    """Where only the wire is judged, what is wrong with the log is told of the wire."""
    findings = loaded("log-row-twice-in-parallel", parts=frozenset({Part.WIRE})).gatherer.findings({})
    assert kept(tmp_path)["repeated"] > 0
    assert {finding.parts for finding in findings if finding.subject == "log"} == {(Part.WIRE,)}
