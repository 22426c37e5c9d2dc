"""Whether the columns decide as cedarpy does: every pair of a small population, and random pairs of a nation.

First all pairs of 100 users and 500 children of `small_england`, every facet at all claims of every rung, with real
areas and involvements; the matrix of `overreach reach` is then counted again from cedarpy's answers. Then, where
`--nation DIR` is given, 100,000 pairs of it: half of them at random, half from the involvements, each at a random facet
and random claims of a random rung. Compared are effect, deciding policies and duties.

Not one decision may differ: the first that does is named and ends this with exit code 1, and so does any error of
Cedar, a request without a decision, or an entity that does not fit the schema. cedarpy's time is asking and building
requests and entities; ours is looking up the same decisions one by one, classes being made.

    .venv/bin/python benchmarks/agreement.py [--quick] [--nation DIR] [--json]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path

import numpy as np
from figures import figured, line
from numpy.typing import NDArray

from overreach.model.decision import Claims, Decision, RungContext
from overreach.model.errors import OverreachError
from overreach.model.terms import Facet
from overreach.pack.config import Pack, find_pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.pairwise import Asked, Entities, decide, holding
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.reach.count import reach

WHOLE, QUICK = Order(children=500, users=100, seed=2007), Order(children=100, users=60, seed=2007)
RANDOM = 100_000
_AT_ONCE = 20_000

Bools = NDArray[np.bool_]
Answers = dict[tuple[Facet, RungContext], Bools]


def main() -> int:
    """Compare, print a line or one JSON object for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="60 users and 100 children; a tenth of the random pairs")
    parser.add_argument("--nation", type=Path, help="a folder with a population; random pairs of it are asked, too")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    pack = find_pack(Path(__file__).parents[1])
    try:
        with tempfile.TemporaryDirectory(prefix="overreach-benchmark-") as folder:
            figures = every_pair(pack, Path(folder), QUICK if asked.quick else WHOLE)
            _print(figures, as_json=asked.json)
        if asked.nation:
            _print(random_pairs(pack, asked.nation, RANDOM // 10 if asked.quick else RANDOM), as_json=asked.json)
    except OverreachError as error:
        raise SystemExit(str(error)) from error
    return 0


def every_pair(pack: Pack, folder: Path, order: Order) -> Iterator[dict[str, object]]:
    """All pairs of a small population, and what is counted of them."""
    generate(load_recipe(pack.root, "small_england"), order, folder / "people")
    people = Population.open(folder / "people")
    policy = Policy.load(pack.scenarios, pack.switches)
    grid = Grid.build(policy, people, pack.rungs)
    entities = Entities.read(policy, people, range(order.users), range(order.children))
    shape, found, pace = (order.users, order.children), Answers(), Pace()
    for facet, context in product(Facet, pack.rungs):
        asked = [Asked(user, child, facet, context.claims) for user, child in np.ndindex(*shape)]
        allowed = [decision.allowed for decision in pace.compare(grid, policy, entities, asked)]
        found[facet, context] = np.array(allowed, dtype=np.bool_).reshape(shape)
    what = f"{order.users:,} x {order.children:,} pairs"
    yield from pace.figures(what)
    entries, wrong = recount(grid, people, entities, found)
    if wrong:
        message = f"counted otherwise from cedarpy's answers: {wrong[0]}"
        raise SystemExit(message)
    yield figured(f"entries that differ: {what}", len(wrong), "", ("entries", entries), 0.0)


def random_pairs(pack: Pack, folder: Path, many: int) -> Iterator[dict[str, object]]:
    """Half at random, half from the involvements; facets and claims at random."""
    people = Population.open(folder)
    policy = Policy.load(pack.scenarios, pack.switches)
    grid = Grid.build(policy, people, pack.rungs)
    draw = random.Random(2007)  # noqa: S311 - a reproducible sample, nothing secret
    sample = (
        f'SELECT "user", child FROM ({people.shape.involved}) USING SAMPLE reservoir({many // 2} ROWS) REPEATABLE (1)'  # noqa: S608 - the recipe's own SQL
    )
    involved = people.query(sample).to_pydict()
    pairs: list[tuple[int, int]] = list(zip(involved["user"], involved["child"], strict=True))
    while len(pairs) < many:
        pairs.append((draw.randrange(people.users_count), draw.randrange(people.children_count)))
    claims = {context.rung: [each.claims for each in pack.rungs if each.rung is context.rung] for context in pack.rungs}
    asked = [
        Asked(user, child, draw.choice(list(Facet)), draw.choice(claims[draw.choice(list(claims))]))
        for user, child in pairs
    ]
    rest, pace = iter(asked), Pace()
    while some := list(islice(rest, _AT_ONCE)):
        users, children = zip(*pairs[pace.decisions : pace.decisions + len(some)], strict=True)
        entities = Entities.read(policy, people, users, children)
        pace.compare(grid, policy, entities, some)
    yield from pace.figures(f"{many:,} of {people.users_count * people.children_count:,} pairs")


class Pace:
    """How many decisions were compared, and in what time of each side."""

    def __init__(self) -> None:
        self.decisions = 0
        self.allowed = 0
        self.ours = self.theirs = 0.0

    def compare(self, grid: Grid, policy: Policy, entities: Entities, asked: Sequence[Asked]) -> list[Decision]:
        """Decisions by cedarpy; SystemExit names the first of ours that differs."""
        began = time.perf_counter()
        theirs = list(decide(policy, entities, asked))
        middle = time.perf_counter()
        ours = [grid.decision(one.user, one.child, one.what, one.claims) for one in asked]
        self.theirs += middle - began
        self.ours += time.perf_counter() - middle
        for one, we, they in zip(asked, ours, theirs, strict=True):
            if we != they:
                message = f"{one}: the columns say {we}, cedarpy says {they}"
                raise SystemExit(message)
        self.decisions += len(asked)
        self.allowed += sum(decision.allowed for decision in theirs)
        return theirs

    def figures(self, what: str) -> Iterator[dict[str, object]]:
        """What was compared; a difference would have ended everything."""
        decisions = f"decisions, {self.allowed / self.decisions:.0%} allowed"
        yield figured(f"decisions that differ: {what}", 0, "", (decisions, self.decisions), 0.0)
        rates = self.decisions / self.ours, self.decisions / self.theirs
        yield figured(f"decisions a second: {what}", rates[0], "1/s", ("cedarpy", rates[1]), 1.0, least=True)


def recount(grid: Grid, people: Population, entities: Entities, found: Answers) -> tuple[int, list[str]]:
    """How many entries the matrix has, and those that cedarpy's answers contradict."""
    shape = (people.users_count, people.children_count)
    pairs = [Asked(user, child, Facet.EXISTENCE, Claims()) for user, child in np.ndindex(*shape)]
    held = list(holding(grid.policy, grid.policy.classes, entities, pairs))
    members = {name: np.array([name in each for each in held]).reshape(shape) for name in grid.policy.classes}
    role = np.array([entities.users[user]["attrs"]["role"]["__entity"]["id"] for user in range(shape[0])])
    entries = reach(grid, people).entries
    wrong = []
    for entry in entries:
        of_facet = [(context.rung.height, each) for (facet, context), each in found.items() if facet is entry.facet]
        here = np.logical_or.reduce([each for height, each in of_facet if height == entry.rung.height])
        below = np.logical_or.reduce([here & False, *(each for height, each in of_facet if height < entry.rung.height)])
        first = here & ~below & members[entry.record_class] & (role == entry.role)[:, None]
        if (entry.pairs, entry.users, entry.children) != (first.sum(), first.any(1).sum(), first.any(0).sum()):
            wrong.append(str(entry))
    return len(entries), wrong


def _print(figures: Iterator[dict[str, object]], *, as_json: bool) -> None:
    for figure in figures:
        print(json.dumps(figure) if as_json else line(figure), flush=True)


if __name__ == "__main__":
    sys.exit(main())
