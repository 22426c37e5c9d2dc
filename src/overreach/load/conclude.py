"""What a load amounts to, from the files that its processes left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from overreach.load import record
from overreach.load.histogram import Histogram
from overreach.load.loss import gaps, losses, received
from overreach.load.timeline import Moment, first_second, together
from overreach.model.errors import OverreachError, SyntheticOnlyError, TargetError
from overreach.model.finding import NotExamined
from overreach.model.review import Control, PartSummary
from overreach.model.terms import Part
from overreach.target.process import last_words

Percentiles = tuple[float, float, float]
Place = tuple[str, str]
"""Role and operation; the role is empty for all of them together."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What the users did; what they were told stands in the folder's files."""

    folder: Path
    """Files of the processes (`load.record`): what is not plainly held in full, and every answer, compact."""
    users: int
    """Alive at once, each with at least one answer."""
    requests: int
    """Answers judged."""
    errors: Mapping[str, int]
    """Errors of the loading processes themselves -> how many."""
    refused: int
    """Members whom the policy lets sign in and the target refused."""
    throttled: int
    """Answers that asked for patience."""
    rate: float
    """Answers a second once everybody was up."""
    latency: Mapping[Place, Percentiles]
    """(role, operation) -> seconds under which 50, 95 and 99 % of the answers came."""
    by_operation: Mapping[Place, Percentiles]
    """The same of all roles together."""
    answered: Mapping[Place, int]
    """(role, operation) -> answers."""
    moments: Sequence[tuple[int, Moment]]
    """(seconds since the first answer, what happened in that second)."""
    began: int
    """The second since the epoch from which `moments` count; 0 where there are none."""
    up_at: float | None
    """Seconds from there until everybody was up; None where that never came."""
    wanted: int
    """Users who were to be up."""
    people: Mapping[tuple[str, str], tuple[int, int, int]]
    """(role, habit) -> members, their requests, and how many of them began to misuse the target."""
    verdicts: Mapping[str, int]
    """Verdict -> answers; those judged when every change was known are not among them."""
    bytes_per_user: float
    """Growth of all loading processes by their users, divided by them."""
    spawn_seconds: float
    """From the first user until everybody had had an answer; whoever mints before adds it."""
    late: float
    """Seconds under which 99 % of the steps began after they were due, in the slowest process."""
    heartbeats_missed: int
    """Times that Locust gave a worker up."""
    processes: int
    checked: int
    """Answers whose decision was made again by cedarpy."""
    controls: tuple[Control, ...]
    not_examined: tuple[NotExamined, ...]
    summary: PartSummary
    workers: int = 0
    """Hosts' parts that joined a master; 0 where one machine did it alone."""
    reassigned: int = 0
    """Users of lost workers who went on with others."""


