"""Driving Locust: as many users at once as ordered, within the pack's ceilings, and always to an end."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter

from overreach.load import record
from overreach.load.conclude import LoadResult, conclude
from overreach.load.fleet import Fleet
from overreach.load.going import Going
from overreach.load.habit import habits_of
from overreach.load.roster import FleetOrder
from overreach.model.errors import OverreachError, TargetError
from overreach.pack.config import Pack
from overreach.pack.load import LoadConfig
from overreach.probe.session import VARIABLE, SessionFile
from overreach.target.http import HttpTarget
from overreach.target.process import started, stop, tool

START_SECONDS = 60.0
SIGN_INS_A_SECOND = 20.0  # at the very least; slower than that and the ramp is given up
STOP_SECONDS = 60.0
SPAWNED_A_SECOND = 20_000  # users Locust counts in; when they come is the door's business
LOOK = 0.5  # seconds between two looks at how it goes
LOOPBACK = "127.0.0.1"
START = "import sys; sys.argv[0] = 'locust'; from locust.main import main; main()"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a load is to be."""

    users: int
    seconds: float
    rate: float = 0.0
    """Requests a second that all users together aim at; 0 for as many as a load of that size usually makes."""
    processes: int = 1
    web: int = 0
    """Port of Locust's own page on this machine; 0 for none."""
    host: str = ""
    """Stands for the target's own address, for example a proxy before it."""
    sign_in: float = 1.0
    """Share of the users who sign in as anybody would; None for a thousand of them."""
    judged: bool = True
    """False only for measuring what judging costs."""
    fleet: FleetOrder | None = None
    """Which workers on other hosts share the users; None where this machine does it alone."""


def run_load(
    session_file: Path, session: SessionFile, wanted: Wanted, progress: Progress = lambda _text, _done, _all: None
) -> LoadResult:
    """Let members of the population work for `seconds` after the last of them had an answer.

    OverreachError over a ceiling of the pack, TargetError where Locust does not start, SyntheticOnlyError where an
    answer could concern a real person, UnknownNameError where the pack shares out a habit that it does not have.
    """
    pack = Pack.read(Path(session.pack))
    within_ceilings(pack.load, wanted.users, wanted.seconds, wanted.rate)
    habits_of(pack)
    address = wanted.host or session.base_url
    HttpTarget(address, tuple(session.allow_hosts)).close()  # refuses what is not in allow_hosts
    content = pack.root / "load" / "people.py"
    if not content.is_file():
        message = f"no content file `{content}`"
        raise TargetError(message, "copy load/people.py from Overreach's own pack")
    folder = record.folder_of(session.results)
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.is_file():
            file.unlink()
    order = record.Order(
        users=wanted.users,
        seconds=wanted.seconds,
        address=address,
        rate=wanted.rate,
        max_rate=pack.load.max_rate,
        parts=wanted.processes,
        sign_in=wanted.sign_in,
        # Who watches the wire judges by the facts of the start.
        changes=not wanted.host,
        judged=wanted.judged,
    )
    words = folder / "locust.log"
    longest = START_SECONDS + wanted.users / SIGN_INS_A_SECOND + wanted.seconds
    command = tool(START, *_arguments(content, wanted, longest + STOP_SECONDS / 2, address))
    began = perf_counter()
    with contextlib.ExitStack() as stack:
        fleet = stack.enter_context(Fleet(wanted.fleet, session, folder)) if wanted.fleet else None
        if fleet is not None:
            order = fleet.muster(order, progress)
        order.write(folder)
        environment = environment_of(session_file, folder)
        with started("locust", command, folder=folder, output=words, environment=environment) as process:
            _follow(process, folder, wanted, longest + STOP_SECONDS, (progress, fleet))
            stop(process, STOP_SECONDS if process.poll() is None else 0.0)
        if fleet is not None:
            fleet.finish()
    return conclude(folder, order, words, perf_counter() - began)


def within_ceilings(ceilings: LoadConfig, users: int, seconds: float, rate: float = 0.0) -> None:
    """OverreachError, naming the key to raise on purpose, where more is wanted than the pack allows."""
    asked = (
        (users, ceilings.max_users, "users", "max_users"),
        (seconds, ceilings.max_seconds, "seconds", "max_duration"),
        (rate, ceilings.max_rate, "requests a second", "max_rate"),
    )
    for value, most, noun, key in asked:
        if not value <= most:  # nor what is no number
            message = f"`{value:g}` {noun} are more than the ceiling of {most:g}"
            raise OverreachError(message, f"raise {key} in [tool.overreach.load] on purpose")


def _follow(
    process: subprocess.Popen[bytes],
    folder: Path,
    wanted: Wanted,
    longest: float,
    told: tuple[Progress, Fleet | None],
) -> None:
    """Wait for the end and tell how it goes."""
    end = monotonic() + longest
    progress, fleet = told
    while monotonic() < end and not (fleet and fleet.over):
        try:
            process.wait(LOOK)
        except subprocess.TimeoutExpired:
            going = Going.read(folder, wanted.users, wanted.seconds)
            progress(going.words, *going.steps)
        else:
            return


def _arguments(content: Path, wanted: Wanted, longest: float, address: str) -> list[str]:
    arguments = [
        *("-f", str(content.resolve()), "--host", address, "--users", str(wanted.users)),
        *("--spawn-rate", str(min(wanted.users, SPAWNED_A_SECOND)), "--run-time", f"{longest:.0f}s"),
        *("--stop-timeout", "3", "--loglevel", "WARNING", "--only-summary", "--exit-code-on-error", "0"),
    ]
    if wanted.web:
        arguments += ["--web-host", LOOPBACK, "--web-port", str(wanted.web), "--autostart", "--autoquit", "1"]
    else:
        arguments += ["--headless"]
    if wanted.fleet is not None:
        arguments += ["--master", "--expect-workers", str(wanted.fleet.workers), "--enable-rebalancing"]
        arguments += ["--master-bind-host", wanted.fleet.host, "--master-bind-port", str(wanted.fleet.port + 1)]
    elif wanted.processes > 1:
        port = str(_free_port())
        arguments += ["--processes", str(wanted.processes), "--master-bind-host", LOOPBACK]
        arguments += ["--master-host", LOOPBACK, "--master-port", port, "--master-bind-port", port]
    return arguments


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        return int(listening.getsockname()[1])


def environment_of(session_file: Path, folder: Path) -> Mapping[str, str]:
    """Locust reads options from its own variables, a home folder and the proxy settings: none of the user's."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("LOCUST_") and not key.lower().endswith("_proxy")
    }
    return {**kept, VARIABLE: str(session_file.resolve()), "HOME": str(folder.resolve())}
