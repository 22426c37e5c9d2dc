"""Closure: the shortest sequences of permitted steps by which a role comes to read what it cannot read directly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet, Rung, facets_of, mask_of
from overreach.pack.steps import Approval, Step
from overreach.policy.columns import Bools
from overreach.policy.facts import Classes
from overreach.policy.grid import Grid
from overreach.policy.oracle import ROLE
from overreach.reach.outcomes import Ints
from overreach.reach.states import Masks, States, Variant
from overreach.reach.witness import MINE, Finder, People, Start

Key = tuple[str, str, Facet]


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of a sequence."""

    name: str
    action: Action
    operation: str | None
    """Name of the target's operation, where there is one."""
    user: int
    """Row number of whoever takes it."""
    approved_by: int | None
    """Row number of whoever approves it, where somebody has to."""
    claims: Claims
    to: Mapping[str, object]
    """What becomes of the facts of the reader and of the child that it changes."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The shortest way for a role to facets of a record class that it cannot read directly."""

    role: str
    record_class: str
    facets: tuple[Facet, ...]
    """The facets that this sequence opens."""
    accomplice: str | None
    """Role of the second person; None where nobody else is needed."""
    steps: tuple[Taken, ...]
    rung: Rung | None
    """Rung at which the facets are read in the end; None where the last step hands them over."""
    claims: Claims | None
    user: int
    """Row number of a user of the role for whom it works; likewise `child` and `other`."""
    child: int
    other: int | None
    pairs: int | None
    """Pairs of role and class to which some sequence opens the first of these facets alone; None with an accomplice."""


