"""How fast and in how much memory a nation is invented, beside libraries that invent one value at a time.

The nation is `overreach generate england --children 11000000 --users 330000`, all of it, written and hashed. The peers
are Faker and mimesis, in an environment of their own: each draws, on as many processes, the values of a child's record
and drops them (`peers/people.py`). Memory is the proportional set size, summed over all processes of the command, at
its peak.

    .venv/bin/python benchmarks/generate.py [--quick] [--rounds N] [--processes N] [--json]
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
from dataclasses import dataclass
from pathlib import Path

from memory import Watch

NATION, PART_OF_IT, USERS = 11_000_000, 1_000_000, 330_000
SECONDS, BYTES, FLAT = 60.0, 3 * 2**30, 1.25  # goals
TIMES = {"faker": 50.0, "mimesis": 6.0}  # goals
PEERS = {"faker": 20_000, "mimesis": 200_000}  # children that each process of a peer draws
PEOPLE = Path(__file__).parent / "peers" / "people.py"


@dataclass(frozen=True, slots=True)
class Run:
    """One generation."""

    children: int
    seconds: float
    peak: int
    """Bytes."""


def main() -> int:
    """Measure, print a line or one JSON object for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a million children at most, one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    large = PART_OF_IT if asked.quick else NATION
    rounds = 1 if asked.quick else asked.rounds
    with tempfile.TemporaryDirectory(prefix="overreach-benchmark-") as folder:
        peers = peers_environment(Path(folder) / "peers")
        figures = list(measure(Path(folder), peers, large, rounds, asked.processes))
    for figure in figures:
        print(json.dumps(figure) if asked.json else line(figure))
    return 0


def measure(folder: Path, peers: Path, large: int, rounds: int, processes: int) -> Iterator[dict[str, object]]:
    """Ours and the peers in turns; medians."""
    whole: list[Run] = []
    rates: dict[str, list[float]] = {name: [] for name in PEERS}
    small = generate(folder, large // 11, processes)
    for _ in range(rounds):
        whole.append(generate(folder, large, processes))
        for name, count in PEERS.items():
            rates[name].append(peer_rate(peers, name, count, processes))
    seconds = statistics.median(run.seconds for run in whole)
    peak = statistics.median(run.peak for run in whole) / 2**20
    what = f"{large:,} children, {USERS:,} users, {processes} processes"
    yield figured(f"time: {what}", seconds, "s", ("limit", SECONDS), 1.0)
    yield figured(f"memory: {what}", peak, "MiB", ("limit", BYTES / 2**20), 1.0)
    yield figured("memory at the whole size", peak, "MiB", ("an eleventh of it", small.peak / 2**20), FLAT)
    for name, found in rates.items():
        peer = (name, statistics.median(found))
        yield figured("children a second", large / seconds, "1/s", peer, TIMES[name], least=True)


def figured(  # noqa: PLR0913 - a row of a table
    figure: str, value: float, unit: str, peer: tuple[str, float], goal: float, *, least: bool = False
) -> dict[str, object]:
    """A figure and its peer; `least` where the goal is a ratio to reach rather than to keep under."""
    name, other = peer
    return {
        "figure": figure,
        "value": round(value, 1),
        "unit": unit,
        "peer": name,
        "peer_value": round(other, 1),
        "ratio": round(value / other, 3),
        "goal": goal,
        "met": value / other >= goal if least else value / other <= goal,
    }


def line(figure: dict[str, object]) -> str:
    """A figure for reading."""
    told = "{figure:<58} {value:>12,} {unit:<4} {peer:>17} {peer_value:>10,}  ratio {ratio:>7}  goal {goal:>5}"
    return f"{told.format(**figure)}  {'met' if figure['met'] else 'NOT MET'}"


def generate(folder: Path, children: int, processes: int) -> Run:
    """One run of the command, from its start to its end; what it wrote is removed."""
    out = folder / "population"
    size = ["--children", str(children), "--users", str(USERS), "--seed", "2007", "--processes", str(processes)]
    command = [sys.executable, "-m", "overreach", "generate", "england", *size, "--out", str(out)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        watch = Watch(running.pid)
        code = running.wait()
        seconds = time.perf_counter() - began
        peak = watch.end()
    if code:
        message = f"`{' '.join(command)}` ended with {code}"
        raise SystemExit(message)
    subprocess.run(["rm", "-rf", str(out)], check=True)
    return Run(children, seconds, peak)


def peers_environment(folder: Path) -> Path:
    """The interpreter of a new environment with the peers in their newest versions."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True, stderr=subprocess.DEVNULL)
    return python


def peer_rate(python: Path, name: str, count: int, processes: int) -> float:
    """Children a second that so many processes of a peer draw together."""
    command: Sequence[str | Path] = [python, PEOPLE, name, str(count)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    seconds = [float(process.communicate()[0]) for process in running]
    return processes * count / max(seconds)


if __name__ == "__main__":
    sys.exit(main())
