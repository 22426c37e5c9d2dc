"""Reach: how many pairs of a user and a child, by role x record class x facet x rung, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from overreach.model.errors import UnknownNameError
from overreach.model.review import Exposure
from overreach.model.terms import Facet, Rung
from overreach.policy.columns import RELATIONS
from overreach.policy.facts import People
from overreach.policy.grid import Grid
from overreach.policy.oracle import ROLE
from overreach.reach.tally import Bools, Ints, Tally

SHIELDED = "shielded"


@dataclass(frozen=True, slots=True)
class ReachEntry:
    """One entry of the matrix, from the policy alone."""

    role: str
    record_class: str
    facet: Facet
    rung: Rung
    pairs: int
    """Pairs first permitted at this rung."""
    users: int
    """Distinct users in those pairs."""
    children: int
    """Distinct children in those pairs."""
    one_member: int
    """Most children that one member of the role can reach at this rung or below."""


class Reach:
    """The counts over one population. Make it with `reach`."""

    def __init__(
        self,
        grid: Grid,
        tally: Tally,
        entries: Sequence[ReachEntry],
        totals: dict[tuple[str, str], int],
    ) -> None:
        self.entries = tuple(entries)
        """By role, record class, facet, rung; zeros included wherever role and class have a pair at all."""
        self._grid = grid
        self._tally = tally
        self._totals = totals
        self._by_key = {(e.role, e.record_class, e.facet, e.rung): e for e in self.entries}

    def entry(self, role: str, record_class: str, facet: Facet, rung: Rung) -> ReachEntry:
        """One entry; UnknownNameError where the population has no pair of that role and class."""
        key = (role, record_class, facet, rung)
        if key not in self._by_key:
            known = [" ".join(name) for name in self._totals]
            raise UnknownNameError("entry", f"{role} {record_class} {facet} {rung}", known)
        return self._by_key[key]

    def pairs(self, role: str, record_class: str) -> int:
        """All pairs of a user of the role and a child, that are of the record class."""
        return self._totals.get((role, record_class), 0)

    def denied_pairs(self, role: str, record_class: str, facet: Facet, rung: Rung) -> int:
        """Pairs of the role and class that may not read the facet at this rung or below."""
        permitted = sum(
            self._by_key[role, record_class, facet, lower].pairs
            for lower in rungs_of(self._grid)
            if lower.height <= rung.height and (role, record_class, facet, lower) in self._by_key
        )
        return self.pairs(role, record_class) - permitted

    def exposure(self, facet: Facet, rung: Rung = Rung.OUTSIDE) -> Ints:
        """Child -> distinct users who could open the facet at this rung or below (any rung if not given)."""
        allowed = np.zeros(_shape(self._grid), dtype=np.bool_)
        for context in self._grid.rungs:
            if context.rung.height <= rung.height:
                allowed |= (self._grid.masks(context.claims) & facet.bit) > 0
        return self._tally.per_child(allowed)

    def exposures(self, facets: Iterable[Facet]) -> tuple[Exposure, ...]:
        """Exposure at any rung, over all children and over the shielded ones."""
        children = self._grid.children
        groups = {"all": np.ones(len(children.of), dtype=np.bool_)}
        if SHIELDED in children.attributes:
            place = children.attributes.index(SHIELDED)
            groups[SHIELDED] = np.array([bool(facts[place]) for facts in children.facts])[children.of]
        found = []
        for facet in facets:
            counts = self.exposure(facet)
            for group, chosen in groups.items():
                users, many = np.unique(counts[chosen], return_counts=True)
                found.append(Exposure(facet, group, tuple(zip(users.tolist(), many.tolist(), strict=True))))
        return tuple(found)


def reach(grid: Grid, population: People) -> Reach:
    """Count the grid's population; ValueError where the grid was built over another one."""
    if grid.people is not population:
        message = "the grid was built over another population"
        raise ValueError(message)
    tally = Tally(grid)
    classes = tuple(grid.policy.classes)
    rungs = rungs_of(grid)
    booked = _booked(grid, rungs)
    of_class = grid.class_members()
    sizes = (of_class * grid.relations.pair_counts(grid.users, grid.children)).sum(axis=(2, 3))
    entries: list[ReachEntry] = []
    totals: dict[tuple[str, str], int] = {}
    for role, user_classes in _roles(grid).items():
        of_role = sizes[:, user_classes].sum(axis=1)
        totals |= {(role, name): int(n) for name, n in zip(classes, of_role, strict=True) if n}
        counted = of_class[:, None, None, user_classes] & booked[None, :, :, user_classes]
        found = _entries(grid, tally, role, user_classes, counted)
        entries += [entry for entry in found if (role, entry.record_class) in totals]
    return Reach(grid, tally, entries, totals)


def rungs_of(grid: Grid) -> tuple[Rung, ...]:
    """The rungs of the grid, ascending."""
    return tuple(sorted({context.rung for context in grid.rungs}, key=lambda rung: rung.height))


def _entries(grid: Grid, tally: Tally, role: str, user_classes: Ints, counted: Bools) -> Iterable[ReachEntry]:
    """The entries of one role; `counted` is (class, facet, rung, user class, child class, relation)."""
    shape = counted.shape[:3]
    classes, rungs = tuple(grid.policy.classes), rungs_of(grid)
    flat = counted.reshape(int(np.prod(shape)), *counted.shape[3:])
    asked = np.nonzero(flat.any(axis=(1, 2, 3)))[0]  # most roles never reach most facets
    totals = tally.count(user_classes, flat[asked])
    pairs, users, children = (np.zeros(len(flat), dtype=np.int64) for _ in range(3))
    pairs[asked], users[asked], children[asked] = totals.pairs, totals.users, totals.children
    members = np.zeros((len(totals.members), len(flat)))
    members[:, asked] = totals.members
    most = members.reshape(len(members), *shape).cumsum(axis=3).max(axis=0, initial=0).astype(np.int64).ravel()
    for number, (record_class, facet, rung) in enumerate(np.ndindex(*shape)):
        yield ReachEntry(
            role,
            classes[record_class],
            tuple(Facet)[facet],
            rungs[rung],
            pairs=int(pairs[number]),
            users=int(users[number]),
            children=int(children[number]),
            one_member=int(most[number]),
        )


def _booked(grid: Grid, rungs: Sequence[Rung]) -> Bools:
    """(facet, rung, user class, child class, relation) -> whether this is the first rung that permits it."""
    booked = np.zeros((len(Facet), len(rungs), *_shape(grid)), dtype=np.bool_)
    before = np.zeros(_shape(grid), dtype=np.int32)
    for place, rung in enumerate(rungs):
        here = before.copy()
        for context in grid.rungs:
            if context.rung is rung:
                here |= grid.masks(context.claims)
        for number, facet in enumerate(Facet):
            booked[number, place] = ((here & ~before) & facet.bit) > 0
        before = here
    return booked


def _roles(grid: Grid) -> dict[str, Ints]:
    """Role -> its user classes, in the order of the roles' names."""
    place = grid.users.attributes.index(ROLE)
    roles = [str(facts[place]) for facts in grid.users.facts]
    return {
        role: np.array([number for number, name in enumerate(roles) if name == role], dtype=np.int64)
        for role in sorted(set(roles))
    }


def _shape(grid: Grid) -> tuple[int, int, int]:
    return len(grid.users), len(grid.children), len(RELATIONS)
