"""What the driver makes of what the watching process left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from overreach.model.errors import SyntheticOnlyError, TargetError
from overreach.model.terms import Facet, Kind, Part, Severity
from overreach.probe.session import SessionFile
from overreach.wire import record
from overreach.wire.drive import conclude, gather, watch


def leak(rule: str, place: str, user: int | None, child: int) -> record.LeakRecord:
    """One exchange that broke a rule."""
    return record.LeakRecord(
        rule=rule,
        title="something leaks",
        breaks="R7",
        severity=Severity.HIGH if rule == "a" else Severity.LOW,
        remedy="mend it",
        place=place,
        user=user,
        role="midwife" if user is not None else "nobody",
        username=f"user{user}" if user is not None else "",
        children=(child,),
        number=f"number{child}",
        facets=(Facet.WHEREABOUTS,),
        detail="whereabouts at header X",
        request="curl",
    )


def test_leaks_of_one_rule_and_place_are_one_finding() -> None:
    """With users and children counted apart, worst finding first, and no figure in key or title."""
    leaks = [leak("b", "GET /x", 1, 1), leak("a", "GET /x", 1, 1), leak("a", "GET /x", 2, 1), leak("a", "GET /y", 1, 5)]
    found = gather(leaks)
    assert [finding.key for finding in found] == ["wire:a:GET /x", "wire:a:GET /y", "wire:b:GET /x"]
    first = found[0]
    assert (first.kind, first.parts, first.rule, first.roles) == (Kind.WIRE, (Part.WIRE,), "R7", ("midwife",))
    assert (first.blast.seen_users, first.blast.seen_children) == (2, 1)
    assert first.witness.user == "user1"


def test_a_leak_to_a_stranger_names_no_role() -> None:
    """The witness says that nobody was signed in."""
    [finding] = gather([leak("a", "GET /x", None, 1)])
    assert finding.roles == ()
    assert "a request without a session" in finding.witness.summary


def test_leaks_travel_as_lines_and_a_line_cut_off_is_left_out(tmp_path: Path) -> None:
    """A kill loses the last line at most."""
    file = tmp_path / record.LEAKS
    file.write_bytes(record.to_line(leak("a", "GET /x", 1, 1)) + record.to_line(leak("b", "GET /y", None, 2))[:-5])
    assert list(record.read_leaks(file)) == [leak("a", "GET /x", 1, 1)]
    assert list(record.read_leaks(tmp_path / "absent")) == []


def test_a_watcher_that_was_killed_proves_nothing(tmp_path: Path) -> None:
    """Its leaks are kept, its silence is not."""
    (tmp_path / record.LEAKS).write_bytes(record.to_line(leak("a", "GET /x", 1, 1)))
    result = conclude(tmp_path, 1.0)
    assert len(result.findings) == 1
    assert [gap.blocking for gap in result.not_examined] == [True]
    assert not result.controls[0].passed


def test_a_request_that_was_not_judged_is_told_with_its_reason(tmp_path: Path) -> None:
    """No flow is dropped in silence."""
    summary = record.Summary(flows=200, judged=198, permitted=3)
    summary.fail("KeyError in the watcher")
    summary.fail(record.BROKEN)
    record.write_summary(tmp_path, summary)
    result = conclude(tmp_path, 1.0)
    assert (result.flows, result.judged, result.failed) == (200, 198, 2)
    assert [(gap.reason, gap.count, gap.blocking) for gap in result.not_examined] == [
        ("KeyError in the watcher", 1, True),
        (record.BROKEN, 1, False),
    ]


def test_many_broken_connections_leave_the_wire_unproven(tmp_path: Path) -> None:
    """More than one in a hundred."""
    record.write_summary(tmp_path, record.Summary(flows=200, judged=197, permitted=3, reasons={record.BROKEN: 3}))
    assert [gap.blocking for gap in conclude(tmp_path, 1.0).not_examined] == [True]


def test_a_watcher_that_saw_nothing_permitted_proves_nothing(tmp_path: Path) -> None:
    """The positive control of the part."""
    record.write_summary(tmp_path, record.Summary(flows=9, judged=9))
    assert any(gap.blocking for gap in conclude(tmp_path, 1.0).not_examined)


def test_an_answer_about_a_real_person_stops_the_run(tmp_path: Path) -> None:
    """Whatever else was seen."""
    record.write_summary(tmp_path, record.Summary(flows=9, judged=8, stopped="an answer holds something real"))
    with pytest.raises(SyntheticOnlyError, match="something real"):
        conclude(tmp_path, 1.0)


def test_a_host_that_is_not_allowed_is_never_watched(tmp_path: Path) -> None:
    """The refusal comes before anything is started."""
    session = SessionFile("", "", "", "", str(tmp_path), 1, "", {}, ["127.0.0.1"])
    with (
        pytest.raises(TargetError, match=r"`192\.0\.2\.1` is not in allow_hosts"),
        watch(tmp_path / "session.json", session, "http://192.0.2.1:80"),
    ):
        pytest.fail("it started")


def test_mitmproxy_that_does_not_start_is_one_clear_error(tmp_path: Path) -> None:
    """A session file that is none ends the addon, and its last words reach the user."""
    session = SessionFile(str(Path(__file__).parents[2]), "", "", "", str(tmp_path), 1, "", {}, ["127.0.0.1"])
    with (
        pytest.raises(TargetError, match="mitmproxy did not start: "),
        watch(tmp_path / "session.json", session, "http://127.0.0.1:9"),
    ):
        pytest.fail("it started")
