"""Driving Locust: as many users at once as ordered, within the pack's ceilings, and always to an end."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from overreach.load import record
from overreach.model.errors import OverreachError, SyntheticOnlyError, TargetError
from overreach.model.finding import NotExamined
from overreach.model.review import Control, PartSummary
from overreach.model.terms import Part
from overreach.pack.config import LoadConfig, Pack
from overreach.probe.session import VARIABLE, SessionFile
from overreach.target.http import HttpTarget
from overreach.target.process import last_words, started, stop, tool

START_SECONDS = 60.0
SIGN_INS_A_SECOND = 20.0  # at the very least; slower than that and the ramp is given up
STOP_SECONDS = 15.0
_START = "import sys; sys.argv[0] = 'locust'; from locust.main import main; main()"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What the users did; what they were told stands in the observations."""

    users: int
    """Alive at once, each with at least one answer."""
    requests: int
    """Answers judged."""
    observations: tuple[Path, ...]
    """Files of lines, one an answer."""
    errors: Mapping[str, int]
    """Errors of the loading process itself -> how many."""
    refused: int
    """Members whom the policy lets sign in and the target refused."""
    throttled: int
    """Answers that asked for patience."""
    rate: float
    """Answers a second once everybody was up."""
    latency: Mapping[str, tuple[float, float, float]]
    """Operation -> seconds under which 50, 95 and 99 % of the answers came."""
    bytes_per_user: float
    """Growth of the loading process by its users, divided by them."""
    spawn_seconds: float
    """Until everybody had had an answer."""
    checked: int
    """Answers whose decision was made again by cedarpy."""
    controls: tuple[Control, ...]
    not_examined: tuple[NotExamined, ...]
    summary: PartSummary


def run_load(
    session_file: Path, session: SessionFile, users: int, seconds: float, host: str | None = None
) -> LoadResult:
    """Let `users` members of the population work for `seconds` after the last of them had an answer.

    `host` stands for the target's own address, for example a proxy before it. OverreachError over a ceiling of the
    pack, TargetError where Locust does not start, SyntheticOnlyError where an answer could concern a real person.
    """
    pack = Pack.read(Path(session.pack))
    within_ceilings(pack.load, users, seconds)
    address = host or session.base_url
    HttpTarget(address, tuple(session.allow_hosts)).close()  # refuses what is not in allow_hosts
    content = pack.root / "load" / "practitioner.py"
    if not content.is_file():
        message = f"no content file `{content}`"
        raise TargetError(message, "copy load/practitioner.py from Overreach's own pack")
    folder = record.folder_of(session.results)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (record.SUMMARY, record.OBSERVATIONS):
        (folder / name).unlink(missing_ok=True)
    order = record.Order(users, seconds)
    order.write(folder)
    words = folder / "locust.log"
    longest = START_SECONDS + users / SIGN_INS_A_SECOND + seconds
    command = tool(_START, *_arguments(content, users, longest, address))
    began = perf_counter()
    with started(
        "locust", command, folder=folder, output=words, environment=_environment(session_file, folder)
    ) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(longest + STOP_SECONDS)
        stop(process)
    return conclude(folder, order, words, perf_counter() - began)


def within_ceilings(ceilings: LoadConfig, users: int, seconds: float) -> None:
    """OverreachError, naming the key to raise on purpose, where more is wanted than the pack allows."""
    if users > ceilings.max_users:
        message = f"`{users}` users are more than the ceiling of {ceilings.max_users}"
        raise OverreachError(message, "raise max_users in [tool.overreach.load] on purpose")
    if seconds > ceilings.max_seconds:
        message = f"`{seconds:g}` seconds are more than the ceiling of {ceilings.max_seconds:g}"
        raise OverreachError(message, "raise max_duration in [tool.overreach.load] on purpose")


