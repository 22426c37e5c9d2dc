"""How long it takes to plan what to ask: our sweep, beside `overstep plan`.

The job of both is the list of requests to send, each with the decision that is expected. overstep is given a matrix of
so many users, of 28 roles in turn, each owning one record, with one operation and one rule a role; by default it plans
two requests for each user: the own record, and one that is another's. Our plan is that of the sweep over a
population of so many users and as many children: every cell that the policy can tell apart, with every claims, and the
denied pairs that the bounds need. `overreach reach` on the same population then says of every pair, at every facet and
rung, what is expected; the peer to that is overstep with `probe_victims: all`, which lists every pair for its one
operation, and which is asked for few users only, because what it prints grows with the square of the users.

All are whole commands, from start to end, taking turns. overstep lives in an environment of its own.

    .venv/bin/python benchmarks/planning.py [--quick] [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

from figures import figured, line

SIZES, FEW = (500, 1_000, 2_000), (100, 200)
PEER = "overstep==1.7.0"
ROLES, ENTITLED = 28, 10
OURS = Path(__file__).parent / "peers" / "sweep_plan.py"
_WIDE = {**os.environ, "COLUMNS": "200"}


def main() -> int:
    """Measure, print a line or one JSON object for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="500 users only, once")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="overreach-benchmark-") as folder:
        for figure in measure(Path(folder), asked.rounds, quick=asked.quick):
            print(json.dumps(figure) if asked.json else line(figure), flush=True)
    return 0


def measure(folder: Path, rounds: int, *, quick: bool) -> Iterator[dict[str, object]]:
    """Plans of two requests a user beside the sweep's, then lists of every pair beside `overreach reach`."""
    peer = install(folder / "overstep")
    plan = [sys.executable, str(OURS)]
    count = [sys.executable, "-m", "overreach", "reach", "--json"]
    sizes, few, rounds = (SIZES[:1], FEW[:1], 1) if quick else (SIZES, FEW, rounds)
    yield from compared(folder, peer, plan, (sizes, "one", rounds))
    yield from compared(folder, peer, count, (few, "all", rounds))


def compared(
    folder: Path, peer: Path, ours: Sequence[str], how: tuple[Sequence[int], str, int]
) -> Iterator[dict[str, object]]:
    """Seconds of both for each number of users, and how they grow from one to the next."""
    sizes, victims, rounds = how
    job = "plan" if victims == "one" else "every pair"
    name = "overstep plan" if victims == "one" else "overstep plan, all victims"
    before: tuple[float, float] | None = None
    for users in sizes:
        people, matrix = population(folder, users), write_matrix(folder, users, victims)
        taken = [(timed([*ours, str(people)]), timed([str(peer), "plan", str(matrix)])) for _ in range(rounds)]
        us, them = (statistics.median(each) for each in zip(*taken, strict=True))
        yield figured(f"{job}: {users:,} users", us, "s", (name, them), 1.0)
        if before is not None:
            yield figured(f"growth of {job}: {users:,} users", us / before[0], "x", (name, them / before[1]), 1.0)
        before = us, them


def install(folder: Path) -> Path:
    """The peer's command."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True, stderr=subprocess.DEVNULL)
    return folder / "bin" / "overstep"


def population(folder: Path, users: int) -> Path:
    """As many children as users."""
    out = folder / f"planned-{users}"
    if not out.exists():
        size = ["--children", str(users), "--users", str(users), "--seed", "2007"]
        command = [sys.executable, "-m", "overreach", "generate", "small_england", *size, "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return out


def write_matrix(folder: Path, users: int, victims: str) -> Path:
    """Users of every role in turn, each with a record of their own; some roles may read their own."""
    roles = [f"role{number}" for number in range(ROLES)]
    subjects = [
        {"name": f"user{n}", "role": roles[n % ROLES], "token": f"token{n}", "attributes": {"record": f"record{n}"}}
        for n in range(users)
    ]
    view = {
        "name": "whereabouts",
        "request": {"method": "GET", "path": "/children/{id}"},
        "type": "object",
        "owner": "id",
        "owner_attr": "record",
        "probe_victims": victims,
    }
    document = {
        "roles": roles,
        "modules": {"rest": {"base_url": "http://127.0.0.1:9"}},
        "subjects": subjects,
        "resources": [view],
        "policy": {"whereabouts": {"allow": [{"role": role, "scope": "own"} for role in roles[:ENTITLED]]}},
    }
    path = folder / f"matrix-{victims}-{users}.yaml"
    path.write_text(json.dumps(document))  # every JSON text is a YAML text
    return path


def timed(command: Sequence[str]) -> float:
    """Seconds of a whole command."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_WIDE)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
