"""Running the scenarios as a process: what an audit and `overreach test` get back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from overreach.probe.session import SessionFile
from overreach.scenario.drive import run_scenarios

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
OUTCOMES = """
import pytest
def test_holds(): pass
def test_does_not_hold(): assert False, "it does not"
def test_breaks(): raise KeyError("gone")
def test_waits(): pytest.skip("not today")
"""
SLEEPER = """
import os, pathlib, time
def test_sleeps():
    pathlib.Path(__file__).parents[1].joinpath("pid").write_text(str(os.getpid()))
    time.sleep(60)
"""


def overreach_test(*arguments: str) -> tuple[int, dict[str, object]]:
    """Exit code and JSON of `overreach test`."""
    done = subprocess.run(
        [sys.executable, "-m", "overreach", "test", "--json", "--examples", "12", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr.decode()
    result: dict[str, object] = json.loads(done.stdout)
    return done.returncode, result


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        ("shield-ignored-in-postcode-search", "test_a_shielded_child_is_not_found_by_postcode"),
        ("override-without-alert", "test_every_override_raises_an_alert"),
    ],
)
def test_a_fault_is_found_by_the_scenario_that_asks_for_it(fault: str, test: str) -> None:
    """Exit code 1, and a finding whose witness names user and request."""
    code, result = overreach_test("--fault", fault, "-k", test)
    assert code == 1
    assert result["failed"] == [test]
    findings = result["findings"]
    assert isinstance(findings, list)
    for finding in findings:
        assert finding["key"].startswith(f"scenario:{test}:")
        assert finding["witness"]["request"].startswith("curl ")


def test_the_correct_registry_holds() -> None:
    """Exit code 0, nothing found, nothing unproven; arguments pass through to pytest."""
    code, result = overreach_test("-k", "hostile or no_mixing", "--hypothesis-seed=11")
    assert code == 0
    assert (result["findings"], result["errors"], result["skipped"]) == ([], [], [])
    assert len(result["passed"]) == 2  # type: ignore[arg-type]


def session_of(folder: Path, scenario: str) -> SessionFile:
    """The session of a pack with one file of scenarios, which ask for no target."""
    (folder / "scenarios").mkdir()
    (folder / "results").mkdir()
    (folder / "scenarios" / "test_one.py").write_text(scenario)
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    session = SessionFile(str(folder), "", "", "", str(folder / "results"), 7, "", {}, [])
    session.write(folder / "session.json")
    return session


def test_every_outcome_of_a_test_has_its_place(tmp_path: Path) -> None:
    """A failed assert is a finding; an error, a skip and a file that does not load prove nothing."""
    session = session_of(tmp_path, OUTCOMES)
    (tmp_path / "scenarios" / "test_two.py").write_text("import nothing_of_that_name\n")
    result = run_scenarios(tmp_path / "session.json", session, 5, ["--continue-on-collection-errors"])
    assert (result.passed, result.failed) == (("test_holds",), ("test_does_not_hold",))
    assert [finding.key for finding in result.findings] == ["scenario:test_does_not_hold:inference:asserted"]
    reasons = dict(result.errors)
    assert reasons["test_breaks"] == "'gone'"
    assert "nothing_of_that_name" in reasons["scenarios/test_two.py"]
    assert result.skipped == (("test_waits", "not today"),)


def test_no_scenario_at_all_is_unproven(tmp_path: Path) -> None:
    """With the last words of pytest."""
    result = run_scenarios(tmp_path / "session.json", session_of(tmp_path, ""), 5)
    assert result.passed == ()
    assert "pytest did not finish" in result.errors[0][1]


def test_pytest_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Even where that was killed."""
    session_of(tmp_path, SLEEPER)
    program = (
        "from pathlib import Path; from overreach.scenario.drive import run_scenarios;"
        "from overreach.probe.session import SessionFile;"
        f"f = Path({str(tmp_path / 'session.json')!r}); run_scenarios(f, SessionFile.read(f), 5)"
    )
    pid = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", program], env=ENVIRONMENT) as starter:
        wait_for(pid.exists)
        starter.kill()
    sleeper = int(pid.read_text())
    wait_for(lambda: not psutil.pid_exists(sleeper) or psutil.Process(sleeper).status() == psutil.STATUS_ZOMBIE)


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds, ten seconds at most."""
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("waited in vain")


def test_the_plugin_costs_other_test_runs_nothing() -> None:
    """Loading it imports neither Hypothesis nor anything else of Overreach."""
    program = (
        "import sys, overreach.scenario.plugin;"
        "print([name for name in sys.modules if name.startswith(('hypothesis', 'pyarrow', 'overreach.'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=ENVIRONMENT,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == "['overreach.scenario', 'overreach.scenario.plugin']"
