"""What the driver orders of the loading processes, and what each of them reports: files in the session's folder.

`NAME-PART.ext` is the file of one process; PART counts from 0. All are written by the process itself, the summary
last and in one step: there is a whole one or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

ORDER = "order.json"
OBSERVATIONS = "observations-{}.jsonl"
"""Answers that are not plainly held, in full (`probe.record`)."""
ANSWERS = "answers-{}.arrow"
"""Every answer, compact (`load.journal`)."""
PEOPLE = "people-{}.arrow"
"""Who took part, with which habit, and since when it misused the target (`load.journal`)."""
NEIGHBOURS = "overreach-{}.jsonl"
"""Overreach with its time and the requests that were under way at the same moment."""
CHANGES = "changes-{}.jsonl"
HELD = "held-{}.jsonl"
"""Answers that are judged once every change is known (`load.changes`)."""
SETTLED = "settled-{}.jsonl"
"""Answers that were held back and are not plainly held, in full, as they were judged once every change was known.

This and their `NEIGHBOURS` are written by the driver, as if it were one process more.
"""
LIVE = "live-{}.json"
"""What a process says of itself once a second."""
SUMMARY = "summary-{}.json"
TAKEN_OVER = "taken-over-{}.json"
"""Users of a worker that was lost, for this process; the number counts such messages (`load.door`)."""
LOST = "lost-{}.json"
"""A worker that was lost: its `users`, the time `since` which nothing is known of them, how many were `reassigned`."""
LATER = 1_000_000
"""Numbers of a user's requests begin anew here each time the user goes to another worker: none comes twice."""
LEASE = "lease"
"""Until when the processes of a worker may ask (`load.lease`)."""
SEAL = "seal"
"""Key with which Locust's messages are sealed in this run (`load.sealing`); none where they stay on this machine."""
MASTER = "master"
"""Stands for PART in the files of the process that only coordinates."""


def folder_of(results: str) -> Path:
    """Where the load part reports, in the folder of a session."""
    return Path(results) / "load"


def files(folder: Path, name: str) -> list[Path]:
    """The files of that name, of every process, in order of the parts."""
    return sorted(folder.glob(name.format("[0-9]*")), key=lambda file: int(file.stem.rpartition("-")[2]))


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done."""

    users: int
    """Alive at once, all processes together."""
    seconds: float
    """For which they work after the last of them had an answer."""
    address: str = ""
    """Where the target is, or what stands before it."""
    rate: float = 0.0
    """Requests a second that all users together aim at; 0 for what `aim` says."""
    max_rate: float = 1000.0
    """Requests a second that all of them never pass."""
    parts: int = 1
    """Processes that share the users by identity."""
    sign_in: float = 1.0
    """Share of the users who sign in as anybody would; the sessions of the others are minted, where the target can."""
    changes: bool = True
    """Whether officers may change facts of children; not where somebody else judges who does not learn of it."""
    judged: bool = True
    """False only for measuring what judging costs: nothing is proven then."""
    hosts: bool = False
    """Whether the parts are on hosts of their own, and have a master."""
    part: int | None = None
    """Which of the parts a process on another host is; None where Locust numbers the processes of one machine."""
    share: int = 0
    """Users of that part."""
    slack: float = 0.0
    """Seconds that the clocks of two hosts may differ."""

    def write(self, folder: Path) -> None:
        """Leave the order for the loading processes."""
        (folder / ORDER).write_bytes(orjson.dumps(self))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The order of the driver."""
        return cls(**orjson.loads((folder / ORDER).read_bytes()))

    @property
    def think(self) -> float:
        """Seconds between two steps of one user, on average."""
        aim = self.rate or max(AIM, self.users / SLOWEST)
        return self.users / min(aim, self.max_rate)


AIM = 150.0
"""Requests a second that a small load aims at."""
SLOWEST = 8.0
"""Seconds between two steps of one user that a load without a rate of its own does not pass."""


@dataclass(slots=True)
class Summary:
    """What one process did; without it the part is unproven."""

    part: int = 0
    users: int = 0
    """Users alive at once who each had at least one answer."""
    asked: int = 0
    """Requests that were to be sent."""
    requests: int = 0
    """Answers judged, or held back to be judged when every change is known."""
    seconds: float = 0.0
    """From the moment when the last user of all had an answer."""
    spawn_seconds: float = 0.0
    """From the first user to that moment."""
    up_at: float = 0.0
    """That moment, in seconds since the epoch; 0 where it never came."""
    since_up: int = 0
    """Answers in `seconds`."""
    refused: int = 0
    """Members whom the policy lets sign in and the target refused."""
    throttled: int = 0
    """Answers that asked for patience, and got it."""
    checked: int = 0
    """Answers whose decision was made again by cedarpy."""
    bytes_before: int = 0
    """Proportional set size of the process before the first user."""
    bytes_after: int = 0
    """The same when the last user of all had had an answer."""
    permitted: int = 0
    """Answers in which something was disclosed and all of it was permitted."""
    heartbeats_missed: int = 0
    """Times that a worker was given up because it was not heard of; told by the coordinating process."""
    late: float = 0.0
    """Seconds under which 99 % of the steps began after they were due."""
    verdicts: dict[str, int] = field(default_factory=dict)
    """Verdict -> answers; those held back are not among them."""
    failures: dict[str, int] = field(default_factory=dict)
    """Errors of the loading process itself -> how many."""
    latency: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    """Role -> operation -> histogram (`load.histogram`)."""
    people: dict[str, dict[str, tuple[int, int, int]]] = field(default_factory=dict)
    """Role -> habit -> members, their requests, and how many of them began to misuse the target."""
    timeline: dict[str, Any] = field(default_factory=dict)
    """Second since the epoch -> what happened in it (`load.timeline`)."""
    stopped: str = ""
    """Why the run must stop; empty where it need not."""
    remedy: str = ""
    real_person: bool = False
    """Whether it stopped because an answer could have concerned a real person."""

    def write(self, folder: Path, part: int | str | None = None) -> None:
        """Write the summary in one step."""
        replace_json(folder / SUMMARY.format(self.part if part is None else part), asdict(self))

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """The summary in a file; None where the process did not come to its end."""
        try:
            value: Mapping[str, object] = orjson.loads(file.read_bytes())
            return cls(**value)  # type: ignore[arg-type] # checked by whoever wrote it: the same class
        except (OSError, orjson.JSONDecodeError, TypeError):
            return None


def replace_json(file: Path, value: object) -> None:
    """Write a file of JSON in one step: whoever reads it sees the old one or the new one."""
    part = file.with_suffix(".part")
    part.write_bytes(orjson.dumps(value))
    part.replace(file)
