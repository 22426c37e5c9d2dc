"""Judging the answers that met a change: by the facts before it, after it, or, where the two overlap, either.

A change took hold at some moment between the request for it and its acknowledgement. An answer that was complete before
the request is judged by the old facts; one asked for after the acknowledgement by the new ones. One that overlaps the
two may match either: it is overreach only where every state forbids it.

After a merge, what is asked about the number of the record that ended is asked about the one that stays, and may also
be refused. Who loses a record with a move loses what the session was told of it, and may be refused what that allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

from overreach.load.changes import Change, Held, read_changes, read_held
from overreach.load.effects import Effect, Effects, MergedPeople, RenewedReader
from overreach.model.decision import Claims
from overreach.model.probe import Observation, Probe
from overreach.model.terms import Verdict
from overreach.policy.grid import Grid
from overreach.probe.judge import Judge
from overreach.probe.session import Bench

#: Where an answer may match several states, the first of these that it matches.
_ORDER = (Verdict.HELD, Verdict.UNDERREACH, Verdict.UNPROVEN, Verdict.BREACH, Verdict.OVERREACH)
MOST = 6
"""Changes that one answer may overlap; one that overlaps more is left unproven."""


def settle(bench: Bench, folder: Path) -> Iterator[tuple[Held, Observation]]:
    """All answers that were held back, each with how it is judged now.

    What is counted over the bench's own facts stays as it is: changes are made to a copy of them.
    """
    changes = read_changes(folder)
    if not changes:
        return ((each, each.observation) for each in read_held(folder))
    settling = _Settling.build(bench, changes)
    return ((each, settling.judged(each)) for each in read_held(folder))


def states(changes: Sequence[Change], began: float, ended: float) -> Iterator[tuple[Change, ...]]:
    """The sets of changes that may have taken hold when a request was answered, from none of the open ones to all."""
    sure = [each for each in changes if each.done is not None and each.done < began]
    perhaps = [each for each in changes if each not in sure and each.sent <= ended]
    for taken in product((False, True), repeat=len(perhaps)):
        yield (*sure, *(change for change, yes in zip(perhaps, taken, strict=True) if yes))


@dataclass
class _Settling:
    """A copy of the facts, with the changes that are put on it at the moment."""

    bench: Bench
    effects: Effects
    of_child: Mapping[int, Effect]
    """Child -> the one change that touches it."""
    readers: dict[tuple[tuple[int, int], ...], RenewedReader] = field(default_factory=dict)
    """Merges -> the reader who knows of them."""

    @classmethod
    def build(cls, bench: Bench, changes: Iterable[Change]) -> _Settling:
        """Copy the facts, and work out what each change does to them."""
        grid = Grid.build(bench.policy, bench.population, bench.pack.rungs)
        effects = Effects(grid, bench.population, bench.pack.load.ties)
        events = {event.name: event for event in bench.pack.load.events}
        found = [effects.of(events[change.event], change) for change in changes]
        of_child = {child: effect for effect in found for child in effect.touched}
        return cls(bench, effects, of_child)

    def judged(self, held: Held) -> Observation:
        """An answer as the facts were that it met: of several, those that fit it best."""
        concerned = {id(each): each for child in _children(held) if (each := self.of_child.get(child))}
        effects = {effect.change: effect for effect in concerned.values()}
        if not effects:
            return held.observation
        if any(not each.known and each.change.sent <= held.ended for each in effects.values()):
            why = "it may have met a change of which a lost worker did not tell"
            return _unsure(held, effects.values(), why)
        perhaps = sum(1 for each in effects if each.sent <= held.ended and not _over(each, held.began))
        if perhaps > MOST:
            return _unsure(held, effects.values(), f"it met {perhaps} changes at once")
        found = []
        for state in states(list(effects), held.began, held.ended):
            found += self._in_state([effects[change] for change in state], held)
        return min(found, key=lambda observation: _ORDER.index(observation.verdict))

    def _in_state(self, state: Sequence[Effect], held: Held) -> list[Observation]:
        for effect in state:
            self.effects.put_on(effect)
        judge = self._judge(state)
        operation = self.bench.pack.target.operation(held.probe.operation)
        found = []
        for probe, lenient in _probes(held, state):
            observation = judge.observe(probe, operation, held.answer)
            if lenient and observation.verdict is Verdict.UNDERREACH:
                observation = replace(observation, verdict=Verdict.HELD, why="")
            # What was asked stays what was asked, whoever's it is by now.
            found.append(replace(observation, probe=held.probe))
        for effect in state:
            self.effects.take_off(effect)
        return found

    def _judge(self, state: Sequence[Effect]) -> Judge:
        merges = tuple(each.merged for each in state if each.merged is not None)
        reader = self.readers.get(merges)
        if reader is None:
            people = MergedPeople(self.bench.population, dict(merges))
            paths = [operation.facets for operation in self.bench.pack.target.operations.values()]
            reader = self.readers[merges] = RenewedReader(people, paths)
        reader.renewed = {each.child: each.renewed for each in state}
        return replace(self.bench.judge, grid=self.effects.grid, reader=reader)


def _unsure(held: Held, effects: Iterable[Effect], why: str) -> Observation:
    """Unproven, but for what leaked of children whom no change touches."""
    touched: frozenset[int] = frozenset().union(*(each.touched for each in effects))
    sure = tuple(each for each in held.observation.violations if each.child is not None and each.child not in touched)
    if sure:
        return replace(held.observation, verdict=Verdict.OVERREACH, violations=sure, hazards=())
    return replace(held.observation, verdict=Verdict.UNPROVEN, why=why, violations=(), hazards=())


def _probes(held: Held, state: Iterable[Effect]) -> Iterator[tuple[Probe, bool]]:
    """What was asked, as a state has it; and whether a refusal is in order whatever was permitted."""
    probe, lenient, claims = held.probe, False, [held.probe.claims]
    for effect in state:
        if probe.child == effect.change.child and effect.change.into is not None:
            probe, lenient = replace(probe, child=effect.change.into), True
        if probe.child == effect.change.child and probe.user in effect.left and not held.carried:
            lenient, claims = True, _still_claimed(held, effect.change)
    for each in claims:
        yield replace(probe, claims=each), lenient


def _still_claimed(held: Held, change: Change) -> list[Claims]:
    """What a session that lost a record may still claim of it: what it was told afterwards."""
    told, lost = held.probe.claims, Claims()
    if held.declared is None or (held.declared_by or held.declared) < change.sent:
        return [lost]
    return [told] if _over(change, held.declared) else [told, lost]


def _over(change: Change, time: float) -> bool:
    return change.done is not None and change.done < time


def _children(held: Held) -> Iterator[int]:
    """The children whom an answer is about."""
    if held.probe.child is not None:
        yield held.probe.child
    for each in held.observation.disclosures:
        yield each.child
        yield from each.others
