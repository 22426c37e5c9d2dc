"""An audit from the command line: what it prints, and that an interrupt leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from overreach.model.terms import ExitCode

ROOT = Path(__file__).parents[2]
AUDIT = [sys.executable, "-m", "overreach", "audit", "--pack", str(ROOT), "--children", "200", "--users", "160"]


def descendants(temporary: Path) -> list[psutil.Process]:
    """Processes whose command line names the temporary folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(temporary) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def waited_for(condition: Callable[[], bool], running: subprocess.Popen[bytes] | None = None) -> bool:
    """Whether something comes true within a minute, while the process runs."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if condition():
            return True
        if running is not None and running.poll() is not None:
            return False
        time.sleep(0.02)
    return False


def has(folder: Path, pattern: str) -> bool:
    """Whether a folder holds something of that name."""
    return any(folder.glob(pattern))


MOMENTS: dict[str, tuple[str, Callable[[Path, Path], bool]]] = {
    "while the target starts": ("sweep", lambda temporary, _runs: bool(descendants(temporary))),
    "while the scenarios run": ("scenarios", lambda temporary, _runs: has(temporary, "overreach-*/results/*")),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_interrupt_ends_everything_and_leaves_nothing(tmp_path: Path, moment: str) -> None:
    """Exit 130 with one line; no process, no temporary folder and no half-written run is left."""
    temporary, runs = tmp_path / "tmp", tmp_path / "runs"
    temporary.mkdir()
    part, begun = MOMENTS[moment]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [*AUDIT, "--only", part, "--out", str(runs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        assert waited_for(lambda: begun(temporary, runs), running)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == ExitCode.INTERRUPTED
    lines = stderr.decode().strip().splitlines()
    assert lines[0] == "overreach: interrupted"
    assert len(lines) <= 2
    assert stdout == b""
    assert waited_for(lambda: not descendants(temporary))
    assert list(temporary.glob("overreach-*")) == []
    assert not runs.exists() or list(runs.iterdir()) == []


def test_a_fault_is_a_finding_and_exit_1(tmp_path: Path) -> None:
    """As JSON: the sealed folder, the code, the finding, and every part that was left out as a gap."""
    command = [*AUDIT, "--only", "outside", "--fault", "plaintext-backup", "--out", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert done.returncode == told["exit_code"] == ExitCode.FINDINGS
    assert done.stderr == ""
    folder = Path(told["folder"])
    assert list(tmp_path.iterdir()) == [folder]
    assert {"report.html", "manifest.json"} <= {path.name for path in folder.iterdir()}
    assert {finding["kind"] for finding in told["findings"]} == {"access"}
