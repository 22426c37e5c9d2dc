"""How many pairs there are to be asked: denied pairs of users who can sign in, entry by entry, counted over cells."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence

import numpy as np

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import Action, Facet
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.policy.rules import CHILD, SYSTEM
from overreach.probe.tally import Key


def denied_pairs(grid: Grid, rungs: Sequence[RungContext]) -> Counter[Key]:
    """Pairs that some claims of a rung do not permit, by role, record class, facet and rung.

    Users who may not sign in are left out: that they are refused at the door is probed there.
    """
    role = grid.users.attributes.index("role")
    may_enter = grid.allowed(Action.SIGN_IN, Claims(), SYSTEM)
    members = grid.class_members()
    demand: Counter[Key] = Counter()
    for cell in grid.cells():
        user, child = int(cell["user_class"]), int(cell["child_class"])
        if not may_enter[min(user, may_enter.shape[0] - 1), 0, 0]:
            continue
        relation = RELATIONS.index((bool(cell["in_area"]), bool(cell["involved"])))
        classes = [name for number, name in enumerate(grid.policy.classes) if members[number, user, child, relation]]
        name = str(grid.users.facts[user][role])
        for context in rungs:
            missing = ~int(grid.masks(context.claims)[user, child, relation])
            for facet in Facet:
                if missing & facet.bit:
                    for record_class in classes:
                        demand[name, record_class, facet, context.rung] += int(cell["pairs"])
    # A rung with several claims counted each pair as often as its claims deny it: at most that many pairs differ.
    claims_of = Counter(context.rung for context in rungs)
    return Counter({key: -(-pairs // claims_of[key[3]]) for key, pairs in demand.items()})


def enterable(grid: Grid) -> frozenset[int]:
    """Keys of the cells whose users can sign in."""
    may_enter = grid.allowed(Action.SIGN_IN, Claims(), SYSTEM)
    flags = np.broadcast_to(may_enter[:, 0, 0], (len(grid.users),))
    return frozenset(int(cell["cell"]) for cell in grid.cells() if flags[int(cell["user_class"])])


def deciding_policies(grid: Grid, rungs: Sequence[RungContext]) -> dict[Key, tuple[str, ...]]:
    """The policies that decide the largest cell of each entry whose users can sign in."""
    role = grid.users.attributes.index("role")
    members, may_enter = grid.class_members(), enterable(grid)
    largest: dict[tuple[str, str], tuple[int, tuple[int, int, int]]] = {}
    for cell in grid.cells():
        if int(cell["cell"]) not in may_enter:
            continue
        relation = RELATIONS.index((bool(cell["in_area"]), bool(cell["involved"])))
        place = (int(cell["user_class"]), int(cell["child_class"]), relation)
        for number, record_class in enumerate(grid.policy.classes):
            name = (str(grid.users.facts[place[0]][role]), record_class)
            if members[(number, *place)] and int(cell["pairs"]) > largest.get(name, (0, place))[0]:
                largest[name] = (int(cell["pairs"]), place)

    @functools.cache  # one cell is often the largest of several record classes
    def policies(facet: Facet, claims: Claims, place: tuple[int, int, int]) -> tuple[str, ...]:
        return grid.decide_class(facet, CHILD, claims, place).policies

    return {
        (*name, facet, context.rung): policies(facet, context.claims, place)
        for name, (_, place) in largest.items()
        for context in rungs
        for facet in Facet
    }
