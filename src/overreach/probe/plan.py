"""Which pairs the sweep asks about, with which claims: every cell first, then chance.

A cell is what the policy cannot tell apart: user class, child class and the relations between the two. Every
cell that an active member of a role is part of is asked with every claim. Beyond that, for each matrix entry,
pairs that the policy denies are drawn from its cells in proportion to their size until there are as many as the
entry's bound needs (docs/explanation/verdicts.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import LOCATING, Action, Facet
from overreach.pack.sweep import SweepConfig
from overreach.policy.cells import cells_of_users, children_in
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.population.store import Population

PER_CELL = 1
#: Record classes whose locating entries need the full number of probes.
GUARDED = ("shielded", "out_of_area")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ask:
    """One pair, and the claims with which to ask."""

    user: int
    child: int
    contexts: tuple[RungContext, ...]
    """Ascending."""
    covers: bool
    """Whether it stands for its cell: then the record is also asked for after a refused override."""


@dataclass(frozen=True, slots=True)
class RolePlan:
    """The pairs to ask for one role."""

    role: str
    members: tuple[int, ...]
    """Users who sign in, by row number."""
    asks: tuple[Ask, ...]


class Planner:
    """Draws members and pairs for each role from one seed."""

    def __init__(self, population: Population, grid: Grid, config: SweepConfig, seed: int) -> None:
        self._grid = grid
        self._config = config
        self._random = np.random.default_rng([seed, 0x5EEB])
        self._shielded = children_in(grid, "shielded")
        self._active: dict[str, list[int]] = defaultdict(list)
        for user in range(population.users_count):
            members = self._active[str(population.user_fields(user)["role"])]
            if grid.allows(user, None, Action.SIGN_IN, Claims()):
                members.append(user)

    @property
    def roles(self) -> list[str]:
        """Every role of the population, in alphabetical order."""
        return sorted(self._active)

    def role(self, role: str) -> RolePlan:
        """The plan of one role."""
        active = np.array(self._active[role], dtype=np.int64)
        if not len(active):
            return RolePlan(role, (), ())
        cells = cells_of_users(self._grid, active)
        number = self._config.members
        while True:
            members = active[self._members(active, cells, number)]
            pools = Pools(self._grid, members, self._random)
            lacking = sum(self._demand(pools, place, context) for place, context in enumerate(self._grid.rungs))
            # Some entries have so few pairs a member that more members must sign in to make up the number.
            if not lacking or len(members) == len(active):
                return RolePlan(role, tuple(members.tolist()), tuple(pools.asks(self._grid.rungs)))
            number = len(active)

    def _members(self, active: Ints, cells: Ints, number: int) -> Ints:
        """Places of the members who sign in: `number` of them, and whoever alone has a cell.

        Half of the configured ones have a shielded child near, whose cells are the rarest.
        """
        order = self._random.permutation(len(active))
        near = np.zeros(len(active), dtype=np.bool_)
        if len(self._shielded):
            near = np.any(self._grid.relations.numbers(active[:, None], self._shielded[None, :]) > 0, axis=1)
        first = order[near[order]][: number // 2]
        chosen = list(dict.fromkeys([*first.tolist(), *order.tolist()]))[:number]
        have = set(np.unique(cells[chosen]).tolist())
        for place in order.tolist():
            own = set(np.unique(cells[place]).tolist())
            if not own <= have:
                chosen.append(place)
                have |= own
        return np.array(sorted(set(chosen)), dtype=np.int64)

    def _demand(self, pools: Pools, number: int, context: RungContext) -> int:
        """Draw what each entry lacks at one context; how many pairs are lacking still.

        A rung with several claims shares the number between them.
        """
        lacking = 0
        sharing = sum(other.rung is context.rung for other in self._grid.rungs)
        masks = pools.masks(context.claims)
        for record_class, of_class in pools.classes():
            for facet in Facet:
                guarded = record_class in GUARDED and facet in LOCATING
                wanted = self._config.locating_probes if guarded else self._config.other_probes
                denied = of_class & (masks & facet.bit == 0)
                lacking += pools.raise_to(number, denied, -(-wanted // sharing))
        return lacking


class Pools:
    """The pairs of some members by cell, in a random order, and how many of each are asked at each context."""

    def __init__(self, grid: Grid, members: Ints, random: np.random.Generator) -> None:
        self._grid = grid
        self._members = members
        self._random = random
        cells = cells_of_users(grid, members)
        self._children = cells.shape[1]
        shuffled = random.permutation(cells.size)
        self._keys, inverse = np.unique(cells.ravel()[shuffled], return_inverse=True)
        # Places of the pairs, cell after cell, in random order within each.
        self._places = shuffled[np.argsort(inverse, kind="stable")]
        self.sizes: Ints = np.bincount(inverse, minlength=len(self._keys)).astype(np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        self._asked: Ints = np.tile(np.minimum(PER_CELL, self.sizes), (len(grid.rungs), 1))

    def _where(self) -> tuple[Ints, Ints, Ints]:
        """(user class, child class, relation) of each cell."""
        relation = self._keys % len(RELATIONS)
        classes = self._keys // len(RELATIONS)
        return classes % len(self._grid.users), classes // len(self._grid.users), relation

    def masks(self, claims: Claims) -> Ints:
        """Cell -> mask of the facets permitted with some claims."""
        return self._grid.masks(claims)[self._where()].astype(np.int64)

    def classes(self) -> Iterator[tuple[str, Bools]]:
        """Each record class, and which cells are of it."""
        holds = self._grid.class_members()
        user, child, relation = self._where()
        for number, name in enumerate(self._grid.policy.classes):
            yield name, holds[number, user, child, relation]

    def raise_to(self, context: int, cells: Bools, wanted: int) -> int:
        """Ask more pairs of some cells at a context, in proportion to what is left, until `wanted` are asked.

        Gives how many are lacking still.
        """
        asked = self._asked[context]
        lacking = wanted - int(asked[cells].sum())
        left = np.where(cells, self.sizes - asked, 0)
        total = int(left.sum())
        if lacking <= 0 or total == 0:
            return max(lacking, 0)
        drawn = self._random.choice(total, min(lacking, total), replace=False)
        asked += np.bincount(np.searchsorted(np.cumsum(left), drawn, side="right"), minlength=len(left))
        return lacking - len(drawn)

    def asks(self, rungs: tuple[RungContext, ...]) -> Iterator[Ask]:
        """What is to be asked, pair by pair."""
        for cell, most in enumerate(self._asked.max(axis=0).tolist()):
            start = int(self._starts[cell])
            for rank, place in enumerate(self._places[start : start + most].tolist()):
                contexts = tuple(context for n, context in enumerate(rungs) if rank < self._asked[n, cell])
                user = int(self._members[place // self._children])
                yield Ask(user, place % self._children, contexts, covers=rank < PER_CELL)