@dataclass(slots=True)
class _Sum:
    """The summaries of all processes, added up."""

    summaries: list[record.Summary]
    missing: int
    """Processes that left none."""

    def total(self, name: str) -> int:
        return sum(getattr(each, name) for each in self.summaries)

    @property
    def failures(self) -> Counter[str]:
        return sum((Counter(each.failures) for each in self.summaries), Counter())

    @property
    def people(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        found: dict[tuple[str, str], tuple[int, int, int]] = {}
        for each in self.summaries:
            for role, habits in each.people.items():
                for habit, (people, asked, misusing) in habits.items():
                    one, two, three = found.get((role, habit), (0, 0, 0))
                    found[role, habit] = (one + people, two + asked, three + misusing)
        return dict(sorted(found.items()))

    @property
    def verdicts(self) -> Counter[str]:
        return sum((Counter(each.verdicts) for each in self.summaries), Counter())

    @property
    def began(self) -> int:
        return first_second(each.timeline for each in self.summaries)

    @property
    def up_at(self) -> float | None:
        moments = [each.up_at for each in self.summaries if each.up_at]
        return max(max(moments) - self.began, 0.0) if moments else None

    @property
    def bytes_per_user(self) -> float:
        users = self.total("users")
        grown = sum(each.bytes_after - each.bytes_before for each in self.summaries if each.bytes_after)
        return grown / users if users and any(each.bytes_after for each in self.summaries) else 0.0

    @property
    def rate(self) -> float:
        return sum(each.since_up / each.seconds for each in self.summaries if each.seconds)


def conclude(folder: Path, order: record.Order, words: Path, seconds: float) -> LoadResult:
    """The result of loading processes that have ended, from their files.

    TargetError where none of them began; OverreachError or SyntheticOnlyError where one had to stop.
    """
    files = record.files(folder, record.SUMMARY)
    coordinator = folder / record.SUMMARY.format(record.MASTER)
    found = [each for file in (*files, coordinator) if (each := record.Summary.read(file)) is not None]
    if not found and not record.files(folder, record.OBSERVATIONS):
        message = f"locust did not come to work: {last_words(words) or 'it ended without a word'}"
        raise TargetError(message, "start the audit again; if it happens again, look for what ends it (memory?)")
    for each in found:
        if each.stopped:
            error = SyntheticOnlyError if each.real_person else OverreachError
            raise error(each.stopped, each.remedy)
    lost = losses(folder)
    told = _Sum(found, order.parts - len(files) - len(lost))
    by_operation, by_role = _counted(told.summaries, by_role=False), _counted(told.summaries, by_role=True)
    slowest = max((histogram.under(0.95) for histogram in by_operation.values()), default=0.0)
    return LoadResult(
        folder=folder,
        users=told.total("users"),
        requests=told.total("requests") + sum(received(folder, part) for part in lost),
        errors=told.failures,
        refused=told.total("refused"),
        throttled=told.total("throttled"),
        rate=told.rate,
        latency=_percentiles(by_role),
        by_operation=_percentiles(by_operation),
        answered={place: histogram.total for place, histogram in by_role.items()},
        moments=together(each.timeline for each in told.summaries),
        began=told.began,
        up_at=told.up_at,
        wanted=order.users,
        people=told.people,
        verdicts=told.verdicts,
        bytes_per_user=told.bytes_per_user,
        spawn_seconds=max((each.spawn_seconds for each in told.summaries), default=0.0),
        late=max((each.late for each in told.summaries), default=0.0),
        heartbeats_missed=told.total("heartbeats_missed"),
        processes=order.parts,
        checked=told.total("checked"),
        controls=(_control(told),),
        not_examined=(*gaps(folder), *_gaps(told, order)),
        summary=PartSummary(
            Part.LOAD, ran=not (told.missing or lost), seconds=seconds, figures=_figures(told, slowest)
        ),
        workers=order.parts if order.hosts else 0,
        reassigned=sum(each.reassigned for each in lost.values()),
    )


def _counted(summaries: Sequence[record.Summary], *, by_role: bool) -> dict[Place, Histogram]:
    added: dict[Place, Histogram] = {}
    for summary in summaries:
        for role, operations in summary.latency.items():
            for operation, counts in operations.items():
                key = (role if by_role else "", operation)
                added.setdefault(key, Histogram()).merge(Histogram.from_json(counts))
    return dict(sorted(added.items()))


def _percentiles(counted: Mapping[Place, Histogram]) -> dict[Place, Percentiles]:
    return {place: (each.under(0.5), each.under(0.95), each.under(0.99)) for place, each in counted.items()}


def _figures(told: _Sum, slowest: float) -> tuple[tuple[str, str], ...]:
    return (
        ("users at once", f"{told.total('users'):,}"),
        ("answers judged", f"{told.total('requests'):,}"),
        ("answers a second", f"{told.rate:,.0f}"),
        ("95 % of the answers of the slowest operation within", f"{slowest * 1000:,.0f} ms"),
        ("decisions made again by cedarpy", f"{told.total('checked'):,}"),
        ("memory a user", f"{told.bytes_per_user / 1024:,.1f} KiB"),
        ("sign-ins refused", f"{told.total('refused'):,}"),
    )


def _control(told: _Sum) -> Control:
    permitted = told.total("permitted")
    words = f"{permitted:,} permitted answers were read under load"
    return Control("load: permitted canary", permitted > 0, words if permitted else f"{words}: unproven")


def _gaps(told: _Sum, order: record.Order) -> Iterator[NotExamined]:
    if told.missing:
        reason = "locust did not come to its end"
        yield NotExamined(Part.LOAD, "processes of the load", reason, count=told.missing, blocking=True)
        if told.missing == order.parts:
            return
    for reason, count in sorted(told.failures.items()):
        # An error of the loading process's own hides what it hides: fail closed.
        yield NotExamined(Part.LOAD, "users of the load", reason, count, blocking=True)
    short = [each.seconds for each in told.summaries if each.users and each.seconds + 1 < order.seconds]
    if short:
        reason = f"over after {min(short):.0f} of {order.seconds:g} seconds"
        yield NotExamined(Part.LOAD, "processes of the load", reason, len(short), blocking=True)
    cut_off, refused = told.total("asked") - told.total("requests"), told.total("refused")
    if cut_off:
        yield NotExamined(Part.LOAD, "requests of the load", "cut off at the end of the shift", cut_off)
    if refused:
        yield NotExamined(Part.LOAD, "users who may sign in", "the target refused them", refused)
    users = told.total("users")
    if users < order.users:
        yield NotExamined(Part.LOAD, "users of the load", "without an answer", order.users - users, blocking=not users)
    if not told.total("permitted"):
        reason = "no permitted answer was read: silence proves nothing"
        yield NotExamined(Part.LOAD, "the load", reason, count=max(told.total("requests"), 1), blocking=True)