def _arguments(content: Path, users: int, longest: float, address: str) -> list[str]:
    return [
        *("-f", str(content.resolve()), "--headless", "--host", address, "--users", str(users)),
        # The sign-in sets the pace: users are all started at once and wait for it.
        *("--spawn-rate", str(users), "--run-time", f"{longest:.0f}s", "--stop-timeout", "3"),
        *("--loglevel", "WARNING", "--only-summary", "--exit-code-on-error", "0"),
    ]


def _environment(session_file: Path, folder: Path) -> dict[str, str]:
    """Locust reads options from its own variables, a home folder and the proxy settings: none of the user's."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("LOCUST_") and not key.lower().endswith("_proxy")
    }
    return {**kept, VARIABLE: str(session_file.resolve()), "HOME": str(folder.resolve())}


def conclude(folder: Path, order: record.Order, words: Path, seconds: float) -> LoadResult:
    """The result of a loading process that has ended, from its files.

    TargetError where it never began; OverreachError or SyntheticOnlyError where it had to stop.
    """
    summary = record.Summary.read(folder)
    observations = folder / record.OBSERVATIONS
    if summary is None and not observations.exists():
        message = f"locust did not come to work: {last_words(words) or 'it ended without a word'}"
        raise TargetError(message, "start the audit again; if it happens again, look for what ends it (memory?)")
    if summary is not None and summary.stopped:
        error = SyntheticOnlyError if summary.real_person else OverreachError
        raise error(summary.stopped, summary.remedy)
    told = summary or record.Summary()
    grown = (told.bytes_after - told.bytes_before) / told.users if told.users and told.bytes_after else 0.0
    return LoadResult(
        users=told.users,
        requests=told.requests,
        observations=(observations,),
        errors=told.failures,
        refused=told.refused,
        throttled=told.throttled,
        rate=told.rate,
        latency=told.latency,
        bytes_per_user=grown,
        spawn_seconds=told.spawn_seconds,
        checked=told.checked,
        controls=(_control(told),),
        not_examined=tuple(_gaps(summary, order)),
        summary=PartSummary(Part.LOAD, ran=summary is not None, seconds=seconds, figures=_figures(told, grown)),
    )


def _figures(told: record.Summary, grown: float) -> tuple[tuple[str, str], ...]:
    slowest = max((p95 for _, p95, _ in told.latency.values()), default=0.0)
    return (
        ("users at once", f"{told.users:,}"),
        ("answers judged", f"{told.requests:,}"),
        ("answers a second", f"{told.rate:,.0f}"),
        ("95 % of the answers of the slowest operation within", f"{slowest * 1000:,.0f} ms"),
        ("decisions made again by cedarpy", f"{told.checked:,}"),
        ("memory a user", f"{grown / 1024:,.1f} KiB"),
        ("sign-ins refused", f"{told.refused:,}"),
    )


def _control(told: record.Summary) -> Control:
    words = f"{told.permitted:,} permitted answers were read under load"
    passed = told.permitted > 0
    return Control("load: permitted canary", passed=passed, detail=words if passed else f"{words}: unproven")


def _gaps(summary: record.Summary | None, order: record.Order) -> Iterator[NotExamined]:
    if summary is None:
        yield NotExamined(Part.LOAD, "the load", "locust did not come to its end", count=1, blocking=True)
        return
    for reason, count in sorted(summary.failures.items()):
        # An error of the loading process's own hides what it hides: fail closed.
        yield NotExamined(Part.LOAD, "users of the load", reason, count, blocking=True)
    if summary.asked > summary.requests:
        cut_off = summary.asked - summary.requests
        yield NotExamined(Part.LOAD, "requests of the load", "cut off at the end of the shift", cut_off)
    if summary.refused:
        yield NotExamined(Part.LOAD, "users who may sign in", "the target refused them", summary.refused)
    if summary.users < order.users:
        missing = order.users - summary.users
        yield NotExamined(Part.LOAD, "users of the load", "without an answer", missing, blocking=not summary.users)
    if not summary.permitted:
        reason = "no permitted answer was read: silence proves nothing"
        yield NotExamined(Part.LOAD, "the load", reason, count=max(summary.requests, 1), blocking=True)
