"""What happened in each second of a load: answers, latency and findings on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from overreach.load.histogram import Histogram
from overreach.model.terms import Verdict


@dataclass(slots=True)
class Moment:
    """One second."""

    answers: int = 0
    overreach: int = 0
    unproven: int = 0
    throttled: int = 0
    latency: Histogram = field(default_factory=Histogram)

    def judged(self, verdict: Verdict) -> None:
        """Count how an answer of this second was judged."""
        self.overreach += verdict is Verdict.OVERREACH
        self.unproven += verdict is Verdict.UNPROVEN

    def merge(self, other: Moment) -> None:
        """Add what another process did in the same second."""
        self.answers += other.answers
        self.overreach += other.overreach
        self.unproven += other.unproven
        self.throttled += other.throttled
        self.latency.merge(other.latency)

    def to_json(self) -> dict[str, Any]:
        """As plain values; `from_json` reads them again."""
        counts = {"answers": self.answers, "overreach": self.overreach, "unproven": self.unproven}
        return {**counts, "throttled": self.throttled, "latency": self.latency.to_json()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Moment:
        """The moment of `to_json`."""
        return cls(**{**value, "latency": Histogram.from_json(value["latency"])})


class Timeline:
    """Second since the epoch -> what happened in it."""

    def __init__(self) -> None:
        self._moments: dict[int, Moment] = {}

    def at(self, time: float) -> Moment:
        """The second of a time; a new one where nothing has happened in it yet."""
        second = int(time)
        moment = self._moments.get(second)
        if moment is None:
            moment = self._moments[second] = Moment()
        return moment

    def recent(self, now: float, seconds: int) -> Moment:
        """The last whole seconds before now, taken together."""
        together = Moment()
        for second in range(int(now) - seconds, int(now)):
            if second in self._moments:
                together.merge(self._moments[second])
        return together

    def to_json(self) -> dict[str, Any]:
        """Second -> moment, in order."""
        return {str(second): self._moments[second].to_json() for second in sorted(self._moments)}


def together(timelines: Iterable[Mapping[str, Any]]) -> list[tuple[int, Moment]]:
    """The moments of several processes, second by second since the first of them."""
    moments: dict[int, Moment] = {}
    for timeline in timelines:
        for second, value in timeline.items():
            moments.setdefault(int(second), Moment()).merge(Moment.from_json(value))
    first = min(moments, default=0)
    return [(second - first, moments[second]) for second in sorted(moments)]


def first_second(timelines: Iterable[Mapping[str, Any]]) -> int:
    """The second since the epoch from which `together` counts; 0 where nothing happened."""
    return min((int(second) for timeline in timelines for second in timeline), default=0)
