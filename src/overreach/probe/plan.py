"""Which pairs the sweep asks about: every cell first, then chance, until each matrix entry has its probes.

A cell is what the policy cannot tell apart: user class, child class and the relations between the two. Every
cell that an active member of a role is part of is asked `PER_CELL` times where it has that many pairs; beyond
that, pairs are drawn evenly within each record class until the denied pairs asked reach the number that the
bound needs (docs/explanation/verdicts.md).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import LOCATING, Action, mask_of
from overreach.pack.config import SweepConfig
from overreach.policy.cells import cells_of_users, children_in, in_class
from overreach.policy.grid import Grid
from overreach.population.store import Population

PER_CELL = 3
LOCATING_MASK = mask_of(LOCATING)
#: Record classes whose locating entries need the full number of probes.
GUARDED = ("shielded", "out_of_area")

Ints = NDArray[np.int64]
Pairs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class RolePlan:
    """The pairs to ask for one role."""

    role: str
    members: tuple[int, ...]
    """Users who sign in, by row number."""
    pairs: tuple[tuple[int, int], ...]
    """(user, child), each once, in the order of asking."""
    full: frozenset[tuple[int, int]]
    """Pairs to be asked with every claim; the others once a rung, and only where something locating is denied."""


class Planner:
    """Draws members and pairs for each role from one seed."""

    def __init__(self, population: Population, grid: Grid, config: SweepConfig, seed: int) -> None:
        self._grid = grid
        self._config = config
        self._random = np.random.default_rng([seed, 0x5EEB])
        self._shielded = children_in(grid, "shielded")
        self._everybody = np.arange(population.children_count, dtype=np.int64)
        self._active: dict[str, list[int]] = defaultdict(list)
        for user in range(population.users_count):
            role = str(population.user_fields(user)["role"])
            if grid.allows(user, None, Action.SIGN_IN, Claims()):
                self._active[role].append(user)
            else:
                self._active.setdefault(role, [])

    @property
    def roles(self) -> list[str]:
        """Every role of the population, in alphabetical order."""
        return sorted(self._active)

    def role(self, role: str) -> RolePlan:
        """The plan of one role."""
        active = np.array(self._active[role], dtype=np.int64)
        if not len(active):
            return RolePlan(role, (), (), frozenset())
        cells = cells_of_users(self._grid, active)
        chosen = self._chosen(active)
        covering = self._cover(active, chosen, cells)
        members = np.array(sorted({*active[chosen].tolist(), *(user for user, _ in covering)}), dtype=np.int64)
        shielded = self._draw(members, self._shielded)
        anyone = self._draw(members, self._everybody)
        rest = self._fill(members, [*covering, *shielded, *anyone])
        pairs = dict.fromkeys([*covering, *shielded, *anyone, *rest])
        some = self._config.other_probes
        full = frozenset([*covering, *rest, *shielded[:some], *anyone[:some]])
        return RolePlan(role, tuple(members.tolist()), tuple(pairs), full)

    def _chosen(self, active: Ints) -> Ints:
        """Places of the members who sign in: half of them with a shielded child near, whose cells are the rarest."""
        order = self._random.permutation(len(active))
        near = np.zeros(len(active), dtype=np.bool_)
        if len(self._shielded):
            near = (self._grid.relations.numbers(active[:, None], self._shielded[None, :]) > 0).any(axis=1)
        first = order[near[order]][: self._config.members // 2]
        return np.array(list(dict.fromkeys([*first, *order]))[: self._config.members], dtype=np.int64)

    def _cover(self, active: Ints, chosen: Ints, cells: Ints) -> Pairs:
        """A few pairs of every cell, of the chosen members where they have it."""
        others = np.setdiff1d(np.arange(len(active)), chosen)
        children = cells.shape[1]
        size = int(cells.max()) + 1
        pairs: Pairs = []
        for _ in range(PER_CELL):
            # The last one written stands: members come after the others, in a new random order each time.
            last = np.full(size, -1, dtype=np.int64)
            for rows in (others, chosen):
                places = (
                    self._random.permutation(rows)[:, None] * children + self._random.permutation(children)[None, :]
                )
                last[cells.ravel()[places.ravel()]] = places.ravel()
            pairs += [(int(active[place // children]), int(place % children)) for place in last[last >= 0]]
        return list(dict.fromkeys(pairs))

    def _draw(self, members: Ints, children: Ints) -> Pairs:
        """As many different pairs as a guarded entry needs, evenly; all of them where there are fewer."""
        size = len(members) * len(children)
        if size == 0:
            return []
        places = self._random.choice(size, min(self._config.locating_probes, size), replace=False)
        return [(int(members[place // len(children)]), int(children[place % len(children)])) for place in places]

    def _fill(self, members: Ints, chosen: Pairs) -> Pairs:
        """Further pairs for record classes that have too few."""
        have: dict[str, int] = defaultdict(int)
        for user, child in dict.fromkeys(chosen):
            for record_class in self._grid.classes_of(user, child):
                have[record_class] += 1
        more: Pairs = []
        for record_class in self._grid.policy.classes:
            guarded = record_class in GUARDED
            wanted = self._config.locating_probes if guarded else self._config.other_probes
            if have[record_class] < wanted:
                pool = [
                    (int(user), int(child))
                    for user in members
                    for child in np.flatnonzero(in_class(self._grid, int(user), record_class))
                ]
                places = self._random.permutation(len(pool))[: wanted - have[record_class]]
                more += [pool[place] for place in places]
        return more


def locating_denied(grid: Grid, user: int, child: int, context: RungContext) -> bool:
    """Whether something locating is denied to a pair at a context."""
    return grid.facets(user, child, context.claims) & LOCATING_MASK != LOCATING_MASK
