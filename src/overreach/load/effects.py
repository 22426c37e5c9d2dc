"""What an event changes: facts of children, the area responsible, who is involved, whose a record number is.

An effect is worked out from the facts of the start and can be put on and taken off. No child is touched by two events
of a load (`load.befalling`), so effects never meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from overreach.load.befalling import facts_of, tied, touched_by
from overreach.load.changes import Change
from overreach.model.canary import Minter, TokenKind
from overreach.model.population import Shape
from overreach.model.terms import Facet, mask_of
from overreach.pack.events import Event, Tie
from overreach.policy.grid import Grid
from overreach.population.store import Population
from overreach.probe.disclosure import Reader
from overreach.probe.owners import People

Facts = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Effect:
    """One change as a difference to the facts of the start."""

    change: Change
    facts: Facts = field(default_factory=dict)
    """Child -> facts that are others afterwards."""
    before: Facts = field(default_factory=dict)
    """The same as they were."""
    areas: tuple[int, int] | None = None
    """Of a move: the responsible area before and after."""
    involved: frozenset[int] | None = None
    """Who is involved afterwards with the child of a move, or with the one whose record stays."""
    left: frozenset[int] = frozenset()
    """Users whose session loses what it was told of the child's record before."""
    touched: frozenset[int] = frozenset()
    renewed: int = 0
    """Mask of the facets of the record that stays whose value is another one afterwards."""
    known: bool = True
    """Whether it can be said at all what changes."""

    @property
    def child(self) -> int:
        """The child of the record that has changed and stays."""
        return self.change.child if self.change.into is None else self.change.into

    @property
    def merged(self) -> tuple[int, int] | None:
        """The child whose record ended, and the one whose record stays."""
        return None if self.change.into is None else (self.change.child, self.change.into)


@dataclass(frozen=True, slots=True)
class Effects:
    """Works effects out, and puts them on a grid that is nobody else's."""

    grid: Grid
    population: Population
    ties: Sequence[Tie]

    def of(self, event: Event, change: Change) -> Effect:
        """The effect of a change; of a move of which nobody knows where to, that it is not known."""
        if event.moves and change.to is None:
            return Effect(change, touched=frozenset({change.child}), known=False)
        touched = touched_by(self.population, self.ties, change.child, change.into)
        after: dict[int, dict[str, Any]] = {change.child: dict(event.sets)}
        if change.into is not None:
            first, second = (facts_of(self.grid, each) for each in (change.child, change.into))
            after[change.into] = {name: first[name] or second[name] for name in event.unites if name in first}
        self._follow(after, change, touched)
        changed = {child: facts for child, facts in after.items() if facts}
        before = {child: {name: facts_of(self.grid, child)[name] for name in facts} for child, facts in changed.items()}
        effect = Effect(change, changed, before, touched=touched, renewed=mask_of(tuple(event.renews)))
        return self._moved(effect) if event.moves else replace(effect, involved=self._taken_over(change))

    def put_on(self, effect: Effect) -> None:
        """Let the facts be those after a change."""
        self._set(effect.facts)
        if effect.areas is not None:
            self.grid.relations.area_of[effect.child] = effect.areas[1]
        if effect.involved is not None:
            self.grid.relations.involve(effect.child, effect.involved)

    def take_off(self, effect: Effect) -> None:
        """Let the facts be those before it again."""
        self._set(effect.before)
        if effect.areas is not None:
            self.grid.relations.area_of[effect.child] = effect.areas[0]
        self.grid.relations.involve(effect.child, None)

    def _set(self, facts: Facts) -> None:
        for child, values in facts.items():
            self.grid.set_child(child, **values)

    def _follow(self, after: dict[int, dict[str, Any]], change: Change, touched: Iterable[int]) -> None:
        """Facts that follow from those of tied children: true while any of these has what it follows from."""
        for tie in self.ties:
            if tie.fact not in self.grid.children.attributes:
                continue
            for child in {*touched} - {change.into}:
                others = tied(self.population, child, tie.by)
                if change.child in others and change.into is not None:
                    others |= {change.into}  # has the carers of both now
                now = any({**facts_of(self.grid, each), **after.get(each, {})}[tie.follows] for each in others)
                if now != facts_of(self.grid, child)[tie.fact]:
                    after.setdefault(child, {})[tie.fact] = now

    def _moved(self, effect: Effect) -> Effect:
        """The area of whoever accepted is responsible; who had only the old one has lost what came with it."""
        relations, child = self.grid.relations, effect.change.child
        old, new = int(relations.area_of[child]), int(np.flatnonzero(relations.has_area[effect.change.to])[0])
        left = frozenset(np.flatnonzero(relations.has_area[:, old] & ~relations.has_area[:, new]).tolist())
        involved = frozenset(relations.users_involved_with(child).tolist()) - left
        return replace(effect, areas=(old, new), involved=involved, left=left)

    def _taken_over(self, change: Change) -> frozenset[int] | None:
        """Who works with the one record goes on with the other, within its area."""
        if change.into is None:
            return None
        relations = self.grid.relations
        area = relations.area_of[change.into]
        follow = (user for user in relations.users_involved_with(change.child) if relations.has_area[user, area])
        return frozenset(map(int, follow)) | frozenset(relations.users_involved_with(change.into).tolist())


class RenewedReader(Reader):
    """Reads answers, and misses nothing whose value an event has renewed."""

    renewed: Mapping[int, int] = MappingProxyType({})
    """Child -> mask of the facets that now have another value than the population's."""

    def telling_facets(self, child: int, sent: str, among: int = ~0) -> int:
        """Mask of the facets, `among` these, of which the child has a value that shows something."""
        return super().telling_facets(child, sent, among & ~self.renewed.get(child, 0))


@dataclass(frozen=True)
class MergedPeople:
    """A population in which records of some children have ended: what was theirs belongs to those that stay."""

    population: People
    into: Mapping[int, int]
    """Child whose record ended -> the one whose record stays."""

    @property
    def minter(self) -> Minter:
        """Reads the tokens, which stay what they are."""
        return self.population.minter

    @property
    def shape(self) -> Shape:
        """Says which facet each kind of token proves."""
        return self.population.shape

    def token_children(self, kind: TokenKind, row: int) -> tuple[int, ...]:
        """The children a token belongs to now."""
        return tuple(sorted({self.into.get(child, child) for child in self.population.token_children(kind, row)}))

    def facet_values(self, child: int, facet: Facet) -> frozenset[str]:
        """The values of a record, with those of the records that ended in it."""
        both = (child, *self._ended.get(child, ()))
        return frozenset().union(*(self.population.facet_values(each, facet) for each in both))

    @cached_property
    def _ended(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for ended, stays in self.into.items():
            found.setdefault(stays, []).append(ended)
        return found
