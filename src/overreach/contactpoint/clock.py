"""Registry time: the population's date plus what has passed since it was loaded."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Clock:
    """Days and moments follow the population's date; only one-time codes use wall time."""

    as_of: date
    loaded: float
    """Wall time of loading, in seconds."""

    def now(self) -> datetime:
        """The moment in registry time (UTC)."""
        start = datetime(self.as_of.year, self.as_of.month, self.as_of.day, tzinfo=UTC)
        return start + timedelta(seconds=max(0.0, time.time() - self.loaded))

    def wall(self) -> float:
        """Wall time in seconds, for one-time codes."""
        return time.time()


@lru_cache(maxsize=1024)  # a request writes its moment several times
def stamp(moment: datetime) -> str:
    """A moment of registry time (UTC) as text whose order is the order of time."""
    return moment.isoformat(timespec="milliseconds")
