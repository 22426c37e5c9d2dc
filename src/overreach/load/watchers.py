"""The watchers: which misusers of a load did the target's own alerts name, how soon, and whom did they accuse wrongly.

An alert is placed by the request that it names, `load-USER-NUMBER`, and the moments of that request in the journal of
the process that sent it: no clock of the target is read, and no two clocks are compared. It stood at the latest when
the answer came, so a time to detection is too long by the latency of one answer at most.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from overreach.load import record
from overreach.load.habit import Habit
from overreach.load.journal import read_moments, read_people, request_key
from overreach.probe.alerts import Alert

_REQUEST = re.compile(r"load-(\d{1,9})-(\d{1,9})")

Request = tuple[int, int]
"""User and number of a request."""


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
    """Alerts that name no answered request of this load: signing in, reading the log, other parts of an audit."""

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


class _Person(NamedTuple):
    habit: str
    since: float | None
    """Seconds since the epoch at which it began to misuse the target."""


@dataclass(slots=True)
class _Count:
    """What is said of the people of one habit."""

    people: int = 0
    began: list[float] = field(default_factory=list)
    first: dict[int, float] = field(default_factory=dict)
    """Misuser -> seconds from beginning to its first alert."""
    accused: set[int] = field(default_factory=set)
    alerts: Counter[str] = field(default_factory=Counter)


def watch(
    folder: Path,
    alerts: Iterable[Alert],
    habits: Sequence[Habit],
    owed: Collection[str],
    username: Callable[[int], str],
) -> Watchers:
    """Compare who misused the target, by the files of a load in `folder`, with the target's alerts.

    `owed` are kinds that accuse nobody; `username` gives the name of a user. Habits stand in the order given.
    """
    people = {
        row["user"]: _Person(row["habit"], row["misuses_since"])
        for file in record.files(folder, record.PEOPLE)
        for row in read_people(file)
    }
    counts = {each.name: _Count() for each in habits}
    for person in people.values():
        count = counts[person.habit]
        count.people += 1
        if person.since is not None:
            count.began.append(person.since)
    told = [(alert, _request(alert)) for alert in alerts]
    moments, end = _moments(folder, [request for _, request in told if request is not None])
    placed = [(alert, request) for alert, request in told if request in moments]
    accusing = [(alert, request) for alert, request in placed if alert.kind not in owed]
    for user, alert, request in _named(accusing, people, username):
        since = people[user].since if user == request[0] else None
        _take(counts[people[user].habit], user, since, alert.kind, moments[request])
    return Watchers(
        tuple(_row(each, counts[each.name], end) for each in habits),
        owed=len(placed) - len(accusing),
        elsewhere=len(told) - len(placed),
    )


def _request(alert: Alert) -> Request | None:
    found = _REQUEST.fullmatch(alert.request_id)
    return (int(found[1]), int(found[2])) if found else None


def _moments(folder: Path, wanted: Collection[Request]) -> tuple[dict[Request, tuple[float, float]], float]:
    """Request -> when it was sent and when its answer was there, of those answered; and when the last answer came."""
    keys = {int(request_key(*request)): request for request in wanted}
    looked_for = np.fromiter(keys, np.uint64, len(keys))
    found: dict[Request, tuple[float, float]] = {}
    end = 0.0
    for file in record.files(folder, record.ANSWERS):
        for batch, times in read_moments(file):
            end = float(times.max(initial=end))
            for place in np.flatnonzero(np.isin(batch, looked_for)):
                found[keys[int(batch[place])]] = (float(times[place, 0]), float(times[place, 1]))
    return found, end


def _named(
    alerts: Iterable[tuple[Alert, Request]], people: Mapping[int, _Person], username: Callable[[int], str]
) -> Iterator[tuple[int, Alert, Request]]:
    """Whom each alert names, of those who took part: mostly whoever sent the request."""
    by_name: dict[str, int] = {}
    for alert, request in alerts:
        if request[0] in people and username(request[0]) == alert.user:
            yield request[0], alert, request
            continue
        by_name = by_name or {username(user): user for user in people}
        if alert.user in by_name:
            yield by_name[alert.user], alert, request


def _take(count: _Count, user: int, since: float | None, kind: str, moment: tuple[float, float]) -> None:
    """Count one alert about a user who has misused the target since then; None for whoever has not."""
    sent, answered = moment
    count.alerts[kind] += 1
    if since is None or sent < since:
        count.accused.add(user)
    else:
        count.first[user] = min(count.first.get(user, answered - since), answered - since)


def _row(habit: Habit, count: _Count, end: float) -> HabitWatched:
    times = sorted(count.first.values())
    return HabitWatched(
        habit=habit.name,
        misuse=habit.misuse,
        people=count.people,
        began=len(count.began),
        named=len(times),
        accused=len(count.accused),
        seconds=(times[0], median(times), times[-1]) if times else None,
        watched=max(0.0, median(end - since for since in count.began)) if count.began else None,
        alerts=dict(sorted(count.alerts.items())),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
