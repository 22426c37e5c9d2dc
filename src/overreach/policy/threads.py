"""Work on several processors: NumPy and Arrow leave Python's lock alone while they count."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def in_threads(work: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """What `work` makes of each item, in their order, by as many threads as there are processors."""
    asked = list(items)
    if len(asked) <= 1:
        return [work(item) for item in asked]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        return list(threads.map(work, asked))
