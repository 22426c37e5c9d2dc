"""What a load amounts to, from the files that its processes left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from overreach.load import record
from overreach.load.histogram import Histogram
from overreach.load.timeline import Moment, together
from overreach.model.errors import OverreachError, SyntheticOnlyError, TargetError
from overreach.model.finding import NotExamined
from overreach.model.review import Control, PartSummary
from overreach.model.terms import Part
from overreach.target.process import last_words

Percentiles = tuple[float, float, float]


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
    latency: Mapping[tuple[str, str], Percentiles]
    """(role, operation) -> seconds under which 50, 95 and 99 % of the answers came."""
    moments: Sequence[tuple[int, Moment]]
    """(seconds since the first answer, what happened in that second)."""
    bytes_per_user: float
    """Growth of all loading processes by their users, divided by them."""
    spawn_seconds: float
    """Until everybody had had an answer."""
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


@dataclass(slots=True)
class _Sum:
    """The summaries of all processes, added up."""

    summaries: list[record.Summary]
    missing: int
    """Processes that left none."""
    latency: dict[str, Histogram] = field(default_factory=dict)

    def total(self, name: str) -> int:
        return sum(getattr(each, name) for each in self.summaries)

    @property
    def failures(self) -> Counter[str]:
        return sum((Counter(each.failures) for each in self.summaries), Counter())

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
    told = _Sum(found, order.parts - len(files))
    by_operation = _latency(told.summaries, by_role=False)
    return LoadResult(
        folder=folder,
        users=told.total("users"),
        requests=told.total("requests"),
        errors=told.failures,
        refused=told.total("refused"),
        throttled=told.total("throttled"),
        rate=told.rate,
        latency=_latency(told.summaries, by_role=True),
        moments=together(each.timeline for each in told.summaries),
        bytes_per_user=told.bytes_per_user,
        spawn_seconds=max((each.spawn_seconds for each in told.summaries), default=0.0),
        late=max((each.late for each in told.summaries), default=0.0),
        heartbeats_missed=told.total("heartbeats_missed"),
        processes=order.parts,
        checked=told.total("checked"),
        controls=(_control(told),),
        not_examined=tuple(_gaps(told, order)),
        summary=PartSummary(
            Part.LOAD, ran=not told.missing, seconds=seconds, figures=_figures(told, by_operation.values())
        ),
    )


def _latency(summaries: Sequence[record.Summary], *, by_role: bool) -> dict[tuple[str, str], Percentiles]:
    added: dict[tuple[str, str], Histogram] = {}
    for summary in summaries:
        for role, operations in summary.latency.items():
            for operation, counts in operations.items():
                key = (role if by_role else "", operation)
                added.setdefault(key, Histogram()).merge(Histogram.from_json(counts))
    return {key: (each.under(0.5), each.under(0.95), each.under(0.99)) for key, each in sorted(added.items())}


def _figures(told: _Sum, latency: Iterable[Percentiles]) -> tuple[tuple[str, str], ...]:
    slowest = max((p95 for _, p95, _ in latency), default=0.0)
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
