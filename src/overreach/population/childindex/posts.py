"""Posts: how many users each role has, and in which areas they work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.judgement import Judgement, Posts, Role
from overreach.population.childindex.setting import Setting
from overreach.population.sampling import Draws, Ints, quota

Focus = Mapping[Posts, Ints]
"""Way of spreading -> for each authority, whether there is something to see for its users (above 0)."""

_FOCUSED = 5  # users of each role, at least, with areas where there is something to see


@dataclass(frozen=True, slots=True)
class Posting:
    """One row a user."""

    role: Ints
    """Row in the judgement's roles."""
    area: Ints
    """First area; -1 for national users."""


def post(setting: Setting, focus: Focus) -> Posting:
    """Users in every role, in a drawn order; where `focus` says nothing, there is something to see everywhere."""
    draws, judgement, users = setting.draws("posts"), setting.judgement, setting.order.users
    counts = headcounts(judgement, users, len(setting.authorities))
    areas = [
        _areas(draws, role, count, setting.weights, focus.get(role.posts, setting.weights))
        for role, count in zip(judgement.roles, counts.tolist(), strict=True)
    ]
    order = draws.order(users)
    role = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return Posting(role=role[order], area=np.concatenate(areas)[order])


def headcounts(judgement: Judgement, users: int, authorities: int) -> Ints:
    """How many users each role has: posts of every authority, then a least number, then by weight."""
    counts = np.zeros(len(judgement.roles), dtype=np.int64)
    each = np.array([role.posts is Posts.EACH for role in judgement.roles])
    # Where users are few, the other roles come first.
    per_authority = max(1, min(judgement.managers_per_authority, users // (4 * authorities)))
    counts[each] = max(2, per_authority * authorities)
    rest = users - int(counts.sum())
    others = np.flatnonzero(~each)
    least = min(judgement.least_per_role, rest // len(others))
    weights = np.array([judgement.roles[row].weight for row in others.tolist()], dtype=np.int64)
    few = np.zeros(len(others), dtype=np.bool_)
    while True:
        # Who would have fewer than the least has the least; the others share what is left by weight.
        shared = np.where(few, least, 0)
        shared[~few] = quota(weights[~few], rest - least * int(few.sum())) if not few.all() else least
        if not (short := ~few & (shared < least)).any():
            break
        few |= short
    shared[np.argmax(weights)] += rest - int(shared.sum())
    counts[others] = shared
    return counts


def _areas(draws: Draws, role: Role, count: int, weights: Ints, focus: Ints) -> Ints:
    authorities = len(weights)
    if role.posts is Posts.NATIONAL:
        return np.full(count, -1, dtype=np.int64)
    if role.posts is Posts.EACH:
        return np.mod(np.arange(count, dtype=np.int64), authorities)
    places = draws.shuffled(np.flatnonzero(focus > 0))
    first = places[: max(count // 2, min(count, _FOCUSED))]
    return np.concatenate([first, draws.weighted(weights, count - len(first))])
