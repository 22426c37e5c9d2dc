"""Exposure: how many users could open a facet of one child, and of how many children one user could."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from overreach.model.errors import UnknownNameError
from overreach.model.review import Exposure
from overreach.model.terms import Facet, Rung
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.reach.outcomes import Bools, Ints, Outcomes, outcomes
from overreach.reach.tally import Tally

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class OpenTo:
    """Users of one role who could open a facet of one child."""

    role: str
    facet: Facet
    rung: Rung
    users: int
    """At this rung or below."""


@dataclass(frozen=True, slots=True)
class Opens:
    """Children of one record class of whom one user could open a facet."""

    record_class: str
    """Of the policy, or `all`."""
    facet: Facet
    rung: Rung
    children: int
    """At this rung or below."""


def of_child(grid: Grid, child: int) -> tuple[OpenTo, ...]:
    """Who could open what of one child; by role, facet, rung. Exact; roles without users are not there."""
    found = outcomes(grid)
    area = grid.relations.area_of[child]
    near = grid.relations.has_area[:, area] & (area >= 0)
    relation = near.astype(np.int64)
    relation[grid.relations.users_involved_with(child)] += 2
    opened = found.opened[found.of[grid.users.of, grid.children.of[child], relation]]
    heights = len(found.rungs) + 1
    many = np.zeros((len(grid.users), len(Facet), heights), dtype=np.int64)  # (user class, facet, first rung)
    for place in range(len(Facet)):
        codes = grid.users.of.astype(np.int64) * heights + opened[:, place]
        many[:, place] = np.bincount(codes, minlength=len(grid.users) * heights).reshape(-1, heights)
    many = many.cumsum(axis=2)
    return tuple(
        OpenTo(role, facet, rung, int(many[classes, place, height].sum()))
        for role, classes in grid.roles.items()
        for place, facet in enumerate(Facet)
        for height, rung in enumerate(found.rungs)
    )


def of_user(grid: Grid, user: int) -> tuple[Opens, ...]:
    """What of how many children one user could open; by record class (first `all`), facet, rung. Exact."""
    found = outcomes(grid)
    mine = found.of[grid.users.of[user]]
    many = np.bincount(mine.ravel(), weights=_pairs_of(grid, user).ravel(), minlength=len(found.opened))
    children = np.tensordot(many, found.booked(), axes=1).cumsum(axis=2).astype(np.int64)
    classes = (*grid.policy.classes, ALL)
    return tuple(
        Opens(classes[number], facet, rung, int(children[number, place, height]))
        for number in (len(classes) - 1, *range(len(classes) - 1))
        for place, facet in enumerate(Facet)
        for height, rung in enumerate(found.rungs)
    )


def exposure_of(grid: Grid, found: Outcomes, tally: Tally, facet: Facet, rung: Rung) -> Ints:
    """Child -> distinct users who could open the facet at this rung or below."""
    counted = _allowed(found, facet, rung)
    base = tally.base_of_children(_everybody(grid), counted[:, None])[:, 0]
    users: Ints = base[grid.children.of, grid.relations.area_of]
    children, changes = tally.corrected(counted)
    users[children] += changes
    return users


def distributions(
    grid: Grid, found: Outcomes, tally: Tally, facets: Iterable[Facet], groups: Sequence[str]
) -> Iterator[Exposure]:
    """Exposure at any rung over groups of children; UnknownNameError for a class that is not about the child alone."""
    known: dict[str, Bools] = {ALL: np.ones(len(grid.children), dtype=np.bool_), **child_classes(grid)}
    for group in groups:
        if group in grid.policy.classes and group not in known:
            raise UnknownNameError("group", group, list(known))
    for facet in facets:
        counted = _allowed(found, facet, Rung.OUTSIDE)
        base = tally.base_of_children(_everybody(grid), counted[:, None])[:, 0]
        children, changes = tally.corrected(counted)
        classes = grid.children.of[children]
        before = base[classes, grid.relations.area_of[children]]
        for group in groups:
            if group in known:
                wanted = known[group]
                some = wanted[classes]
                moved = (before[some], before[some] + changes[some])
                yield Exposure(facet, group, _histogram(base[wanted], tally.by_area[wanted], *moved))


def child_classes(grid: Grid) -> Mapping[str, Bools]:
    """Record classes that hang on the child alone -> (child class) -> whether such children are of it."""
    members = grid.class_members()
    if not members.size:
        return {}
    first = members[:, :1, :, :1]
    alone = (members == first).all(axis=(1, 2, 3))
    return {name: first[place, 0, :, 0] for place, name in enumerate(grid.policy.classes) if alone[place]}


def _pairs_of(grid: Grid, user: int) -> Ints:
    """(child class, relation) -> children of one user."""
    by_area = grid.relations.children_by_area(grid.children)
    counts = np.zeros((len(grid.children), len(RELATIONS)), dtype=np.int64)
    counts[:, 1] = by_area[:, :-1] @ grid.relations.has_area[user]
    counts[:, 0] = by_area.sum(axis=1) - counts[:, 1]
    involved = grid.relations.children_involved_with(user)
    area = grid.relations.area_of[involved]
    near = (grid.relations.has_area[user, area] & (area >= 0)).astype(np.int64)
    np.add.at(counts, (grid.children.of[involved], near + 2), 1)
    np.subtract.at(counts, (grid.children.of[involved], near), 1)
    return counts


def _allowed(found: Outcomes, facet: Facet, rung: Rung) -> Bools:
    """Outcome -> whether the facet is open at this rung or below."""
    upto = sum(each.height <= rung.height for each in found.rungs)
    allowed: Bools = found.opened[:, list(Facet).index(facet)] < upto
    return allowed


def _everybody(grid: Grid) -> Ints:
    return np.arange(len(grid.users), dtype=np.int64)


def _histogram(base: Ints, sizes: Ints, before: Ints, after: Ints) -> tuple[tuple[int, int], ...]:
    """(users, children), ascending: groups by their sizes, children whom an involvement moves put right."""
    length = int(max(base.max(initial=0), after.max(initial=0))) + 1
    many = np.bincount(base.ravel(), weights=sizes.ravel(), minlength=length).astype(np.int64)
    many += np.bincount(after, minlength=length) - np.bincount(before, minlength=length)
    users = np.nonzero(many)[0]
    return tuple(zip(users.tolist(), many[users].tolist(), strict=True))
