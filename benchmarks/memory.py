"""The memory that a process and its descendants hold: what the benchmarks of whole commands share.

The proportional set size, summed over all of them: a page that several map counts once.
"""

from __future__ import annotations

import threading
from pathlib import Path


class Watch:
    """Samples the memory of a process and its descendants until told to end."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._ended = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()

    def end(self) -> int:
        """The peak of the sums, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        while not self._ended.wait(0.1):
            self._peak = max(self._peak, sum(proportional(pid) for pid in family(self._pid)))


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def proportional(pid: int) -> int:
    """Proportional set size of a process, in bytes; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(text.split()[1]) * 1024 for text in lines if text.startswith("Pss:"))
