"""How long the exact reach of a whole nation takes, and in how much memory, beside asking about every pair.

The nation is `overreach generate england --children 11000000 --users 330000`; measured is `overreach reach` as a
command, from its start to its end, from Parquet, with and without `--exposure all`. Memory is the proportional set
size of all its processes at its peak. Populations of 10,000, 100,000 and 1,000,000 children, with users in proportion,
show that time does not grow with the pairs: beside its growth stand those of the pairs and of the involvements, and
for each size the number of cells, which are what the policy can tell apart.

The peers decide the same questions (may this user read this facet of this child, with a reason), one by one:
cedarpy, from the policy itself, in batches over entities already loaded; and casbin, which is given the decisions of
all cells as lines that its quickest enforcer looks up. All must agree. Then it is told how long a peer would take for
all pairs, facets and contexts that were counted. Last comes `benchmarks/planning.py`: `overstep plan` beside our plans.

    .venv/bin/python benchmarks/reach.py [--quick] [--rounds N] [--nation DIR] [--json]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cedarpy
import planning
from figures import figured, line
from memory import Watch

from overreach.model.decision import Claims
from overreach.model.terms import Facet
from overreach.pack.config import find_pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.oracle import Question, request
from overreach.policy.pairwise import Entities
from overreach.population.store import Population

NATION, USERS_OF_100 = 11_000_000, 3
SMALLER = (10_000, 100_000, 1_000_000)
SECONDS, EXPOSURE_SECONDS, BYTES = 5.0, 10.0, 2 * 2**30  # goals
TIMES = 1_000.0  # goal: as many times the checks a second of a peer
CLAIMS = Claims("welfare")
MEMBERS, RECORDS, CHECKS = 100, 200, 20_000
DECISIONS = Path(__file__).parent / "peers" / "decisions.py"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command."""

    seconds: float
    peak: int
    """Bytes."""
    pairs: int


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is in a population to count with."""

    cells: int
    """Classes of users x classes of children x relations, those that occur."""
    involvements: int


@dataclass(frozen=True, slots=True)
class Case:
    """Questions about some people, and everything that a peer needs to answer them."""

    policy: Policy
    grid: Grid
    entities: str
    asked: list[tuple[int, int, Facet]]

    def allowed(self, user: int, child: int, facet: Facet) -> bool:
        """What our columns say."""
        return bool(self.grid.facets(user, child, CLAIMS) & facet.bit)


def main() -> int:
    """Measure, print a line or one JSON object for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a hundred thousand children at most, one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nation", type=Path, help="a folder with the nation; it is generated where none is given")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="overreach-benchmark-") as folder:
        for figure in measure(Path(folder), asked.nation, 1 if asked.quick else asked.rounds, quick=asked.quick):
            print(json.dumps(figure) if asked.json else line(figure), flush=True)
    return 0


def measure(folder: Path, nation: Path | None, rounds: int, *, quick: bool) -> Iterator[dict[str, object]]:
    """Small to large, then the peers on the smallest of them."""
    sizes = SMALLER[:2] if quick else (*SMALLER, NATION)
    smaller: tuple[Run, Extent] | None = None
    for children in sizes:
        population = nation if nation and children == NATION else generate(folder, children)
        runs = [reach(population) for _ in range(rounds)]
        exposures = [reach(population, "--exposure", "all") for _ in range(rounds)]
        run = Run(middle(runs), max(each.peak for each in runs + exposures), runs[0].pairs)
        what = f"{children:,} children"
        yield figured(f"time: {what}", run.seconds, "s", ("limit", SECONDS), 1.0)
        yield figured(f"memory: {what}", run.peak / 2**20, "MiB", ("limit", BYTES / 2**20), 1.0)
        more = max(middle(exposures) - run.seconds, 0.0)
        yield figured(f"exposure, further: {what}", more, "s", ("limit", EXPOSURE_SECONDS), 1.0)
        there = extent(population)
        yield figured(f"cells: {what}", there.cells, "", ("pairs", run.pairs), 1.0)
        if smaller is not None:
            yield from grown((run, there), smaller, what)
        smaller = run, there
    if smaller is not None:
        yield from beside(folder, smaller[0])
    yield from planning.measure(folder, rounds, quick=quick)


def grown(now: tuple[Run, Extent], before: tuple[Run, Extent], what: str) -> Iterator[dict[str, object]]:
    """Growth of the time beside that of all that it could grow with: it must not be with the pairs."""
    time_taken = now[0].seconds / before[0].seconds
    shares = {
        "pairs": now[0].pairs / before[0].pairs,
        "involvements": now[1].involvements / before[1].involvements,
    }
    for name, share in shares.items():
        yield figured(f"growth of time: {what}", time_taken, "x", (f"growth of the {name}", share), 1.0)


