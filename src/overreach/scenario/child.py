"""Pytest in a process that ends with its parent: `python -m overreach.scenario.child ARGUMENTS`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from types import FrameType

import pytest

_PR_SET_PDEATHSIG = 1


def run() -> int:
    """Run pytest; a request to end (SIGTERM) lets the fixtures clear up first."""
    signal.signal(signal.SIGTERM, _interrupt)
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before we could ask to be told
        return pytest.ExitCode.INTERRUPTED
    try:
        return pytest.main(sys.argv[1:])
    except KeyboardInterrupt:  # before pytest itself listens, or after
        return pytest.ExitCode.INTERRUPTED


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(run())
