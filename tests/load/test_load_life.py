"""No process of a load outlives it, and one that is lost is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from overreach.load.drive import Wanted, run_load
from overreach.probe.workspace import Workspace

LOAD = """
import sys
from pathlib import Path
from overreach.load.drive import Wanted, run_load
from overreach.probe.session import SessionFile
file = Path(sys.argv[1])
run_load(file, SessionFile.read(file), Wanted(10, 60.0, processes=2))
"""


def children(pid: int) -> list[int]:
    """The processes that one has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(entry.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and no corpse."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def soon(is_so: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether something comes to be so in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.1)
    return is_so()


def workers_of(driver: int) -> list[int]:
    """The two loading processes below a driver; none while they are still to come."""
    return [worker for locust in children(driver) for worker in children(locust) if len(children(locust)) == 2]


def test_all_processes_die_with_whoever_started_them(workspace: Workspace) -> None:
    """Even where it is killed and can stop nothing."""
    driver = subprocess.Popen([sys.executable, "-c", LOAD, str(workspace.session_file)])
    live = Path(workspace.session.results) / "load"
    try:
        assert soon(lambda: len(workers_of(driver.pid)) == 2 and len(list(live.glob("live-*.json"))) == 2)
        family = [*children(driver.pid), *workers_of(driver.pid)]
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    assert len(family) == 3
    assert soon(lambda: not any(alive(pid) for pid in family), 10.0)


def test_a_process_that_is_lost_half_way_is_told(workspace: Workspace) -> None:
    """The others go on to the end; what the lost one did is unproven."""

    def kill_one() -> None:
        live = Path(workspace.session.results) / "load"
        if soon(lambda: len(workers_of(os.getpid())) == 2 and len(list(live.glob("live-*.json"))) == 2):
            os.kill(workers_of(os.getpid())[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    result = run_load(workspace.session_file, workspace.session, Wanted(20, 4.0, processes=2))
    killer.join()
    assert 0 < result.users < 20
    assert result.not_examined[0].what == "processes of the load"
    assert result.not_examined[0].blocking
    assert not result.summary.ran
