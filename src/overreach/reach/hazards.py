"""Hazards: permitted by the policy and harmful, because another child's record tells what this one hides."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from overreach.model.finding import Hazard
from overreach.model.terms import LOCATING, Facet, facets_of, mask_of
from overreach.policy.facts import People
from overreach.policy.grid import Grid
from overreach.policy.oracle import ROLE
from overreach.reach.outcomes import Ints

#: Decisions looked up at a time: bounds the memory, 8 bytes each.
_AT_ONCE = 2_000_000


def hazards(grid: Grid, population: People, facets: Iterable[Facet] = LOCATING) -> tuple[Hazard, ...]:
    """The hazards that the population's shape names, with exact numbers of children and users.

    The shape gives pairs (child, other). A hazard stands where some user may, with one and the same set of
    claims, read a facet of `other` but not of `child`. One without a single child is left out.
    """
    wanted = frozenset(facets)
    found = []
    for key, (title, rule, sql) in population.shape.hazards.items():
        pairs = population.query(sql)
        child, other = (pairs[name].to_numpy().astype(np.int64) for name in ("child", "other"))
        users, children, example = _count(grid, child, other, wanted)
        if len(children):
            found.append(Hazard(key, title, rule, children=len(children), users=len(users), example=example))
    return tuple(found)


def _count(grid: Grid, child: Ints, other: Ints, facets: frozenset[Facet]) -> tuple[Ints, Ints, str]:
    """Distinct users and distinct children of the pairs concerned, and the first case in words."""
    everybody = np.arange(len(grid.users.of), dtype=np.int64)[:, None]
    users = np.zeros(len(everybody), dtype=np.bool_)
    concerned = np.zeros(len(child), dtype=np.bool_)
    example = ""
    step = max(1, _AT_ONCE // max(len(everybody), 1))
    for start in range(0, len(child), step):
        part = slice(start, start + step)
        open_one, hidden_one = _places(grid, everybody, other[part]), _places(grid, everybody, child[part])
        for context in grid.rungs:
            masks = grid.masks(context.claims) & mask_of(facets)
            gain = masks[open_one] & ~masks[hidden_one]
            hit = gain > 0
            users |= hit.any(axis=1)
            concerned[part] |= hit.any(axis=0)
            if not example and hit.any():
                user, pair = (int(at) for at in np.argwhere(hit)[0])
                role = str(grid.users.as_mapping(int(grid.users.of[user]))[ROLE]).replace("_", " ")
                read = " and ".join(facets_of(int(gain[user, pair])))
                example = (
                    f"at `{context.rung}` a {role} may read the {read} of synthetic child "
                    f"{other[start + pair]}, but not of synthetic child {child[start + pair]}"
                )
    return np.nonzero(users)[0], np.unique(child[concerned]), example


def _places(grid: Grid, users: Ints, children: Ints) -> tuple[Ints, Ints, Ints]:
    """Where the pairs stand in the grid's masks."""
    classes = (grid.users.of[users].astype(np.int64), grid.children.of[children].astype(np.int64))
    return (*classes, grid.relations.numbers(users, children))
