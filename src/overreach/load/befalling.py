"""Which children may befall what in a load: drawn before it, by the seed, so that every process knows them.

No child is touched by two of the events drawn: neither as the one whom an event befalls, nor as the one whose record
another one's is merged into, nor by a tie (`pack.events.Tie`). So the facts of a child are those of the start or those
after the one event that touches it, whatever else happens meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overreach.model.canary import TokenKind
from overreach.model.decision import Claims
from overreach.model.errors import PackError
from overreach.model.terms import Facet, mask_of
from overreach.pack.events import Event, Tie
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.policy.rules import CHILD
from overreach.population.store import Population
from overreach.probe.anchors import tokens_in
from overreach.probe.session import Bench

MOST, ONE_IN = 200, 25
"""Children drawn for each kind of event: one in 25, at most 200."""
IN_AREA = RELATIONS.index((True, False))
_LOOKED_AT = 8  # children looked at for each one wanted


@dataclass(frozen=True, slots=True)
class Befalling:
    """One event that may befall a child in this load."""

    event: Event
    child: int
    into: int | None
    """Of a merge: the child whose record stays."""
    touched: frozenset[int]
    """All whose facts it may change, or whose tokens it gives to somebody else."""


def draw(bench: Bench, seed: int, users: Sequence[int]) -> list[Befalling]:
    """The events of a load in which these users take part, in an order that mixes the kinds.

    Children are of areas in which there is somebody to begin what takes one, or two where both must be of one area;
    none is drawn for an event that changes what the policy does not read.

    PackError where the policy has no word for what an event's operation does.
    """
    random = np.random.default_rng([seed, 0xE7E27])
    found: list[Befalling] = []
    taken: set[int] = set()
    # What takes most comes first: children of whom there are few are not used up by what befalls anybody.
    for event in sorted(bench.pack.load.events, key=lambda event: (not event.merges, event.approves is None)):
        if bench.pack.target.operation(event.operation).action is None:
            message = f"operation `{event.operation}` of event `{event.name}` has no action"
            raise PackError(message, "say what the policy calls it: action")
        if not set(event.given) | set(event.sets) <= set(bench.grid.children.attributes):
            continue
        wanted = min(MOST, -(-bench.population.children_count // ONE_IN))
        drawing = _Drawing(bench, event, _attended(bench, event, users), random)
        for child, into in drawing.candidates(wanted * _LOOKED_AT):
            if not wanted:
                break
            touched = touched_by(bench.population, bench.pack.load.ties, child, into)
            if taken.isdisjoint(touched):
                taken |= touched
                found.append(Befalling(event, child, into, touched))
                wanted -= 1
    return [found[place] for place in random.permutation(len(found))]


def tied(population: Population, child: int, by: Facet) -> frozenset[int]:
    """The other children who share a token of this facet with a child."""
    others: set[int] = set()
    for value in population.facet_values(child, by):
        for token in tokens_in(value.lower()):
            owned = population.minter.read(token)
            if owned is not None and owned[0] is not TokenKind.RECORD:
                others.update(population.token_children(*owned))
    return frozenset(others - {child})


def facts_of(grid: Grid, child: int) -> dict[str, Any]:
    """The facts of a child that the policy reads, as the grid has them now."""
    children = grid.children
    return dict(children.as_mapping(int(children.of[child])))


def touched_by(population: Population, ties: Iterable[Tie], child: int, into: int | None) -> frozenset[int]:
    """The child whom an event befalls, the one whose record it is merged into, and all who are tied to either."""
    both = {child} if into is None else {child, into}
    return frozenset(both.union(*(tied(population, each, tie.by) for tie in ties for each in both)))


def _attended(bench: Bench, event: Event, users: Sequence[int]) -> NDArray[np.bool_]:
    """Area -> whether enough of these users may carry the event out there."""
    grid, action = bench.grid, bench.pack.target.operation(event.operation).action
    of = np.asarray(users, dtype=np.int64)
    claims = Claims(approvals=int(event.approves is not None))
    given = _classes(grid, event.given)
    able = [
        user_class
        for user_class in np.unique(grid.users.of[of]).tolist()
        if action is not None
        and any(grid.decide_class(action, CHILD, claims, (user_class, each, IN_AREA)).allowed for each in given)
    ]
    there = grid.relations.has_area[of[np.isin(grid.users.of[of], able)]].sum(axis=0)
    attended: NDArray[np.bool_] = there >= (1 if event.approves is None or event.moves else 2)
    return attended


def _classes(grid: Grid, given: Mapping[str, Any]) -> list[int]:
    """Classes of children with some facts."""
    return [number for number in range(len(grid.children)) if given.items() <= grid.children.as_mapping(number).items()]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws children for one kind of event."""

    bench: Bench
    event: Event
    attended: NDArray[np.bool_]
    """Area -> whether there is anybody to carry it out."""
    random: np.random.Generator

    def candidates(self, many: int) -> Iterator[tuple[int, int | None]]:
        """Children whom it may befall; of a merge, pairs of one area, as unlike in the united facts as they come."""
        event, grid = self.event, self.bench.grid
        if not event.merges:
            yield from ((child, None) for child in self._given(event.given, many))
            return
        unlike = [{**event.given, name: True} for name in event.unites if name in grid.children.attributes]
        partners: dict[int, list[int]] = {}
        for child in self._given(event.given, many * _LOOKED_AT):
            partners.setdefault(int(grid.relations.area_of[child]), []).append(child)
        some = [self._given(given, many) for given in unlike] or [self._given(event.given, many)]
        some = [each[: -(-len(each) // 2)] for each in some]  # the others are left to other events
        for child in self.random.permutation(np.concatenate(some)).tolist():
            for other in partners.get(int(grid.relations.area_of[child]), ())[:_LOOKED_AT]:
                either = self.random.random() < 0.5  # noqa: PLR2004 - as likely as not
                ends, stays = (child, other) if either else (other, child)
                if ends != stays and self._fits(ends, stays):
                    yield ends, stays
                    break

    def _given(self, given: Mapping[str, Any], many: int) -> list[int]:
        """Children with some facts in areas that are attended, in an order given by the seed."""
        grid = self.bench.grid
        areas = grid.relations.area_of
        found = np.flatnonzero(np.isin(grid.children.of, _classes(grid, given)) & self.attended[areas] & (areas >= 0))
        return [int(child) for child in self.random.choice(found, min(many, len(found)), replace=False)]

    def _fits(self, ends: int, stays: int) -> bool:
        """What the one that ends has a value of, the other has too: nothing is missing that is gone on purpose."""
        values, renewed = self.bench.judge.reader.value_facets, mask_of(tuple(self.event.renews))
        return not values(ends) & ~values(stays) & ~renewed
