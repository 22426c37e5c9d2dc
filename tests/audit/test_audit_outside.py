"""Files beside the application: a readable copy is a finding, the live database a hazard, an encrypted one nothing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.probe.hand_made import ABSENT

from overreach.audit.context import Context
from overreach.audit.listen import Listener
from overreach.audit.options import Options
from overreach.audit.outside import run_outside
from overreach.model.review import PartOutcome
from overreach.model.terms import Facet, Part, Severity
from overreach.probe.findings import Gatherer
from overreach.probe.session import Bench, SessionFile
from overreach.probe.workspace import Workspace
from overreach.target.broker import Broker
from overreach.target.embedded import Running
from overreach.target.identity import Credentials, Refusal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the target keeps its files."""
    folder = tmp_path / "registry"
    folder.mkdir()
    return folder


def looked_at(bench: Bench, options: Options, folder: Path) -> PartOutcome:
    """What the part makes of the files of a target that need not run."""
    running = Running("http://127.0.0.1:1", folder, folder / "registry.sqlite", 1)
    session = SessionFile("", "", running.url, "", "", 1, "", {}, [])
    broker = Broker(lambda user: Refusal(user, "activate", ABSENT))
    workspace = Workspace(folder, bench, running, broker, Credentials(b"s"), folder / "s", session)
    gatherer = Gatherer(bench.population, bench.policy, bench.grid)
    listener = Listener(bench, gatherer, lambda _line: None, options.parts)
    return run_outside(Context(options, bench, workspace, listener, gatherer, lambda _text, _done, _total: None))


def test_a_readable_copy_is_a_critical_finding(bench: Bench, options: Options, folder: Path) -> None:
    """However it is packed: its facets, a witness and how many records it shows."""
    fields = [bench.population.child_fields(child) for child in range(5)]
    (folder / "export.csv.gz").write_bytes(
        gzip.compress("\n".join(f"{f['number']},{f['house']}" for f in fields).encode())
    )
    outcome = looked_at(bench, options, folder)
    (finding,) = outcome.findings
    assert finding.key == "access:outside:export.csv.gz"
    assert finding.severity is Severity.CRITICAL
    assert finding.facets == (Facet.IDENTITY, Facet.WHEREABOUTS)
    assert finding.parts == (Part.OUTSIDE,)
    assert finding.witness.child in {f["number"] for f in fields}
    assert 0 < finding.blast.seen_children <= 5
    assert finding.blast.upto_children == 200
    assert outcome.hazards == ()


def test_a_copy_without_whereabouts_is_less(bench: Bench, options: Options, folder: Path) -> None:
    """High, not critical."""
    (folder / "numbers.txt").write_text(str(bench.population.child_fields(0)["number"]))
    (finding,) = looked_at(bench, options, folder).findings
    assert (finding.severity, finding.facets) == (Severity.HIGH, (Facet.IDENTITY,))


def test_the_live_database_is_a_hazard_and_no_finding(bench: Bench, options: Options, folder: Path) -> None:
    """Whoever operates it can read it; so can whoever holds its journal."""
    house = str(bench.population.child_fields(0)["house"])
    for name in ("registry.sqlite", "registry.sqlite-wal"):
        (folder / name).write_text(house)
    outcome = looked_at(bench, options, folder)
    assert outcome.findings == ()
    (hazard,) = outcome.hazards
    assert (hazard.key, hazard.children, hazard.users) == ("outside:live-database", 200, 0)
    assert {"registry.sqlite", "registry.sqlite-wal"} <= set(hazard.example.replace(",", " ").split())


def test_a_live_database_that_cannot_be_read_is_no_hazard(bench: Bench, options: Options, folder: Path) -> None:
    """Nor is one of its files named that shows nothing, beside another that does."""
    (folder / "registry.sqlite").write_bytes(bytes(range(256)) * 40)
    assert looked_at(bench, options, folder).hazards == ()
    (folder / "registry.sqlite-wal").write_text(str(bench.population.child_fields(0)["house"]))
    (hazard,) = looked_at(bench, options, folder).hazards
    assert hazard.example == "records stand readable in registry.sqlite-wal"


def test_an_unreadable_copy_is_clean_and_was_looked_at(bench: Bench, options: Options, folder: Path) -> None:
    """The control says so; the detector has shown that it can see."""
    (folder / "registry.enc").write_bytes(bytes(range(256)) * 40)
    outcome = looked_at(bench, options, folder)
    assert (outcome.findings, outcome.hazards) == ((), ())
    assert [control.passed for control in outcome.controls] == [True, True]


def test_without_anything_beside_the_database_the_control_fails(bench: Bench, options: Options, folder: Path) -> None:
    """Nothing was looked at, so nothing is proven."""
    (folder / "registry.sqlite").write_bytes(b"x")
    failed = [control.name for control in looked_at(bench, options, folder).controls if not control.passed]
    assert failed == ["copies outside the application were looked at"]


def test_what_cannot_be_read_is_told(bench: Bench, options: Options, folder: Path) -> None:
    """By its name and the reason."""
    (folder / "link").symlink_to("/etc")
    (gap,) = looked_at(bench, options, folder).not_examined
    assert (gap.part, gap.what) == (Part.OUTSIDE, "link")
    assert gap.reason
