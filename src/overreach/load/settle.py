"""Judging the answers that met a change: by the facts before it, after it, or, where the two overlap, either.

A change took hold at some moment between the request for it and its acknowledgement. An answer that was complete before
the request is judged by the old facts; one asked for after the acknowledgement by the new ones. One that overlaps the
two may match either: it is overreach only where both forbid it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from overreach.load.changes import PROTECTED, SHIELDED, Change, Held, facts_of, read_changes, read_held, tied
from overreach.model.probe import Observation
from overreach.model.terms import Verdict
from overreach.pack.config import Operation
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.probe.judge import Judge
from overreach.probe.session import Bench

#: Where an answer may match several states, the first of these that it matches.
_ORDER = (Verdict.HELD, Verdict.UNDERREACH, Verdict.UNPROVEN, Verdict.BREACH, Verdict.OVERREACH)


def settle(bench: Bench, folder: Path) -> list[Observation]:
    """The observations of all answers that were held back.

    What is counted over the bench's own facts stays as it is: changes are made to a copy of them.
    """
    changes, held = read_changes(folder), read_held(folder)
    if not changes:
        return [each.observation for each in held]
    grid = Grid.build(bench.policy, bench.population, bench.pack.rungs)
    facts, judge = _Facts(bench.population, grid, changes), replace(bench.judge, grid=grid)
    return [_judged(bench.pack.target.operation(each.probe.operation), judge, facts, changes, each) for each in held]


def _judged(operation: Operation, judge: Judge, facts: _Facts, changes: Sequence[Change], held: Held) -> Observation:
    found = []
    for state in states(changes, held.began, held.ended):
        facts.turn_to(state)
        found.append(judge.observe(held.probe, operation, held.answer))
    return min(found, key=lambda observation: _ORDER.index(observation.verdict))


def states(changes: Iterable[Change], began: float, ended: float) -> Iterator[frozenset[int]]:
    """The sets of children that may have been changed while a request was under way."""
    before: set[int] = set()
    perhaps: set[int] = set()
    for change in changes:
        if change.done is not None and change.done < began:
            before.add(change.child)
        elif change.sent <= ended:
            perhaps.add(change.child)
    yield frozenset(before)
    if perhaps - before:
        yield frozenset(before | perhaps)


class _Facts:
    """Moves the facts of a grid from one state to another."""

    def __init__(self, population: Population, grid: Grid, changes: Iterable[Change]) -> None:
        self._grid = grid
        self._tied = {change.child: tied(population, change.child) for change in changes}
        touched = {other for child, others in self._tied.items() for other in (child, *others)}
        names = {SHIELDED, PROTECTED} & set(grid.children.attributes)
        self._start = {child: {name: facts_of(grid, child)[name] for name in names} for child in touched}
        self._changed: frozenset[int] = frozenset()

    def turn_to(self, changed: frozenset[int]) -> None:
        """Let exactly these children be shielded beside those who were at the start."""
        if changed == self._changed:
            return
        for child, start in self._start.items():
            facts = dict(start)
            if child in changed:
                facts[SHIELDED] = True
            if PROTECTED in facts and any(child in self._tied[other] for other in changed):
                facts[PROTECTED] = True
            self._grid.set_child(child, **facts)
        self._changed = changed
