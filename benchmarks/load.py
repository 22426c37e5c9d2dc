"""What a user costs, and what judging costs.

Memory: bytes that each user takes when every one of them has had an answer, all loading processes summed, beside a
plain FastHttpUser with a shared pool, an empty User and a bare greenlet. The target is a stub that answers at once, so
that it is the loading processes that are measured; judging is left out, its tables and bounded memories do not grow
with the users. Seconds until everybody is up, and heartbeats missed, are those of the largest size.

Rate: answers a second with every answer judged and without, on the reference registry, in turns.

Nation: the whole command on a population of England, every answer judged and the log compared to the row; only with
`--population`. It takes a quarter of an hour, and some minutes more where nothing is prepared yet.

    .venv/bin/python benchmarks/load.py [--quick] [--only NAME] [--users N] [--processes N] [--seconds S] [--json]
    overreach generate england --children 11000000 --users 380000 --seed 2007 --out people
    .venv/bin/python benchmarks/load.py --only nation --population people --prepared kept
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from overreach.load.conclude import LoadResult
from overreach.load.drive import Wanted, run_load
from overreach.pack.config import Pack, built_in
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.probe.session import Bench, SessionFile
from overreach.probe.workspace import TargetOrder, open_workspace
from overreach.target.broker import Broker, BrokerServer
from overreach.target.identity import Session

PEERS = {"fast": "a plain FastHttpUser", "user": "an empty User", "greenlet": "a bare greenlet"}
SPARE = 1.15  # users generated for each one wanted: some accounts are closed, lapsed or suspended
MOST_BYTES, MOST_SECONDS, MOST_LOST = 16 * 1024, 180.0, 0.2
LEAST_RATE, AIMED_AT = 1000.0, 1100
HELPER = Path(__file__).with_name("load_peers.py")


def main() -> int:
    """Measure, print lines or one JSON object a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10,000 users, one round of 10 seconds")
    parser.add_argument("--users", type=int, default=330_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("memory", "rates", "nation"), help="one of the questions")
    parser.add_argument("--population", help="folder of a nation, for the third question")
    parser.add_argument("--prepared", default="prepared", help="where what takes long to make of it is kept")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.quick:
        asked.users, asked.seconds, asked.rounds = 10_000, 10.0, 1
    with tempfile.TemporaryDirectory(prefix="overreach-benchmark-") as name:
        able = (memory, rates, nation) if asked.population else (memory, rates)
        questions = [each for each in able if asked.only in {None, each.__name__}]
        for figure in [figure for question in questions for figure in question(Path(name), asked)]:
            text = "{figure:<44} {value:>9} {unit:<10} peer {peer_value:>9} ({peer})  goal {goal}".format(**figure)
            print(json.dumps(figure) if asked.json else f"{text}: {'met' if figure['met'] else 'NOT MET'}")
    return 0


