"""What many users at once did and were told: the figures of a load as reports show them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """How long the answers of one operation to one role took."""

    role: str
    """Empty for all roles together."""
    operation: str
    answers: int
    p50: float
    """Seconds under which half of the answers came; likewise `p95` and `p99`."""
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Second:
    """What happened in one second."""

    second: int
    """Since the second of the first answer."""
    answers: int
    overreach: int
    unproven: int
    throttled: int
    """Answers that asked for patience."""
    p50: float
    """Seconds under which half of the answers came; likewise `p95` and `p99`."""
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Beside:
    """A request that was under way together with an overreach."""

    request_id: str
    operation: str
    user: int
    """Row number in the population."""
    child: int | None
    """Row number; None where it is about none."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One answer under load that gave what the policy denies."""

    at: float
    """Seconds from the second of the first answer to the end of this one."""
    request_id: str
    request: str
    """Method and path."""
    user: int
    """Row number in the population."""
    role: str
    child: int | None
    """Row number of the child asked about; None where it is about none."""
    classes: tuple[str, ...]
    """Record classes of what was disclosed."""
    causes: tuple[str, ...]
    """Keys of the findings that it belongs to."""
    under_way: int
    """Requests that were under way at the same moment in the same process."""
    beside: tuple[Beside, ...]
    """The first of them."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the users were told against the target's log, row by row."""

    requests: int
    """Answered requests that the log owes a row."""
    rows: int
    """Rows of the log that belong to the load."""
    missing: int
    """Requests without a row."""
    extra: int
    """Rows without a request."""
    wrong_user: int
    """Requests whose row names somebody else."""
    incomplete: int
    """Requests whose row lacks a record which the answer disclosed."""
    repeated: int
    """Rows beyond the first of a request."""
    unproven: int
    """Rows and answers that only a process which was lost could explain."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One habit, and what the target's alerts made of it."""

    habit: str
    misuse: str
    """What is wrong with it; empty for honest work."""
    people: int
    began: int
    """Those who began to misuse the target."""
    named: int
    """Those of them whom an alert named after they began."""
    accused: int
    """Those whom an alert named while all that they had done was honest."""
    seconds: tuple[float, float, float] | None
    """Least, median and most seconds from the beginning to the first alert; None where none was named."""
    watched: float | None
    """Median of the seconds from the beginning to the end of the load: who was not named was not named within them."""
    alerts: tuple[tuple[str, int], ...]
    """(kind of alert, how many)."""


@dataclass(frozen=True, slots=True)
class Watchers:
    """Which misusers the target's alerts named, and which honest users."""

    people: int
    misusers: int
    named: int
    """Misusers named."""
    precision: float | None
    """Share of the named who misused the target; None where nobody was named."""
    recall: float | None
    """Share of the misusers who were named; None where there was none."""
    honest_accused: int
    habits: tuple[Watched, ...]


@dataclass(frozen=True, slots=True)
class Simulated:
    """Members of one role with one habit."""

    role: str
    habit: str
    people: int
    requests: int
    misusing: int
    """Those who began to misuse the target."""


@dataclass(frozen=True, slots=True)
class LoadRun:
    """What it takes to see a load again; empty where it is not known."""

    command: str
    version: str
    recipe: str
    seed: int
    children: int
    members: int
    """Users of the population, whether they took part or not."""
    started: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, slots=True)
class Defect:
    """A finding of the load, in words; the report of an audit has all of it among its findings."""

    severity: str
    rule: str
    title: str
    summary: str
    """Who asked what and got what."""


@dataclass(frozen=True, slots=True)
class UnderLoad:
    """A whole load, as reports show it."""

    run: LoadRun
    users: int
    """Alive at once, each with at least one answer."""
    wanted: int
    requests: int
    """Answers judged."""
    rate: float
    """Answers a second from the moment when everybody was up."""
    up_at: float | None
    """Seconds from the second of the first answer until everybody was up; None where that never came."""
    processes: int
    bytes_per_user: float
    spawn_seconds: float
    """Until everybody had had an answer, from the first session minted or, where none was, from the first user."""
    late: float
    """Seconds under which 99 % of the steps began after they were due, in the slowest process."""
    heartbeats_missed: int
    throttled: int
    refused: int
    """Members whom the policy lets sign in and the target refused."""
    verdicts: tuple[tuple[str, int], ...]
    """(verdict, answers)."""
    latency: tuple[Latency, ...]
    """By operation, all roles together first."""
    seconds: tuple[Second, ...]
    """In order; a second in which nothing happened is left out."""
    sightings: tuple[Sighting, ...]
    """In order of time, the first of them where there are many."""
    sightings_left_out: int
    """How many more there were."""
    people: tuple[Simulated, ...]
    log: Ledger | None
    """None where the log was not compared."""
    watchers: Watchers | None
    """None where alerts were not measured."""
    not_examined: tuple[tuple[str, str, int], ...] = ()
    """(what, why, how many), where it leaves the load unproven."""
    findings: tuple[Defect, ...] = ()
    """Worst first."""
    events: tuple[tuple[str, int], ...] = ()
    """(what changed while others asked, how often that was acknowledged)."""

    def count(self, verdict: str) -> int:
        """Answers with a verdict."""
        return dict(self.verdicts).get(verdict, 0)
