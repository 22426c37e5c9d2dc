"""How long a whole audit takes, beside the least that its sweep could take.

The limit: as many requests as the sweep judged, one after the other over one connection, to a page of the same
registry that does nothing (`/health`), by the same client. The sweep's requests sign in, search, read records
and write the log, and every answer is judged; the ratio says what that costs.

    .venv/bin/python benchmarks/audit.py [--quick] [--runs N] [--json]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from overreach.audit.options import OPTIONAL, Options
from overreach.audit.run import prepare, run_audit
from overreach.model.review import Review
from overreach.model.terms import Part
from overreach.pack.config import find_pack
from overreach.probe.workspace import TargetOrder, open_workspace, temporary_folder

GOAL_SECONDS = 90.0


@dataclasses.dataclass(frozen=True)
class Run:
    """One measured audit."""

    seconds: float
    sweep_seconds: float
    requests: int
    limit_seconds: float
    clean: bool


def main() -> int:
    """Measure, print a table or one JSON object a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a world of 200 children instead of the default one")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    runs = [measure(options(quick=asked.quick)) for _ in range(asked.runs)]
    for figure in figures(runs):
        if asked.json:
            print(json.dumps(figure))
        else:
            print("{figure:<44} {value:>10} {unit:<8} peer {peer_value:>10}  ratio {ratio}".format(**figure))
    return 0 if all(run.clean for run in runs) else 1


def options(*, quick: bool) -> Options:
    """The audit of the README, or a small one."""
    pack = find_pack(Path(__file__).parents[1])
    return Options(
        pack=pack,
        population=None,
        recipe=pack.population,
        children=200 if quick else pack.children,
        users=160 if quick else pack.users,
        seed=pack.seed,
        faults=(),
        switches=dict(pack.switches),
        parts=frozenset(OPTIONAL),
        runs=Path(tempfile.mkdtemp(prefix="overreach-benchmark-")),
        port=0,
        fail_on=pack.fail_on,
        load_users=pack.load.users,
        load_seconds=pack.load.seconds,
        examples=20,
        command="overreach audit",
    )


def measure(asked: Options) -> Run:
    """One audit, and the limit of its sweep right after it."""
    began = time.perf_counter()
    review = run_audit(asked, lambda _text, _done, _total: None).review
    seconds = time.perf_counter() - began
    sweep = next(part for part in review.parts if part.part is Part.SWEEP)
    requests = _requests(review)
    return Run(seconds, sweep.seconds, requests, _limit(asked, requests), clean=review.exit_code == 0)


def _requests(review: Review) -> int:
    sweep = next(part for part in review.parts if part.part is Part.SWEEP)
    return int(dict(sweep.figures)["requests"].replace(",", ""))


def _limit(asked: Options, requests: int) -> float:
    """Seconds for that many requests to a page that does nothing."""
    with temporary_folder() as folder:
        bench = prepare(asked, folder, lambda _text, _done, _total: None)
        order = TargetOrder(asked.switches, (), 0, asked.seed)
        with open_workspace(folder, bench, order) as workspace:
            target = workspace.target()
            some = min(requests, 20_000)
            began = time.perf_counter()
            for _ in range(some):
                target.send("GET", "/health")
            elapsed = time.perf_counter() - began
            target.close()
    return elapsed * requests / some


def figures(runs: list[Run]) -> list[dict[str, object]]:
    """Medians over the runs."""
    seconds = statistics.median(run.seconds for run in runs)
    sweep = statistics.median(run.sweep_seconds for run in runs)
    limit = statistics.median(run.limit_seconds for run in runs)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        _figure("a whole audit, after set-up", seconds, "s", "goal", GOAL_SECONDS, GOAL_SECONDS),
        _figure("its sweep", sweep, "s", "the same number of empty requests", limit, None),
        _figure("requests of the sweep", runs[0].requests, "requests", "", 0, None),
        _figure("largest memory of the audit itself", memory, "MiB", "", 0, None),
    ]


def _figure(name: str, value: float, unit: str, peer: str, peer_value: float, goal: float | None) -> dict[str, object]:  # noqa: PLR0913, PLR0917 - the columns of the table
    return {
        "figure": name,
        "value": round(value, 1),
        "unit": unit,
        "peer": peer,
        "peer_value": round(peer_value, 1),
        "ratio": round(value / peer_value, 2) if peer_value else None,
        "goal": goal,
        "met": goal is None or value <= goal,
    }


if __name__ == "__main__":
    sys.exit(main())
