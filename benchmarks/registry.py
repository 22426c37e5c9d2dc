"""How many records a second the reference registry gives out, beside the same reads without its protections.

Three servers on one core, the client on another, in turns: the registry as `overreach serve` runs it; a starlette
application on granian that does the same reads from the same SQLite file and sends the same bytes, without sign-in,
rules or log; and a starlette page that does nothing, for scale. Every body is compared byte by byte with what the
peer said of that child. Where the client itself was busy all the time, the figure is a lower bound, and says so.

    .venv/bin/python benchmarks/registry.py [--quick] [--rounds N] [--seconds S] [--json]
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
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
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from overreach.contactpoint.accounts import STEP, Secret, one_time_code

# As in peers/registry.py; with a stated reason it reads every facet of an open record but the sensitive services.
ROLE = "social_worker"
REASON = "welfare"
CONNECTIONS = 64
READ = 5000  # different children
GOAL_SHARE = 0.4  # of the peer
GOAL_RATE = 3000  # requests a second
BUSY = 0.95  # a client that worked this share of the time may have been the limit
SECRET = Secret(b"the secret of the benchmark")
PASSWORD = "a synthetic user's password"  # noqa: S105 - of nobody


@dataclasses.dataclass(frozen=True)
class Server:
    """A running server, and what the client sends to it."""

    name: str
    port: int
    heads: Sequence[bytes]
    """The head of a request, one for each connection."""


@dataclasses.dataclass(frozen=True)
class Round:
    """One stretch of requests."""

    rate: float
    """Requests a second."""
    busy: float
    """The share of the time that the client worked."""


def main() -> int:
    """Measure, print a table or one JSON object a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2,000 children, three short rounds")
    parser.add_argument("--children", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each server in each round")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.quick:
        asked.children, asked.rounds, asked.seconds = 2000, 3, 1.0
    with tempfile.TemporaryDirectory(prefix="overreach-benchmark-") as folder:
        rounds = measure(Path(folder), asked.children, asked.rounds, asked.seconds)
    for figure in figures(rounds):
        print(json.dumps(figure) if asked.json else line_of(figure))
    return 0


def measure(folder: Path, children: int, rounds: int, seconds: float) -> dict[str, list[Round]]:
    """The rounds of each server, in turns."""
    generate = [sys.executable, "-m", "overreach", "generate", "small_england", "--children", str(children)]
    subprocess.run([*generate, "--out", str(folder / "population")], check=True, capture_output=True)
    database, secret = folder / "registry.sqlite", folder / "secret"
    secret.write_bytes(SECRET.value)
    serve = [sys.executable, "-m", "overreach", "serve", "--population", str(folder / "population"), "--port", "0"]
    serve += ["--database", str(database), "--secret-file", str(secret), "--password-cost", "low", "--throttle", "off"]
    peer = [sys.executable, str(Path(__file__).parent / "peers" / "registry.py"), str(database)]
    server_core, client_core = two_cores()
    with contextlib.ExitStack() as stack:
        registry = stack.enter_context(started(serve, server_core))
        records = stack.enter_context(started([*peer, "records"], server_core))
        bare = stack.enter_context(started([*peer, "bare"], server_core))
        bodies = questions(database)
        plain = head("POST /children/view", len(bodies[0]))
        tokens = list(itertools.islice(itertools.cycle(sign_in(registry, database)), CONNECTIONS))
        servers = (
            Server("registry", registry, [head("POST /children/view", len(bodies[0]), token) for token in tokens]),
            Server("peer", records, [plain] * CONNECTIONS),
            Server("bare", bare, [plain] * CONNECTIONS),
        )
        os.sched_setaffinity(0, {client_core})
        answers = {server.name: expected(server, bodies) for server in servers}
        if answers["registry"][1] != answers["peer"][1]:
            message = "the registry and its peer do not send the same bytes"
            raise SystemExit(message)
        taken: dict[str, list[Round]] = {server.name: [] for server in servers}
        for _ in range(rounds):
            for server in servers:
                taken[server.name].append(drive(server, bodies, *answers[server.name], seconds))
    return taken


def two_cores() -> tuple[int, int]:
    """One core for the server, another for the client."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        message = "two cores are needed: one for the server, one for the client"
        raise SystemExit(message)
    return cores[0], cores[1]


@contextlib.contextmanager
def started(command: list[str], core: int) -> Iterator[int]:
    """A server on one core; its port."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    environment = {**os.environ, "OVERREACH_PARENT_DEATH": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as server:
        os.sched_setaffinity(0, before)
        if server.stdout is None or not (line := server.stdout.readline()):
            message = f"`{' '.join(command)}` did not start"
            raise SystemExit(message)
        try:
            yield int(urlsplit(line.split()[-1]).port or 0)
        finally:
            server.terminate()


def questions(database: Path) -> list[bytes]:
    """The bodies of the requests: different children whose whole record may be read."""
    chosen = (
        "SELECT number, date_of_birth FROM children WHERE NOT shielded AND NOT contacts_protected AND NOT archive_year"
    )
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(chosen).fetchall()
    random.Random(1).shuffle(rows)  # noqa: S311 - an order
    return [orjson.dumps({"number": number, "date_of_birth": born, "reason": REASON}) for number, born in rows[:READ]]


def head(request: str, length: int, token: str = "") -> bytes:
    """The head of a request; every body is of the same length."""
    lines = [f"{request} HTTP/1.1", "Host: registry", "Content-Type: application/json", f"Content-Length: {length}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode()


def sign_in(port: int, database: Path) -> Iterator[str]:
    """The token of each user of the role who may come in."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        users = connection.execute("SELECT user, username FROM users WHERE role = ?", (ROLE,)).fetchall()
    for user, username in users[:CONNECTIONS]:
        code = SECRET.activation_code(user)
        opened = post(port, "/accounts/activate", {"username": username, "code": code, "password": PASSWORD})
        if "totp_secret" not in opened:
            continue
        with contextlib.closing(sqlite3.connect(database)) as connection:
            (nonce,) = connection.execute("SELECT nonce FROM accounts WHERE user = ?", (user,)).fetchone()
        now = one_time_code(SECRET.one_time_key(user, nonce), int(time.time()) // STEP)
        yield post(port, "/sessions", {"username": username, "password": PASSWORD, "code": now})["token"]


def post(port: int, path: str, body: dict[str, str]) -> dict[str, str]:
    """One request on a connection of its own."""
    raw = orjson.dumps(body)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head(f"POST {path}", len(raw)) + raw)
        answer: dict[str, str] = orjson.loads(whole(connection).partition(b"\r\n\r\n")[2])
        return answer


def whole(connection: socket.socket) -> bytes:
    """One whole answer from a blocking socket."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536)
    start, _, content = got.partition(b"\r\n\r\n")
    length = int(start.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(content) < length:
        content += connection.recv(65536)
    return start + b"\r\n\r\n" + content


def expected(server: Server, bodies: Sequence[bytes]) -> tuple[int, list[bytes]]:
    """What the server answers: bytes of the head, and the body for each child; all must be 200."""
    heads, answers = set(), []
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        for body in bodies:
            connection.sendall(server.heads[0] + body)
            start, separator, content = whole(connection).partition(b"\r\n\r\n")
            if not start.startswith(b"HTTP/1.1 200 "):
                message = f"{server.name} answered `{start.decode()}` to `{body.decode()}`"
                raise SystemExit(message)
            # The length of a body is told in its head, with one digit more or less.
            heads.add(len(start + separator) - len(str(len(content))))
            answers.append(content)
    (length,) = heads
    return length, answers


def drive(server: Server, bodies: Sequence[bytes], length: int, answers: Sequence[bytes], seconds: float) -> Round:
    """Keep one request in flight on each connection; every answer must be the expected one."""
    sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(CONNECTIONS)]
    by_file = {each.fileno(): (each, start) for each, start in zip(sockets, server.heads, strict=True)}
    waiting = select.epoll()
    order, in_flight, parts = itertools.cycle(range(len(bodies))), {}, dict.fromkeys(by_file, b"")
    began, worked = time.perf_counter(), time.process_time()
    for file, (connection, start) in by_file.items():
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting.register(file, select.EPOLLIN)
        in_flight[file] = next(order)
        connection.send(start + bodies[in_flight[file]])
    done, end = 0, began + seconds
    while time.perf_counter() < end:
        for file, _ in waiting.poll():
            connection, start = by_file[file]
            received, wanted = connection.recv(65536), answers[in_flight[file]]
            got = parts[file] + received
            if received and len(got) < length + len(wanted):
                parts[file] = got
                continue
            if not got.startswith(b"HTTP/1.1 200 ") or not got.endswith(b"\r\n\r\n" + wanted):
                message = f"{server.name} answered something else under load: `{got.decode()}`"
                raise SystemExit(message)
            parts[file] = b""
            done += 1
            in_flight[file] = next(order)
            connection.send(start + bodies[in_flight[file]])
    elapsed, busy = time.perf_counter() - began, time.process_time() - worked
    for connection in sockets:
        connection.close()
    waiting.close()
    return Round(done / elapsed, busy / elapsed)


def figures(rounds: dict[str, list[Round]]) -> list[dict[str, object]]:
    """Medians over the rounds; a ratio is the median of the ratios within a round."""
    rates = {name: statistics.median(each.rate for each in taken) for name, taken in rounds.items()}

    def share(name: str, of: str) -> float:
        pairs = zip(rounds[name], rounds[of], strict=True)
        return statistics.median(mine.rate / other.rate for mine, other in pairs)

    def figure(name: str, label: str, peer: str, peer_label: str, goal: float | None) -> dict[str, object]:
        taken = sorted(each.rate for each in rounds[name])
        ratio = share(name, peer)
        return {
            "figure": label,
            "value": round(rates[name]),
            "unit": "requests/s",
            "least": round(taken[0]),
            "most": round(taken[-1]),
            "peer": peer_label,
            "peer_value": round(rates[peer]),
            "ratio": round(ratio, 3),
            "goal": goal,
            "met": goal is None or (ratio if goal < 1 else rates[name]) >= goal,
            "client_busy": round(max(each.busy for each in rounds[name]), 2),
        }

    unprotected = "the same reads and bytes without sign-in, rules or log"
    return [
        figure("registry", "keyed reads of a full record", "peer", unprotected, GOAL_SHARE),
        figure("registry", "keyed reads of a full record, a second", "bare", "a page that does nothing", GOAL_RATE),
        figure("peer", unprotected, "bare", "a page that does nothing", None),
    ]


def line_of(figure: dict[str, object]) -> str:
    """A figure as a line of the table."""
    text = "{figure:<55} {value:>7,} ({least:,} to {most:,})  peer {peer_value:>7,} ({peer})  ratio {ratio}".format(
        **figure
    )
    goal = "" if figure["goal"] is None else f"  goal {figure['goal']}: {'met' if figure['met'] else 'NOT MET'}"
    limited = isinstance(figure["client_busy"], float) and figure["client_busy"] > BUSY
    return text + goal + ("  (the client was busy all the time: a lower bound)" if limited else "")


if __name__ == "__main__":
    sys.exit(main())