def beside(folder: Path, run: Run) -> Iterator[dict[str, object]]:
    """Our checks a second against the peers' on the same questions, and how long all of them would take those."""
    case = questions(folder / f"people-{SMALLER[0]}")
    checks = run.pairs * len(Facet) * len(case.grid.rungs)
    for name, seconds in (("cedarpy", by_cedarpy(case)), ("casbin", by_casbin(folder, case))):
        rate = len(case.asked) / seconds
        yield figured("checks a second", checks / run.seconds, "1/s", (name, rate), TIMES, least=True)
        yield figured("all pairs", run.seconds, "s", (name, checks / rate), 1 / TIMES)


def middle(runs: list[Run]) -> float:
    """Median of the seconds."""
    return statistics.median(run.seconds for run in runs)


def generate(folder: Path, children: int) -> Path:
    """A population of so many children and users in proportion."""
    out = folder / f"people-{children}"
    size = ["--children", str(children), "--users", str(children * USERS_OF_100 // 100), "--seed", "2007"]
    command = [sys.executable, "-m", "overreach", "generate", "england", *size, "--out", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return out


def reach(population: Path, *more: str) -> Run:
    """One run of the command, from its start to its end."""
    command = [sys.executable, "-m", "overreach", "reach", str(population), "--json", *more]
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=out) as running:
            watch = Watch(running.pid)
            code = running.wait()
            seconds = time.perf_counter() - began
            peak = watch.end()
        if code:
            message = f"`{' '.join(command)}` ended with {code}"
            raise SystemExit(message)
        out.seek(0)
        return Run(seconds, peak, json.load(out)["pairs"])


def extent(population: Path) -> Extent:
    """The last line of the command says how many cells there are."""
    command = [sys.executable, "-m", "overreach", "reach", str(population)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    cells = told.rstrip().rpartition("; ")[2].removesuffix(" cells").replace(",", "")
    people = Population.open(population)
    (row,) = people.query(f"SELECT count(*) AS many FROM ({people.shape.involved})").to_pylist()  # noqa: S608 - the recipe's own SQL
    return Extent(int(cells), int(row["many"]))


def questions(folder: Path) -> Case:
    """Random pairs of some users and some children, half of them involved where there are so many, and facets."""
    pack = find_pack(Path(__file__).parents[1])
    policy, population = Policy.load(pack.scenarios, pack.switches), Population.open(folder)
    grid = Grid.build(policy, population, pack.rungs)
    draw = random.Random(2007)  # noqa: S311 - a reproducible sample, nothing secret
    users = sorted(draw.sample(range(population.users_count), MEMBERS))
    near = [int(child) for user in users for child in grid.relations.children_involved_with(user)]
    children = sorted({*near[: RECORDS // 2], *draw.sample(range(population.children_count), RECORDS // 2)})
    facets = list(Facet)
    asked = [(draw.choice(users), draw.choice(children), draw.choice(facets)) for _ in range(CHECKS)]
    everybody = Entities.read(policy, population, users, children)
    return Case(policy, grid, json.dumps([*everybody.users.values(), *everybody.children.values()]), asked)


def by_cedarpy(case: Case) -> float:
    """Seconds for all the questions; entities are loaded before."""
    store = cedarpy.Entities.from_json_str(case.entities, case.policy.schema.handle)
    asked = [
        request(case.policy, user, child, Question({}, {}, facet, CLAIMS, (False, False)))
        for user, child, facet in case.asked
    ]
    began = time.perf_counter()
    answers = cedarpy.is_authorized_batch(asked, case.policy.handle, store, case.policy.schema.handle)
    seconds = time.perf_counter() - began
    _agree(case, "cedarpy", [answer.allowed for answer in answers])
    return seconds


def by_casbin(folder: Path, case: Case) -> float:
    """Seconds for all the questions, by casbin in an environment of its own."""
    venv.create(folder / "peer", with_pip=True)
    python = folder / "peer" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "pycasbin"], check=True, stderr=subprocess.DEVNULL)
    masks = case.grid.masks(CLAIMS)
    cells = [tuple(int(at) for at in place) for place in zip(*masks.nonzero(), strict=True)]
    permitted = [
        [str(place[0]), f"{place[1]}/{place[2]}", facet.value]
        for place in cells
        for facet in Facet
        if int(masks[place]) & facet.bit
    ]
    asked = []
    for user, child, facet in case.asked:
        number = case.grid.relations.number(user, child)
        asked.append([str(case.grid.users.of[user]), f"{case.grid.children.of[child]}/{number}", facet.value])
    told = json.dumps({"permitted": permitted, "asked": asked})
    done = subprocess.run([python, DECISIONS], input=told, stdout=subprocess.PIPE, text=True, check=True)
    answer = json.loads(done.stdout)
    _agree(case, "casbin", answer["allowed"])
    return float(answer["seconds"])


def _agree(case: Case, name: str, allowed: list[bool]) -> None:
    if allowed != [case.allowed(*one) for one in case.asked]:
        message = f"{name} decides otherwise than the columns: no figure is worth anything"
        raise SystemExit(message)


if __name__ == "__main__":
    sys.exit(main())
