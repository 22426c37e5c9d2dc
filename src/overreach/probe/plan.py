"""Which pairs the sweep asks about: every cell first, then chance, until each matrix entry has its probes.

A cell is what the policy cannot tell apart: user class, child class and the relations between the two. Every
cell that an active member of a role is part of is asked at least `PER_CELL` times where it has that many pairs; beyond
that, pairs are drawn evenly within each record class until the denied pairs asked reach the number that the
bound needs (docs/explanation/verdicts.md).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import LOCATING, Action, mask_of
from overreach.pack.config import SweepConfig
from overreach.policy.grid import Grid
from overreach.population.store import Population

PER_CELL = 3
LOCATING_MASK = mask_of(LOCATING)
#: Record classes whose locating entries need the full number of probes.
GUARDED = ("shielded", "out_of_area")

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
    """Pairs to be asked at every rung; the others only where something locating is denied."""


class Planner:
    """Draws members and pairs for each role from one seed."""

    def __init__(self, population: Population, grid: Grid, config: SweepConfig, seed: int) -> None:
        self._population = population
        self._grid = grid
        self._config = config
        self._random = np.random.default_rng([seed, 0x5EEB])
        self._shielded = grid.children_in("shielded")

    def active(self, role: str) -> npt.NDArray[np.int64]:
        """Row numbers of the members of a role who may sign in."""
        users = [
            user
            for user in range(self._population.users_count)
            if self._population.user_fields(user)["role"] == role
            and self._grid.allows(user, None, Action.SIGN_IN, Claims())
        ]
        return np.array(users, dtype=np.int64)

    def role(self, role: str) -> RolePlan:
        """The plan of one role."""
        members = self._members(self.active(role))
        covering = self._cover(members)
        wanted = self._config.locating_probes
        shielded = self._draw(members, self._shielded, wanted)
        anyone = self._draw(members, np.arange(self._population.children_count), wanted)
        rest = self._fill(members, [*covering, *shielded, *anyone])
        pairs = dict.fromkeys([*covering, *shielded, *anyone, *rest])
        return RolePlan(role, tuple(int(user) for user in members), tuple(pairs), frozenset([*covering, *rest]))

    def _members(self, active: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Up to the configured number; first those with a shielded child in their area, whose cells are the rarest."""
        order = self._random.permutation(active)
        near = [user for user in order if any(self._grid.relation(int(user), int(c))[0] for c in self._shielded)]
        chosen = list(dict.fromkeys([*near[: self._config.members // 2], *order]))[: self._config.members]
        return np.array(sorted(chosen), dtype=np.int64)

    def _cover(self, members: npt.NDArray[np.int64]) -> Pairs:
        """A few pairs of every cell that the members are part of."""
        chosen: Pairs = []
        for user in members[:PER_CELL]:
            chosen += self._cells_of(int(user), PER_CELL)
        for user in members[PER_CELL:]:
            chosen += self._cells_of(int(user), 1)
        return chosen

    def _cells_of(self, user: int, each: int) -> Pairs:
        cells = self._grid.cells_of_user(user)
        order = self._random.permutation(len(cells))
        seen: dict[int, int] = defaultdict(int)
        chosen: Pairs = []
        for child in order:
            cell = int(cells[child])
            if seen[cell] < each:
                seen[cell] += 1
                chosen.append((user, int(child)))
        return chosen

    def _draw(self, members: npt.NDArray[np.int64], children: npt.NDArray[np.int64], wanted: int) -> Pairs:
        """`wanted` different pairs, evenly; all of them where there are fewer."""
        size = len(members) * len(children)
        if size == 0:
            return []
        places = self._random.choice(size, min(wanted, size), replace=False)
        return [(int(members[place // len(children)]), int(children[place % len(children)])) for place in places]

    def _fill(self, members: npt.NDArray[np.int64], chosen: Pairs) -> Pairs:
        """Further pairs for record classes that have too few."""
        have: dict[str, int] = defaultdict(int)
        for user, child in chosen:
            for record_class in self._grid.classes_of(user, child):
                have[record_class] += 1
        more: Pairs = []
        for record_class in self._grid.class_names:
            guarded = record_class in GUARDED
            wanted = self._config.locating_probes if guarded else self._config.other_probes
            if have[record_class] < wanted:
                pool = self._pool(members, record_class)
                places = self._random.permutation(len(pool))[: wanted - have[record_class]]
                more += [pool[place] for place in places]
        return more

    def _pool(self, members: npt.NDArray[np.int64], record_class: str) -> Pairs:
        return [
            (int(user), int(child))
            for user in members
            for child in np.flatnonzero(self._grid.in_class(int(user), record_class))
        ]


def locating_denied(grid: Grid, user: int, child: int, context: RungContext) -> bool:
    """Whether something locating is denied to a pair at a context."""
    return grid.facets(user, child, context.claims) & LOCATING_MASK != LOCATING_MASK