def memory(folder: Path, asked: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Bytes a user at several sizes, and how the largest came up."""
    sizes = sorted({min(asked.users, size) for size in (10_000, 100_000, asked.users)})
    with target() as address:
        peers = {kind: peer(kind, min(asked.users, 5_000), address) for kind in PEERS}
        bench = people(folder / "people", "england", int(asked.users * SPARE))
        for users in sizes:
            result = idle_load(folder / f"idle{users}", bench, address, Wanted(users, 2.0, processes=asked.processes))
            value = round(result.bytes_per_user)
            for kind, words in PEERS.items():
                met = value <= MOST_BYTES and result.users == users
                yield figure(f"bytes of each of {users:,} users", value, "bytes", words, peers[kind], MOST_BYTES, met)
    up = round(result.spawn_seconds, 1)
    yield figure(f"until all {users:,} are up", up, "s", "the limit", MOST_SECONDS, MOST_SECONDS, up <= MOST_SECONDS)
    missed = result.heartbeats_missed
    yield figure("heartbeats missed", missed, "heartbeats", "the limit", 0, 0, missed == 0)


def rates(folder: Path, asked: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Answers a second judged and not, on the same registry."""
    bench = people(folder / "few", "small_england", 2_000)
    place = folder / "registry"
    place.mkdir()
    users = 1_000
    judged: list[float] = []
    free: list[float] = []
    wanted = Wanted(users, asked.seconds, rate=float(bench.pack.load.max_rate), processes=asked.processes)
    with open_workspace(place, bench, TargetOrder(bench.pack.switches, (), port=0, seed=1)) as workspace:
        for _ in range(asked.rounds):
            for each, kept in ((wanted, judged), (replace(wanted, judged=False), free)):
                result = run_load(workspace.session_file, workspace.session, each)
                if result.users < users:
                    message = f"only {result.users} of {users} users came up"
                    raise RuntimeError(message)
                kept.append(result.rate)
    value, peer_value = round(statistics.median(judged)), round(statistics.median(free))
    met = value >= (1 - MOST_LOST) * peer_value
    yield figure("answers a second, each judged", value, "a second", "the same load, none judged", peer_value, 0.8, met)


def nation(folder: Path, asked: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Everybody at once and ten minutes of work, as the command tells of it."""
    command = [sys.executable, "-m", "overreach", "load", "--population", asked.population, "--json"]
    command += ["--prepared", asked.prepared, "--users", str(asked.users), "--processes", str(asked.processes)]
    command += ["--rate", str(AIMED_AT), "--duration", "10m", "--out", str(folder / "record")]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    told = json.loads(done.stdout)
    for name, unit, limit in (
        ("bytes_per_user", "bytes", MOST_BYTES),
        ("spawn_seconds", "s", MOST_SECONDS),
        ("heartbeats_missed", "heartbeats", 0),
        *((name, "answers", 0) for name in ("overreach", "underreach", "unproven")),
        *((name, "rows", 0) for name in ("log_missing", "log_extra", "log_repeated", "log_wrong_user")),
    ):
        words = f"{name.replace('_', ' ')} of {told['users']:,} users"
        yield figure(words, told[name], unit, "the limit", limit, limit, told[name] <= limit)
    rate = told["requests_per_second"]
    yield figure("requests a second, each judged", rate, "a second", "the limit", LEAST_RATE, 1.0, rate >= LEAST_RATE)
    missing = asked.users - told["users"]
    yield figure("users who were not up", missing, "users", "the limit", 0, 0, missing == 0)


def figure(  # noqa: PLR0913, PLR0917 - the parts of a figure
    name: str,
    value: float,
    unit: str,
    peer_words: str,
    peer_value: float,
    goal: float,
    met: bool,  # noqa: FBT001 - as above
) -> dict[str, object]:
    """One figure, as every benchmark gives it."""
    ratio = round(value / peer_value, 2) if peer_value else None
    told = {"figure": name, "value": value, "unit": unit, "peer": peer_words, "peer_value": round(peer_value)}
    return {**told, "ratio": ratio, "goal": goal, "met": met}


def people(out: Path, recipe: str, users: int) -> Bench:
    """A population of few children and many users, its policy decided."""
    pack = Pack.read(built_in())
    generate(load_recipe(pack.root, recipe), Order(children=2_000, users=users, seed=pack.seed), out)
    return Bench.build(pack, Population.open(out), pack.switches)


def idle_load(folder: Path, bench: Bench, address: str, wanted: Wanted) -> LoadResult:
    """A load on the stub: sessions cost nothing, nothing is judged."""
    (folder / "results").mkdir(parents=True)
    broker = Broker(lambda user: Session(user, str(user), f"Bearer {user:043}"))
    with contextlib.closing(BrokerServer(broker, folder / "broker")) as server:
        session = SessionFile(
            pack=str(bench.pack.root),
            population=str(bench.population.path),
            base_url=address,
            broker=str(server.path),
            results=str(folder / "results"),
            seed=1,
            secret_file="",
            switches=dict(bench.pack.switches),
            allow_hosts=["127.0.0.1"],
        )
        file = folder / "session.json"
        session.write(file)
        return run_load(file, session, replace(wanted, judged=False))


@contextlib.contextmanager
def target() -> Iterator[str]:
    """The stub, while it is needed."""
    with subprocess.Popen(
        [sys.executable, str(HELPER), "target"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None  # noqa: S101 - Popen was given pipes
        assert process.stdout is not None  # noqa: S101 - as above
        yield process.stdout.readline().strip()
        process.stdin.close()


def peer(kind: str, users: int, address: str) -> float:
    """Bytes a user of another way of keeping them."""
    command = [sys.executable, str(HELPER), kind, str(users), address]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
