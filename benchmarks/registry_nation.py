"""What the reference registry gives at a nation's size beside the same at 100,000 children, in the same minutes.

Two registries in turns, each on one core, the client on another: views by number, searches by name and day of birth,
by postcode and by the commonest names, declared reasons; every connection a user of its own with a minted session, and
every request logged. Then how many connections it takes, and what it does with more.

    .venv/bin/python benchmarks/registry_nation.py [--population DIR --database FILE --secret-file FILE] [--quick]
        [--connections 64,256,1024,2000] [--seconds S] [--json]

Without a population of its own it makes one of a million children, which takes some minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import select
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import psutil
from registry import SECRET, head, two_cores

MIX = {"view": 60, "search": 25, "declare": 15}  # of a hundred requests
CHILDREN = 5000  # different ones that are asked for
GOAL = 0.7  # of the rate at 100,000 children
FAILED = 500  # lowest status of an answer that is none
SLOWEST = 50.0  # ms, of the commonest names


@dataclass(frozen=True)
class World:
    """A population, its database, and the secret of both."""

    name: str
    population: Path
    database: Path
    secret: Path


@dataclass
class Turn:
    """One stretch of requests."""

    rate: float = 0.0
    """Requests a second."""
    waits: list[float] = field(default_factory=list)
    """Milliseconds from each request to its answer."""
    statuses: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    """Connections that could not be made."""
    silent: int = 0
    """Connections without an answer at the end."""
    memory: float = 0.0
    """MiB of the registry afterwards."""


def main() -> int:
    """Measure, print a line or one JSON object a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("population", "database", "secret-file"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--quick", action="store_true", help="20,000 and 2,000 children, short turns")
    parser.add_argument("--connections", default="64,256,1024,2000")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    children = (20_000, 2000) if asked.quick else (1_000_000, 100_000)
    counts = [int(count) for count in ("64" if asked.quick else asked.connections).split(",")]
    with tempfile.TemporaryDirectory(prefix="overreach-benchmark-") as folder:
        small = made(Path(folder), children[1])
        given = asked.population and World("the nation", asked.population, asked.database, asked.secret_file)
        large = given or made(Path(folder), children[0])
        for figure in measure(large, small, counts, 1.0 if asked.quick else asked.seconds):
            print(json.dumps(figure) if asked.json else line_of(figure), flush=True)
    return 0


def made(folder: Path, children: int) -> World:
    """A population of that size."""
    world = World(f"{children:,} children", folder / f"{children}", folder / f"{children}.sqlite", folder / "secret")
    command = [sys.executable, "-m", "overreach", "generate", "small_england", "--children", str(children)]
    command += ["--users", "4000", "--out", str(world.population)]
    subprocess.run(command, check=True, capture_output=True)
    world.secret.write_bytes(SECRET.value)
    return world


def measure(large: World, small: World, counts: Sequence[int], seconds: float) -> Iterator[dict[str, object]]:
    """The figures, one by one."""
    server_core, client_core = two_cores()
    with contextlib.ExitStack() as stack:
        ports = {world.name: stack.enter_context(started(world, server_core)) for world in (large, small)}
        os.sched_setaffinity(0, {client_core})
        asking = {world.name: Asking(world, max(counts)) for world in (large, small)}
        for world in (large, small):
            yield first_reads(world, ports[world.name][0], asking[world.name])
        for world in (large, small):
            yield from common_names(world, ports[world.name][0], asking[world.name])
        for count in counts:
            turns: dict[str, list[Turn]] = {large.name: [], small.name: []}
            for _ in range(3):
                for name, (port, pid) in ports.items():
                    turns[name].append(drive(port, asking[name], count, seconds))
                    turns[name][-1].memory = psutil.Process(pid).memory_info().rss / 2**20
            yield figure_of(count, turns[large.name], turns[small.name], large.name, small.name)


@contextlib.contextmanager
def started(world: World, core: int) -> Iterator[tuple[int, int]]:
    """A registry with minting on one core: its port and its process id."""
    command = [sys.executable, "-m", "overreach", "serve", "--population", str(world.population), "--port", "0"]
    command += ["--database", str(world.database), "--secret-file", str(world.secret), "--password-cost", "low"]
    command += ["--throttle", "off", "--minting"]
    before = os.sched_getaffinity(0)
    environment = {**os.environ, "OVERREACH_PARENT_DEATH": "1"}
    os.sched_setaffinity(0, {core})
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True) as it:
        os.sched_setaffinity(0, before)
        if it.stdout is None or not (line := it.stdout.readline()):
            message = f"`{' '.join(command)}` did not start"
            raise SystemExit(message)
        try:
            yield int(urlsplit(line.split()[-1]).port or 0), it.pid
        finally:
            it.terminate()


