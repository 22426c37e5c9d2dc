"""Facts that change while many ask: which children that may befall, and when each change took hold.

The children that officers will shield are drawn before the load, by the seed, so every process knows them. An answer
about one of them, or about a child tied to one by a carer, is not judged at once but held back: only when all
processes have ended is it known which changes it met (`load.settle`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from overreach.load import record
from overreach.load.loss import losses
from overreach.model.canary import TokenKind
from overreach.model.decision import Claims
from overreach.model.probe import Answer, Observation, Probe
from overreach.model.terms import Action, Facet
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.probe.anchors import tokens_in
from overreach.probe.record import from_json
from overreach.probe.session import Bench

SHIELDED, PROTECTED = "shielded", "contacts_protected"
MOST, ONE_IN = 200, 100
"""Children drawn to be shielded: one in a hundred, at most 200 in all."""


@dataclass(frozen=True, slots=True)
class Change:
    """A child was shielded at some moment between two times, in seconds since the epoch."""

    child: int
    sent: float
    done: float | None
    """When it was acknowledged; None where that is not known: it may have taken hold at any time, or never."""


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that is judged later."""

    observation: Observation
    """As judged by the facts of the start."""
    answer: Answer
    began: float
    ended: float

    @property
    def probe(self) -> Probe:
        """What was asked."""
        return self.observation.probe


def tied(population: Population, child: int) -> frozenset[int]:
    """The other children on whose record a carer of this child stands."""
    others: set[int] = set()
    for value in population.facet_values(child, Facet.CONTACTS):
        for token in tokens_in(value.lower()):
            owned = population.minter.read(token)
            if owned is not None and owned[0] is TokenKind.CONTACT:
                others.update(population.token_children(*owned))
    return frozenset(others - {child})


class Unsettled:
    """The children whose facts may change in this load, and what one process has changed."""

    def __init__(self, bench: Bench, seed: int, *, changes: bool = True) -> None:
        self._bench = bench
        self._drawn = _draw(bench, seed) if changes else []
        self.children = frozenset(other for child in self._drawn for other in (child, *tied(bench.population, child)))
        self._waiting: list[int] = []
        self._folder: Path | None = None
        self._part = 0
        self._slack = 0.0

    def open(self, folder: Path, part: int, parts: int, slack: float = 0.0) -> None:
        """Take one process's share of the children, and a folder for its reports.

        `slack` is how many seconds the clocks of two processes may differ.
        """
        self._folder, self._part, self._slack = folder, part, slack
        self._waiting = self._drawn[part::parts]
        for name in (record.CHANGES, record.HELD):
            (folder / name.format(part)).touch()

    @property
    def left(self) -> tuple[int, ...]:
        """The children of this process's share that were not given out yet."""
        return tuple(self._waiting)

    def next_for(self, user: int) -> int | None:
        """A child that this officer may shield, given out once; None where there is none."""
        grid = self._bench.grid
        for place, child in enumerate(self._waiting):
            if grid.allows(user, child, Action.SHIELD, Claims()):
                return self._waiting.pop(place)
        return None

    def concerns(self, observation: Observation) -> bool:
        """Whether an answer is about a child whose facts may change."""
        if not self.children:
            return False
        children = self.children
        return observation.probe.child in children or any(
            each.child in children or not children.isdisjoint(each.others) for each in observation.disclosures
        )

    def hold(self, held: Held) -> None:
        """Keep an answer until every change is known."""
        answer = held.answer
        value = {
            "observation": held.observation,
            "answer": {"status": answer.status, "headers": answer.headers, "seconds": answer.seconds},
            "body": base64.b64encode(answer.body).decode(),
            "error": answer.error,
            "began": held.began,
            "ended": held.ended,
        }
        self._append(record.HELD, value)

    def note(self, change: Change) -> None:
        """Keep a change that was acknowledged, or of which nothing was heard."""
        done = None if change.done is None else change.done + self._slack
        self._append(record.CHANGES, {"child": change.child, "sent": change.sent - self._slack, "done": done})

    def _append(self, name: str, value: dict[str, Any]) -> None:
        assert self._folder is not None  # noqa: S101 - opened before anybody works
        with (self._folder / name.format(self._part)).open("ab") as lines:
            lines.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def suppose(bench: Bench, seed: int, folder: Path) -> None:
    """Note that lost workers may have changed any of their children since they were last heard of."""
    for part, loss in losses(folder).items():
        order, unsettled = record.Order.read(folder), Unsettled(bench, seed)
        unsettled.open(folder, part, order.parts, order.slack)
        told = {change.child for change in read_changes(folder)}
        for child in unsettled.left:
            if child not in told:
                unsettled.note(Change(child, loss.since, None))


def read_changes(folder: Path) -> list[Change]:
    """The changes of every process, by time."""
    changes = [Change(**value) for value in _values(folder, record.CHANGES)]
    return sorted(changes, key=lambda change: change.sent)


def read_held(folder: Path) -> list[Held]:
    """The answers that every process held back, by time."""
    found = []
    for value in _values(folder, record.HELD):
        parts = value["answer"]
        headers = tuple((name, text) for name, text in parts["headers"])
        body = base64.b64decode(value["body"])
        answer = Answer(parts["status"], headers, body, parts["seconds"], value["error"])
        found.append(Held(from_json(value["observation"]), answer, value["began"], value["ended"]))
    return sorted(found, key=lambda held: held.began)


def _values(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for file in record.files(folder, name):
        for line in file.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):  # else it was cut off by a kill
                yield orjson.loads(line)


def _draw(bench: Bench, seed: int) -> list[int]:
    """Children who are not shielded yet; none where the policy or the target has no shields."""
    grid, children = bench.grid, bench.population.children_count
    shields = any(each.action is Action.SHIELD for each in bench.pack.target.operations.values())
    if not shields or SHIELDED not in grid.children.attributes:
        return []
    wanted = min(MOST, -(-children // ONE_IN))
    drawn = np.random.default_rng([seed, 0x5E1D]).choice(children, min(children, 2 * wanted), replace=False).tolist()
    return [child for child in drawn if not facts_of(grid, child)[SHIELDED]][:wanted]


def facts_of(grid: Grid, child: int) -> dict[str, Any]:
    """The facts of a child that the policy reads, as the grid has them now."""
    children = grid.children
    return dict(children.as_mapping(int(children.of[child])))
