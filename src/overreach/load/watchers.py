"""The watchers: which misusers of a load did the target's own alerts name, how soon, and whom did they accuse wrongly.

An alert is placed by the request that it names, `load-USER-NUMBER`, and the moments of that request in the journal of
the process that sent it, which noted too who began when: no clock of the target is read, and no two clocks are
compared. It stood at the latest when the answer came, so a time to detection is too long by the latency of one answer
at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from overreach.load import record
from overreach.load.habit import Habit
from overreach.load.journal import read_moments, read_people, request_key
from overreach.load.ledger import key_of
from overreach.load.watched import HabitWatched, Watchers
from overreach.probe.alerts import Alert

Request = tuple[int, int]
"""User and number of a request."""


class _Person(NamedTuple):
    habit: str
    since: float | None
    """Seconds since the epoch at which it began to misuse the target."""


People = dict[tuple[int, int], _Person]
"""(Process, user) -> what that process noted of the user."""


class _Placed(NamedTuple):
    """An alert at the request that it names, with when that was under way by the clock of the process that sent it."""

    alert: Alert
    asker: int
    part: int
    """Number of that process."""
    sent: float
    answered: float


@dataclass(slots=True)
class _Count:
    """What is said of the people of one habit."""

    people: set[int] = field(default_factory=set)
    began: dict[int, float] = field(default_factory=dict)
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
    people, told = _people(folder), list(alerts)
    counts = _counts(people, habits)
    placed, end = _placed(folder, told, people)
    accusing = [each for each in placed if each.alert.kind not in owed]
    _count_alerts(counts, accusing, people, username)
    return Watchers(
        tuple(_row(each, counts[each.name], end) for each in habits),
        owed=len(placed) - len(accusing),
        elsewhere=len(told) - len(placed),
    )


def _people(folder: Path) -> People:
    return {
        (_part(file), row["user"]): _Person(row["habit"], row["misuses_since"])
        for file in record.files(folder, record.PEOPLE)
        for row in read_people(file)
    }


def _part(file: Path) -> int:
    return int(file.stem.rpartition("-")[2])


def _counts(people: People, habits: Iterable[Habit]) -> dict[str, _Count]:
    """Habit -> its people, of whom nothing is said yet."""
    counts = {each.name: _Count() for each in habits}
    for (_, user), person in people.items():
        count = counts[person.habit]
        count.people.add(user)
        if person.since is not None:
            count.began[user] = min(person.since, count.began.get(user, person.since))
    return counts


def _placed(folder: Path, alerts: Iterable[Alert], people: People) -> tuple[list[_Placed], float]:
    """Each alert with the answered request that it names, where there is one; and when the last answer of all came."""
    told = [(alert, request) for alert in alerts if (request := _request(alert)) is not None]
    keys = {int(request_key(*request)): request for _, request in told}
    looked_for = np.fromiter(keys, np.uint64, len(keys))
    found: dict[Request, tuple[int, float, float]] = {}
    end = 0.0
    for file in record.files(folder, record.ANSWERS):
        for batch, times in read_moments(file):
            end = float(times.max(initial=end))
            for place in np.flatnonzero(np.isin(batch, looked_for)):
                found[keys[int(batch[place])]] = (_part(file), *times[place].tolist())
    placed = [_Placed(alert, request[0], *found[request]) for alert, request in told if request in found]
    return [each for each in placed if (each.part, each.asker) in people], end


def _request(alert: Alert) -> Request | None:
    form = key_of(alert.request_id)
    return None if form is None else (form[0] >> 32, form[0] & 0xFFFFFFFF)


def _count_alerts(
    counts: Mapping[str, _Count], alerts: Iterable[_Placed], people: People, username: Callable[[int], str]
) -> None:
    @cache
    def by_name() -> dict[str, tuple[int, str]]:
        """Of everybody: made where an alert names somebody else than who asked, which is rare."""
        return {username(user): (user, person.habit) for (_, user), person in people.items()}

    for each in alerts:
        habit, since = people[each.part, each.asker]
        if username(each.asker) == each.alert.user:
            _take(counts[habit], each.asker, since, each)
        elif each.alert.user in by_name():
            user, habit = by_name()[each.alert.user]
            _take(counts[habit], user, None, each)


def _take(count: _Count, user: int, since: float | None, told: _Placed) -> None:
    """Count one alert about a user who has misused the target since then; None for whoever has not."""
    count.alerts[told.alert.kind] += 1
    if since is None or told.sent < since:
        count.accused.add(user)
    else:
        seconds = told.answered - since
        count.first[user] = min(count.first.get(user, seconds), seconds)


def _row(habit: Habit, count: _Count, end: float) -> HabitWatched:
    times = sorted(count.first.values())
    return HabitWatched(
        habit=habit.name,
        misuse=habit.misuse,
        people=len(count.people),
        began=len(count.began),
        named=len(times),
        accused=len(count.accused),
        seconds=(times[0], median(times), times[-1]) if times else None,
        watched=max(0.0, median(end - since for since in count.began.values())) if count.began else None,
        alerts=dict(sorted(count.alerts.items())),
    )
