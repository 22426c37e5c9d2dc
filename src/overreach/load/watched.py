"""What the target's own alerts told of the people of a load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class HabitWatched:
    """The people of one habit, and what alerts said of them."""

    habit: str
    misuse: str
    """What is wrong with it, in words; empty for honest work."""
    people: int
    began: int
    """Who began to misuse the target."""
    named: int
    """Of them, who was named by an alert after that."""
    accused: int
    """Who was named by an alert while all that they had done was honest, or for what somebody else did."""
    seconds: tuple[float, float, float] | None
    """Shortest, median and longest time from beginning to the first alert after it; None where nobody was named."""
    watched: float | None
    """Median of the time from beginning to the end of the load; None where nobody began."""
    alerts: Mapping[str, int]
    """Kind -> alerts that name one of these people, but for those owed."""


@dataclass(frozen=True, slots=True)
class Watchers:
    """What the target's alerts told of a load."""

    habits: tuple[HabitWatched, ...]
    owed: int = 0
    """Alerts raised by what was done, whoever does it: they accuse nobody."""
    elsewhere: int = 0
    """Alerts that cannot be placed: signing in, reading the log, other parts of an audit, processes that were lost."""

    @property
    def people(self) -> int:
        """Who took part."""
        return sum(each.people for each in self.habits)

    @property
    def misusers(self) -> int:
        """Who began to misuse the target."""
        return sum(each.began for each in self.habits)

    @property
    def named(self) -> int:
        """Misusers whom an alert named after they had begun."""
        return sum(each.named for each in self.habits)

    @property
    def honest_accused(self) -> int:
        """People whom an alert named without their having done wrong."""
        return sum(each.accused for each in self.habits)

    @property
    def precision(self) -> float | None:
        """Share of the people named who deserved it; None where nobody was named."""
        return _share(self.named, self.named + self.honest_accused)

    @property
    def recall(self) -> float | None:
        """Share of the misusers who were named; None where there were none."""
        return _share(self.named, self.misusers)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        names = ("people", "misusers", "named", "precision", "recall", "honest_accused", "owed", "elsewhere")
        return {**{name: getattr(self, name) for name in names}, "habits": [asdict(each) for each in self.habits]}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
