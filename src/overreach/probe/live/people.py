"""Whom a chain of steps is walked with: the people of its witness, then others who stand as they do.

The policy cannot tell users of a class apart, the target may: a team may appoint within its own area only. So where
an accomplice helps, one is tried next who has all areas of the reader, and then one of another role whom the policy
permits the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import numpy as np

from overreach.model.terms import mask_of
from overreach.policy.oracle import ROLE
from overreach.policy.relations import Ints
from overreach.probe.session import Bench
from overreach.reach.closure import Chain
from overreach.reach.witness import overlap_of

_LOOKED_AT = 200  # users of a class
_CHILDREN = 20  # children of a class whose people are looked at


class People(NamedTuple):
    """Row numbers."""

    user: int
    child: int
    other: int | None


def people_for(bench: Bench, chain: Chain) -> Iterator[People]:
    """The people of a chain, then others in their places; only where the child has a value of its facets.

    Others are of the same classes and relations, except for whoever takes a single step for the reader: that may be
    anybody whom the policy permits it.
    """
    children = _children(bench, chain)
    if chain.child in children:
        yield People(chain.user, chain.child, chain.other)
    for child in children:
        found = People(chain.user, child, None) if chain.other is None else _pair(bench, chain, child)
        if found is not None:
            yield found
            break
    if children:
        yield from _by_another_role(bench, chain, children[0])


def into_for(bench: Bench, user: int, child: int) -> int | None:
    """Another child of the same authority whom a user is involved with, for a merge; None where there is none."""
    relations = bench.grid.relations
    near = [
        other
        for other in relations.children_involved_with(user).tolist()
        if other != child and relations.area_of[other] == relations.area_of[child]
    ]
    return near[0] if near else None


def _children(bench: Bench, chain: Chain) -> list[int]:
    """The child of a chain and others like it, in the same relations; those with a value to show.

    Like it is whoever agrees in all that the policy itself reads: what only record classes and invariants read, a
    sensitive service for one, may be the very value that is looked for.
    """
    grid, wanted = bench.grid, mask_of(chain.facets)
    like = np.flatnonzero(np.isin(grid.children.of, _alike(bench, int(grid.children.of[chain.child]))))
    for user in (chain.user, chain.other):
        if user is not None:
            relation = grid.relations.number(user, chain.child)
            like = like[grid.relations.numbers(np.array([user]), like) == relation]
    having = (
        child
        for child in like.tolist()
        if bench.judge.reader.value_facets(child) & wanted and chain.record_class in grid.classes_of(chain.user, child)
    )
    found = list(islice(having, _CHILDREN))
    return sorted(found, key=lambda child: child != chain.child)


def _alike(bench: Bench, child_class: int) -> list[int]:
    """The child classes that agree with one in every attribute that the policy's own rules read."""
    children = bench.grid.children
    read = replace(bench.policy, classes={}, invariants={}).attributes("resource")
    places = [place for place, name in enumerate(children.attributes) if name in read]
    facts = [tuple(each[place] for place in places) for each in children.facts]
    return [number for number, values in enumerate(facts) if values == facts[child_class]]


def _by_another_role(bench: Bench, chain: Chain, child: int) -> Iterator[People]:
    """The same single step taken by one user of each other role that the policy permits it."""
    if len(chain.steps) != 1 or chain.other is None or chain.steps[0].approved_by is not None:
        return
    (taken,) = chain.steps
    place, classes, of = bench.grid.users.attributes.index(ROLE), bench.grid.users.facts, bench.grid.users.of
    seen = {classes[of[chain.other]][place]}
    for user in range(bench.population.users_count):
        role = classes[of[user]][place]
        if role in seen or user == chain.user:
            continue
        if bench.grid.allows(user, child, taken.action, taken.claims):
            seen.add(role)
            yield People(chain.user, child, user)


def _pair(bench: Bench, chain: Chain, child: int) -> People | None:
    """A reader and an accomplice who has all areas of the reader, in the relations of the chain.

    Where the chain moves the child between areas, theirs must overlap as those of the witness do.
    """
    grid, other = bench.grid, chain.other
    if other is None:
        return None
    readers, helpers = (_standing(bench, user, chain.child, child) for user in (chain.user, other))
    if not len(readers) or not len(helpers):
        return None
    areas = grid.relations.has_area
    overlap = overlap_of(areas[readers], areas[helpers])
    steps = {step.name: step for step in bench.pack.steps}
    if any(steps[taken.name].moves for taken in chain.steps):
        fits = overlap == overlap_of(areas[[chain.user]], areas[[other]])[0, 0]
    else:
        fits = ~(areas[readers].astype(np.int64) @ ~areas[helpers].T > 0)
    fits &= readers[:, None] != helpers[None, :]
    places = np.argwhere(fits)
    return None if not len(places) else People(int(readers[places[0][0]]), child, int(helpers[places[0][1]]))


def _standing(bench: Bench, user: int, child: int, other_child: int) -> Ints:
    """Users of the class of `user` who stand to another child as that user does to `child`."""
    grid = bench.grid
    users = np.flatnonzero(grid.users.of == grid.users.of[user])
    relation = grid.relations.number(user, child)
    found: Ints = users[grid.relations.numbers(users, np.array([other_child])) == relation][:_LOOKED_AT]
    return found
