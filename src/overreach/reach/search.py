"""The search for sequences of steps: from every state that occurs, as few of them as lead to a facet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet, Rung, facets_of
from overreach.pack.steps import Step
from overreach.policy.columns import Bools
from overreach.policy.facts import Classes
from overreach.policy.grid import Grid
from overreach.reach.outcomes import Ints
from overreach.reach.states import Masks, States
from overreach.reach.variants import Variant
from overreach.reach.witness import MINE, Finder, People, Start

Key = tuple[str, str, Facet]
Ways = Sequence[tuple[Variant, Bools]]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
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
class Front:
    """What one step more opens."""

    new: Masks
    """State -> facets that need as many steps as there are levels, and no fewer."""
    levels: Sequence[Masks]
    """State -> facets that can be read within 0, 1 ... steps."""
    ways: Ways
    """Every way of taking a step, and where it is permitted."""
    helper: int | None
    """Class of the accomplice."""

    def path(self, state: tuple[int, ...], facet: Facet) -> tuple[tuple[Variant, ...], tuple[int, ...]]:
        """The steps from a state to where the facet is read or handed over, and the state before that last reading.

        Each step leads to where one step fewer is needed.
        """
        path: list[Variant] = []
        for level in reversed(self.levels):
            variant, state = next(self._next(state, facet, level))
            path.append(variant)
            if facet.bit & variant.given:
                break
        return tuple(path), state

    def _next(self, state: tuple[int, ...], facet: Facet, level: Masks) -> Iterator[tuple[Variant, tuple[int, ...]]]:
        for variant, holds in self.ways:
            if np.broadcast_to(holds, level.shape)[state]:
                following = variant.move(state)
                if (variant.given | int(level[following])) & facet.bit:
                    yield variant, following


class Search:
    """What has been found so far."""

    def __init__(self, grid: Grid, steps: Sequence[Step], raising: Mapping[Rung, Action]) -> None:
        self.states = States(grid, steps, raising)
        self._grid = grid
        self._pairs = _pairs(grid)
        """(has an area or not, user class, child class, relation) -> pairs."""
        self._occur: Bools = np.logical_or.reduce(self._pairs > 0, axis=0)
        self._finder = Finder(grid)
        self._size = (len(grid.users), len(grid.children))
        self.best: dict[Key, Found] = {}
        """(role, record class, facet) -> the shortest chain; one without an accomplice where there is any."""
        self._known: dict[bytes | None, tuple[Ways, Sequence[Masks]]] = {}
        self._direct = dict(self._read_directly())
        """(role, record class) -> facets that some member reads directly of some child of the class."""
        self._alone: Masks = self.states.direct
        """Facets read alone in the end; the overlap stands for whether the user has any area."""

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
                self._book(Front(new, levels[:length], ways, helper))
        if helper is None:
            self._alone = inner[-1]

    def alone_pairs(self, role: str, record_class: str, facet: Facet) -> int:
        """Pairs of role and class in which the user comes to read the facet alone, and not directly."""
        members = self._grid.class_members()[list(self._grid.policy.classes).index(record_class)]
        users, children = self._size
        classes = self._grid.roles[role]
        total = 0
        for overlap, counts in ((0, self._pairs[0]), (MINE, self._pairs[1])):
            gained = self._alone[:, :, :, 0, overlap] & ~self.states.direct[:users, :children] & facet.bit
            total += int(counts[classes][(members & (gained > 0))[classes]].sum())
        return total

    def _read_directly(self) -> Iterator[tuple[tuple[str, str], int]]:
        users, children = self._size
        opened = np.where(self._occur, self.states.direct[:users, :children], 0)
        for role, classes in self._grid.roles.items():
            for name, holds in zip(self._grid.policy.classes, self._grid.class_members(), strict=True):
                yield (role, name), int(np.bitwise_or.reduce(np.where(holds[classes], opened[classes], 0), axis=None))

    def _levels(self, helper: int | None) -> tuple[Ways, Sequence[Masks]]:
        """The ways of taking a step, and what can be read within 0, 1 ... of them; the same for helpers alike."""
        key = None if helper is None else self.states.key(helper)
        if key not in self._known:
            variants = self.states.variants(alone=helper is None)
            ways = [(variant, self.states.permitted(variant, helper)) for variant in variants]
            self._known[key] = ways, self.states.levels(ways, helper)
        return self._known[key]

    def _book(self, front: Front) -> None:
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

    def _first(self, key: Key, starts: Iterator[Start], front: Front) -> None:
        """The first of some starts that people stand at, with everything that its chain opens."""
        role, record_class, facet = key
        for start in starts:
            people = self._finder.find(start)
            if people is not None:
                found = self._found(start, people, facet, front)
                new = found.opened & ~int(front.levels[-1][start.state]) & self._wanted(role, record_class, front)
                for each in facets_of(new):
                    if self._worth((role, record_class, each), len(front.levels)):
                        self.best[role, record_class, each] = found
                return

    def _wanted(self, role: str, record_class: str, front: Front) -> int:
        """Mask of the facets worth a chain: with an accomplice only those that no member of the role reads anyway."""
        return -1 if front.helper is None else ~self._direct[role, record_class]

    def _worth(self, key: Key, length: int) -> bool:
        """Whether a chain of that length is better than what is known."""
        known = self.best.get(key)
        return known is None or (known.people.other is not None and len(known.path) > length)

    def _found(self, start: Start, people: People, facet: Facet, front: Front) -> Found:
        path, state = front.path(start.state, facet)
        if facet.bit & path[-1].given:
            return Found(start, people, path, None, None, path[-1].given)
        return Found(start, people, path, *self.states.reading(state[:3], facet))

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


def _start(user_class: int, rest: Sequence[int], helper: int | None) -> Start:
    child_class, relation, other_relation, overlap = rest
    return Start(user_class, child_class, relation, helper, other_relation, overlap)


def _pairs(grid: Grid) -> Ints:
    """(whether the user has any area, user class, child class, relation) -> pairs."""
    of = grid.relations.has_area.any(axis=1) * np.int32(len(grid.users)) + grid.users.of
    split = Classes(grid.users.attributes, of, grid.users.facts * 2, grid.users.entities)
    found: Ints = grid.relations.pair_counts(split, grid.children)
    return found.reshape(2, len(grid.users), len(grid.children), -1)