def closure(grid: Grid, steps: Sequence[Step], raising: Mapping[Rung, Action]) -> tuple[Chain, ...]:
    """The shortest chains, by role and record class, to facets that the people concerned cannot read directly.

    One with an accomplice is there only where none works alone, and where no member of the role reads the facet
    directly of any child of the class: otherwise every account that is put in order would be one.
    `raising` names the action that leads to a rung. What an accomplice reads and tells is left out: it needs no step.
    PolicyError where a step changes a fact that the population does not have.
    """
    search = _Search(grid, steps, raising)
    search.look(None)
    for helper in search.states.helpers(len(grid.users)):
        search.look(int(helper))
    order = {name: place for place, name in enumerate(grid.policy.classes)}
    return tuple(sorted(search.chains(), key=lambda chain: (chain.role, order[chain.record_class], len(chain.steps))))


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A chain in terms of classes, and people for whom it works."""

    start: Start
    people: People
    path: tuple[Variant, ...]
    rung: Rung | None
    """Rung and claims with which is read in the end; None where the last step hands over."""
    claims: Claims | None
    opened: int
    """Mask of the facets read or handed over."""


@dataclass(frozen=True, slots=True)
class _Front:
    """What one step more opens."""

    new: Masks
    """State -> facets that need as many steps as there are levels, and no fewer."""
    levels: Sequence[Masks]
    """State -> facets that can be read within 0, 1 ... steps."""
    ways: Sequence[tuple[Variant, Bools]]
    """Every way of taking a step, and where it is permitted."""
    helper: int | None
    """Class of the accomplice."""


class _Search:
    """What has been found so far."""

    def __init__(self, grid: Grid, steps: Sequence[Step], raising: Mapping[Rung, Action]) -> None:
        self.states = States(grid, steps, raising)
        self._grid = grid
        self._pairs = _pairs(grid)
        """(has an area or not, user class, child class, relation) -> pairs."""
        self._occur: Bools = np.logical_or.reduce(self._pairs > 0, axis=0)
        self._finder = Finder(grid)
        self._size = (len(grid.users), len(grid.children))
        self._best: dict[Key, _Found] = {}
        self._known: dict[bytes | None, tuple[Sequence[tuple[Variant, Bools]], Sequence[Masks]]] = {}
        self._direct = {
            (role, name): int(np.bitwise_or.reduce(np.where(holds[classes], self._open()[classes], 0), axis=None))
            for role, classes in self._grid.roles.items()
            for name, holds in zip(grid.policy.classes, grid.class_members(), strict=True)
        }
        """(role, record class) -> facets that some member reads directly of some child of the class."""
        self._alone: Masks = self.states.direct
        """Facets read alone in the end; the overlap stands for whether the user has any area."""

    def _open(self) -> Masks:
        """(user class, child class, relation) -> facets read directly where there is such a pair."""
        users, children = self._size
        return np.where(self._occur, self.states.direct[:users, :children], 0)

    def look(self, helper: int | None) -> None:
        """Look for chains with the help of a class of users, or without any."""
        ways, levels = self._levels(helper)
        users, children = self._size
        inner = [level[:users, :children] for level in levels]
        before = inner[0] if helper is None else inner[0] | self._in_overlaps()
        cells = self._occurring(helper)
        for length in range(1, len(levels)):
            new = np.where(cells, inner[length] & ~inner[length - 1] & ~before, 0)
            if new.any():
                self._book(_Front(new, levels[:length], ways, helper))
        if helper is None:
            self._alone = inner[-1]

    def _levels(self, helper: int | None) -> tuple[Sequence[tuple[Variant, Bools]], Sequence[Masks]]:
        """The ways of taking a step, and what can be read within 0, 1 ... of them; the same for helpers alike."""
        key = None if helper is None else self.states.key(helper)
        if key not in self._known:
            variants = self.states.variants(alone=helper is None)
            ways = [(variant, self.states.permitted(variant, helper)) for variant in variants]
            self._known[key] = ways, self.states.levels(ways, helper)
        return self._known[key]

    def chains(self) -> Iterator[Chain]:
        """What was found, facets of one sequence together."""
        groups: dict[tuple[str, str, _Found, int | None], list[Facet]] = {}
        for (role, record_class, facet), found in self._best.items():
            pairs = self._alone_pairs(role, record_class, facet) if found.people.other is None else None
            groups.setdefault((role, record_class, found, pairs), []).append(facet)
        for (role, record_class, found, pairs), facets in groups.items():
            yield self._chain(role, record_class, facets, found, pairs)

    def _book(self, front: _Front) -> None:
        """Note a chain for every role, record class and facet that has no shorter one, and none alone."""
        for role, classes in self._grid.roles.items():
            if not front.new[classes].any():
                continue
            for name, holds in zip(self._grid.policy.classes, self._grid.class_members(), strict=True):
                wanted = front.new[classes] & self._wanted(role, name, front)
                here = np.where(holds[classes][..., None, None], wanted, 0)
                for facet in facets_of(int(np.bitwise_or.reduce(here, axis=None))):
                    if self._worth((role, name, facet), len(front.levels)):
                        places = np.argwhere(here & facet.bit).tolist()
                        starts = (_start(int(classes[user]), rest, front.helper) for user, *rest in places)
                        self._first((role, name, facet), starts, front)

    def _first(self, key: Key, starts: Iterator[Start], front: _Front) -> None:
        """The first of some starts that people stand at, with everything that its chain opens."""
        role, record_class, facet = key
        for start in starts:
            people = self._finder.find(start)
            if people is not None:
                found = self._found(start, people, facet, front)
                new = found.opened & ~int(front.levels[-1][_state(start)]) & self._wanted(role, record_class, front)
                for each in facets_of(new):
                    if self._worth((role, record_class, each), len(front.levels)):
                        self._best[role, record_class, each] = found
                return

    def _wanted(self, role: str, record_class: str, front: _Front) -> int:
        """Mask of the facets worth a chain: with an accomplice only those that no member of the role reads anyway."""
        return -1 if front.helper is None else ~self._direct[role, record_class]

    def _worth(self, key: Key, length: int) -> bool:
        """Whether a chain of that length is better than what is known."""
        known = self._best.get(key)
        return known is None or (known.people.other is not None and len(known.path) > length)

    def _found(self, start: Start, people: People, facet: Facet, front: _Front) -> _Found:
        """Walk from a start to where the facet is read; each step leads to where one step fewer is needed."""
        state = _state(start)
        path: list[Variant] = []
        for level in reversed(front.levels):
            variant, state = next(self._next(state, facet, level, front))
            path.append(variant)
            if not variant.by_accomplice and facet in variant.step.gives:
                return _Found(start, people, tuple(path), None, None, mask_of(variant.step.gives))
        rung, claims, opened = self.states.reading(state[:3], facet)
        return _Found(start, people, tuple(path), rung, claims, opened)

    @staticmethod
    def _next(
        state: tuple[int, ...], facet: Facet, level: Masks, front: _Front
    ) -> Iterator[tuple[Variant, tuple[int, ...]]]:
        for variant, holds in front.ways:
            if np.broadcast_to(holds, level.shape)[state]:
                following = variant.move(state)
                gives = 0 if variant.by_accomplice else mask_of(variant.step.gives)
                if (gives | int(level[following])) & facet.bit:
                    yield variant, following

    def _occurring(self, helper: int | None) -> Bools:
        """The states of the population in which a sequence can begin; some of them may still lack people."""
        counts = self._occur
        users = self._size[0]
        overlaps = np.array([self._finder.overlaps(each, helper) for each in range(users)])
        found: Bools = counts[:, :, :, None, None] & overlaps[:, None, None, None, :]
        if helper is not None:
            found = found & counts[helper][None, :, None, :, None]
        return found

    def _in_overlaps(self) -> Masks:
        """What is read alone, for the overlaps of two: whoever has an area in common or alone has one."""
        numbers = np.arange(self._alone.shape[-1])
        found: Masks = self._alone[..., np.where(numbers & ~1, MINE, 0)]
        return found

    def _alone_pairs(self, role: str, record_class: str, facet: Facet) -> int:
        members = self._grid.class_members()[list(self._grid.policy.classes).index(record_class)]
        users, children = self._size
        classes = self._grid.roles[role]
        total = 0
        for overlap, counts in ((0, self._pairs[0]), (MINE, self._pairs[1])):
            gained = self._alone[:, :, :, 0, overlap] & ~self.states.direct[:users, :children] & facet.bit
            total += int(counts[classes][(members & (gained > 0))[classes]].sum())
        return total

    def _chain(self, role: str, record_class: str, facets: Sequence[Facet], found: _Found, pairs: int | None) -> Chain:
        state = _state(found.start)
        steps = []
        for variant in found.path:
            steps.append(self._taken(variant, state, found))
            state = variant.move(state)
        helper = found.start.other_class
        accomplice = None if helper is None else str(self._grid.users.as_mapping(helper)[ROLE])
        people = found.people
        ends = (found.rung, found.claims, people.user, people.child, people.other, pairs)
        return Chain(role, record_class, tuple(facets), accomplice, tuple(steps), *ends)

    def _taken(self, variant: Variant, state: tuple[int, ...], found: _Found) -> Taken:
        step, people = variant.step, found.people
        user, child, mine, theirs, _ = state
        other = found.start.other_class
        place, takes, helps = (user, child, mine), people.user, people.other
        if variant.by_accomplice and other is not None and people.other is not None:
            place, takes, helps = (other, child, theirs), people.other, people.user
        approved = step.approval is not Approval.NONE
        before = self.states.users.as_mapping(user)
        after = self.states.users.as_mapping(int(variant.users[user]))
        changed = {name: value for name, value in after.items() if before[name] != value} | dict(step.child)
        claims = self.states.claims_of(step.action, int(approved), place)
        return Taken(step.name, step.action, step.operation, takes, helps if approved else None, claims, changed)


def _start(user_class: int, rest: Sequence[int], helper: int | None) -> Start:
    child_class, relation, other_relation, overlap = rest
    return Start(user_class, child_class, relation, helper, other_relation, overlap)


def _state(start: Start) -> tuple[int, ...]:
    return start.user_class, start.child_class, start.relation, start.other_relation, start.overlap


def _pairs(grid: Grid) -> Ints:
    """(whether the user has any area, user class, child class, relation) -> pairs."""
    of = grid.relations.has_area.any(axis=1) * np.int32(len(grid.users)) + grid.users.of
    split = Classes(grid.users.attributes, of, grid.users.facts * 2)
    found: Ints = grid.relations.pair_counts(split, grid.children)
    return found.reshape(2, len(grid.users), len(grid.children), -1)