class Asking:
    """Who asks, and what."""

    def __init__(self, world: World, sessions: int) -> None:
        self._chance = random.Random(2007)  # noqa: S311 - an order
        with contextlib.closing(sqlite3.connect(world.database)) as connection:
            last = connection.execute("SELECT max(child) FROM children").fetchone()[0]
            rows = self._chance.sample(range(last + 1), min(CHILDREN, last + 1))
            asked = "SELECT number, family_name, given_name, date_of_birth FROM children WHERE child = ?"
            self.children = [connection.execute(asked, (row,)).fetchone() for row in rows]
            names = "SELECT family_name, given_name FROM children WHERE child % ? = 0"
            common = Counter(connection.execute(names, (max(last // 100_000, 1),)).fetchall())
            self.common = [name for name, _ in common.most_common(5)]
            users = connection.execute("SELECT username FROM users WHERE NOT national").fetchall()
        chosen = self._chance.sample([name for (name,) in users], min(len(users), sessions + sessions // 3))
        command = [sys.executable, "-m", "overreach", "mint", "--database", str(world.database)]
        command += ["--secret-file", str(world.secret)]
        told = subprocess.run(command, input="\n".join(chosen).encode(), check=True, capture_output=True).stdout
        lines = [orjson.loads(line) for line in told.splitlines()]
        self.tokens = [line["authorization"][7:] for line in lines if "authorization" in line]

    def request(self, connection: int) -> bytes:
        """The next request of a connection."""
        number, family, given, born = self._chance.choice(self.children)
        (kind,) = self._chance.choices(list(MIX), list(MIX.values()))
        token = self.tokens[connection % len(self.tokens)]
        if kind == "view":
            return whole_request(
                "POST /children/view", {"number": number, "date_of_birth": born, "reason": "welfare"}, token
            )
        if kind == "declare":
            return whole_request(f"POST /children/{number}/reason", {"reason": "welfare"}, token)
        query = {"family_name": family, "given_name": given, "date_of_birth": born, "reason": "welfare"}
        return whole_request("POST /children/search", query, token)


def whole_request(line: str, body: dict[str, str], token: str) -> bytes:
    """The bytes of a request."""
    raw = orjson.dumps(body)
    return head(line, len(raw), token) + raw


def first_reads(world: World, port: int, asking: Asking) -> dict[str, object]:
    """How long a record takes that nobody read before: afterwards its pages are in memory."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        waits = [
            timed(
                connection,
                whole_request(
                    "POST /children/view",
                    {"number": number, "date_of_birth": born, "reason": "welfare"},
                    asking.tokens[0],
                ),
            )
            for number, _, _, born in asking.children
        ]
    return {
        "figure": f"first view of a record, {world.name}",
        "value": round(statistics.median(waits), 2),
        "unit": "ms",
        "p99_ms": round(sorted(waits)[len(waits) * 99 // 100], 1),
        "goal": None,
        "met": True,
    }


def common_names(world: World, port: int, asking: Asking) -> Iterator[dict[str, object]]:
    """How long the slowest search for the commonest names takes, with and without a reason."""
    waits = []
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        for family, given in asking.common:
            for reason in ({}, {"reason": "welfare"}):
                request = whole_request(
                    "POST /children/search", {"family_name": family, "given_name": given, **reason}, asking.tokens[0]
                )
                times = [timed(connection, request) for _ in range(4)]
                waits.append(statistics.median(times[1:]))
    yield {
        "figure": f"slowest search for one of the commonest names, {world.name}",
        "value": round(max(waits), 1),
        "unit": "ms",
        "goal": SLOWEST,
        "met": max(waits) <= SLOWEST,
    }


def timed(connection: socket.socket, request: bytes) -> float:
    """Milliseconds until the whole answer is there."""
    began = time.perf_counter()
    connection.sendall(request)
    got = b""
    while not complete(got):
        got += connection.recv(262144)
    return (time.perf_counter() - began) * 1000


def complete(got: bytes) -> bool:
    """Whether it is a whole answer."""
    start, separator, body = got.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = start.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return len(body) >= int(length or 0)


def drive(port: int, asking: Asking, connections: int, seconds: float) -> Turn:
    """Keep one request in flight on each connection."""
    turn, waiting = Turn(), select.epoll()
    open_ones: dict[int, tuple[int, socket.socket]] = {}
    for each in range(connections):
        try:
            made = socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            turn.refused += 1
            continue
        open_ones[made.fileno()] = each, made
        waiting.register(made.fileno(), select.EPOLLIN)
    parts, sent = dict.fromkeys(open_ones, b""), {}
    began = time.perf_counter()
    for file, (each, made) in open_ones.items():
        sent[file] = time.perf_counter()
        made.sendall(asking.request(each))
    answered = set()
    while (now := time.perf_counter()) < began + seconds:
        for file, _ in waiting.poll(began + seconds - now):
            each, made = open_ones[file]
            received = made.recv(262144)
            parts[file] += received
            if not received:
                waiting.unregister(file)
                turn.refused += 1
            elif complete(parts[file]):
                turn.waits.append((time.perf_counter() - sent[file]) * 1000)
                turn.statuses[int(parts[file][9:12])] += 1
                answered.add(file)
                parts[file], sent[file] = b"", time.perf_counter()
                made.sendall(asking.request(each))
    turn.rate = len(turn.waits) / (time.perf_counter() - began)
    turn.silent = len(open_ones) - len(answered)
    for _, made in open_ones.values():
        made.close()
    waiting.close()
    return turn


def figure_of(count: int, large: list[Turn], small: list[Turn], name: str, peer: str) -> dict[str, object]:
    """Medians over the turns; the ratio is the median of the ratios of turns side by side."""
    rates = [statistics.median(turn.rate for turn in turns) for turns in (large, small)]
    ratio = statistics.median(mine.rate / other.rate for mine, other in zip(large, small, strict=True))
    waits = sorted(wait for turn in large for wait in turn.waits) or [0.0]
    failed = sum(number for turn in large for status, number in turn.statuses.items() if status >= FAILED)
    return {
        "figure": f"requests a second over {count} connections, {name}",
        "value": round(rates[0]),
        "unit": "requests/s",
        "peer": peer,
        "peer_value": round(rates[1]),
        "ratio": round(ratio, 2),
        "goal": GOAL,
        "met": ratio >= GOAL and not failed,
        "p50_ms": round(waits[len(waits) // 2], 1),
        "p99_ms": round(waits[len(waits) * 99 // 100], 1),
        "failed": failed,
        "refused": sum(turn.refused for turn in large),
        "silent": sum(turn.silent for turn in large),
        "memory_mib": round(max(turn.memory for turn in large)),
        "statuses": dict(sum((turn.statuses for turn in large), Counter())),
    }


def line_of(figure: dict[str, object]) -> str:
    """A figure as a line of the table."""
    rest = {key: value for key, value in figure.items() if key not in {"figure", "value", "unit"}}
    return f"{figure['figure']:<60} {figure['value']:>7} {figure['unit']}  {rest}"


if __name__ == "__main__":
    sys.exit(main())
