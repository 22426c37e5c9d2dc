"""Tools as child processes: they die with their parent, leave Ctrl-C to it, and are always reaped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from overreach.model.errors import TargetError

GRACE_SECONDS = 5.0

# Runs between fork and the tool: asks the kernel for SIGKILL on the parent's death, and leaves at once if the
# parent died before it could ask. A `preexec_fn` would do the same, but is not safe beside threads.
_WRAPPER = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


def dies_with_parent(command: Sequence[str]) -> list[str]:
    """The command behind a small wrapper that ties its life to the thread that starts it.

    The kernel looks at the starting thread, so start long-lived tools from a thread that outlives them.
    """
    return [sys.executable, "-I", "-S", "-c", _WRAPPER, str(os.getpid()), *command]


def tool(code: str, *arguments: str) -> list[str]:
    """A Python tool by the line that starts it, never a file of that name in the current folder."""
    return [sys.executable, "-P", "-c", code, *arguments]


@contextlib.contextmanager
def started(
    name: str, command: Sequence[str], *, folder: Path, output: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a tool in `folder` with its output going to a file; on leaving it is stopped and reaped.

    Raises TargetError where the tool cannot be started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as words:
        try:
            process = subprocess.Popen(
                dies_with_parent(command),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                # A Ctrl-C at the terminal is for the audit, which then stops its tools in its own time.
                start_new_session=True,
            )
        except OSError as error:
            message = f"{name} did not start: {error.strerror}"
            raise TargetError(message, "install the project again: `make setup`") from error
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes], grace: float = GRACE_SECONDS) -> None:
    """Ask the process to end, kill it and whatever it started after `grace` seconds, and reap it."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def last_words(output: Path) -> str:
    """The last line that a tool wrote; empty where it wrote none."""
    lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines() if output.exists() else []
    return lines[-1].strip() if lines else ""
