"""Tools started as child processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from overreach.model.errors import TargetError
from overreach.target.process import dies_with_parent, last_words, started, stop, tool

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait_for(file: Path, text: str) -> None:
    """Wait until a file holds a text, ten seconds at most."""
    end = time.monotonic() + 10
    while not (file.exists() and text in file.read_text()):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_tool_is_stopped_and_reaped_on_leaving(tmp_path: Path) -> None:
    """Its output is in the file, and nothing of it is left."""
    output = tmp_path / "words.log"
    with started("sleeper", tool(SLEEPS), folder=tmp_path, output=output, environment=os.environ) as process:
        wait_for(output, "up")
    assert process.returncode == -signal.SIGTERM
    assert last_words(output) == "up"


def test_a_tool_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    """After its grace."""
    output = tmp_path / "words.log"
    with started("stubborn", tool(STUBBORN), folder=tmp_path, output=output, environment=os.environ) as process:
        wait_for(output, "up")
        stop(process, grace=0.1)
    assert process.returncode == -signal.SIGKILL


def test_a_tool_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Even when that process is killed and can clear nothing away."""
    output = tmp_path / "child"
    child = f"import os, pathlib, time; pathlib.Path({str(output)!r}).write_text(f'{{os.getpid()}} '); time.sleep(60)"
    parent = (
        "import subprocess, sys, time\n"
        "from overreach.target.process import dies_with_parent, tool\n"
        f"subprocess.Popen(dies_with_parent(tool({child!r})), start_new_session=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent]) as started_by:
        wait_for(output, " ")
        pid = int(output.read_text())
        assert alive(pid)
        started_by.kill()
    end = time.monotonic() + 10
    while alive(pid):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_tool_whose_parent_is_somebody_else_never_runs() -> None:
    """The parent that died before the tool could ask to die with it is noticed."""
    command = dies_with_parent(tool("print('ran')"))
    command[command.index(str(os.getpid()))] = "1"
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_tool_that_cannot_be_started_is_one_clear_error(tmp_path: Path) -> None:
    """No stack trace of the operating system's."""
    command = ["x" * 1_000_000]
    with (
        pytest.raises(TargetError, match="sleeper did not start"),
        started("sleeper", command, folder=tmp_path, output=tmp_path / "words.log", environment=os.environ),
    ):
        pytest.fail("it started")
