"""Latencies as counts in buckets that grow by a fixed ratio: small whatever is counted, and added up exactly."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Self

LEAST = 0.0001
"""Seconds; what is shorter is counted with it."""
STEPS = 16
"""Buckets for each doubling: a percentile is at most 4.5 % too high."""


def bucket_of(seconds: float) -> int:
    """The bucket of a duration."""
    return 0 if seconds <= LEAST else 1 + int(log2(seconds / LEAST) * STEPS)


class Histogram:
    """How many durations fell into each bucket."""

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self._counts: dict[int, int] = dict(counts or {})

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.count(bucket_of(seconds))

    def count(self, bucket: int) -> None:
        """Count one duration by its bucket, where several histograms count it."""
        self._counts[bucket] = self._counts.get(bucket, 0) + 1

    def merge(self, other: Histogram) -> None:
        """Count everything that another one has counted."""
        for bucket, count in other._counts.items():
            self._counts[bucket] = self._counts.get(bucket, 0) + count

    @property
    def total(self) -> int:
        """How many were counted."""
        return sum(self._counts.values())

    def under(self, share: float) -> float:
        """Seconds under which a share (0 to 1) of the durations lie; 0.0 where nothing was counted."""
        wanted, seen = share * self.total, 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= wanted:
                return LEAST * float(2 ** (bucket / STEPS))
        return 0.0

    def to_json(self) -> dict[str, int]:
        """Bucket -> count, as JSON wants it: `from_json` reads it again."""
        return {str(bucket): self._counts[bucket] for bucket in sorted(self._counts)}

    @classmethod
    def from_json(cls, counts: Mapping[str, int]) -> Self:
        """The histogram of `to_json`."""
        return cls({int(bucket): count for bucket, count in counts.items()})
