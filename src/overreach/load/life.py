"""Tying a forked process to the life of its parent: what the parent asked of the kernel is not inherited."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def dies_with_parent() -> None:
    """Ask for SIGKILL on the parent's death, and end at once where it has died already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(1)
