"""The users: posts, areas, employers, and the states that close an account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.judgement import Judgement, Posts, Role
from overreach.population.childindex.layout import NEVER
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.standing import days
from overreach.population.sampling import Draws, Flags, Ints, quota

STATES = ("left", "suspended", "lapsed", "untrained", "unsigned", "unaccredited")
VETTED_DAYS = 1_096
"""Longest that vetting lasts (rule R5)."""
_CLOSED_OF = 4  # at most one user of so many in each role has a closed account
_SMALL_ROLE = 4  # users that a role needs before one of them may have a closed account
_FOCUSED = 5  # users of each role, at least, with areas where there is something to see
_HUNDRED = 100  # users from which every state occurs at least twice


@dataclass(frozen=True, slots=True)
class Staff:
    """One row a user."""

    role: Ints
    """Row in the judgement's roles."""
    area: Ints
    """First area; -1 for national users."""
    more_areas: tuple[tuple[int, int], ...]
    """(user, further authority)."""
    state: Ints
    """Row in `STATES`; -1 for an account in order."""
    vetted_on: Ints
    leaves_on: Ints

    def in_state(self, name: str) -> Flags:
        """Users whose account is closed for that reason."""
        return np.equal(self.state, STATES.index(name))

    @property
    def active(self) -> Flags:
        """Users whose account is in order."""
        return np.less(self.state, 0)


def appoint(setting: Setting, shielded_in: Ints, archived_in: Ints) -> Staff:
    """Users in every role.

    `shielded_in` and `archived_in` count live shielded children and records in their first archive year by
    authority.
    """
    draws, judgement, users = setting.draws("users"), setting.judgement, setting.order.users
    counts = headcounts(judgement, users, len(setting.authorities))
    role = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    areas = []
    for what, count in zip(judgement.roles, counts.tolist(), strict=True):
        focus = archived_in if what.posts is Posts.ARCHIVE else shielded_in
        areas.append(_areas(draws, what, count, setting.weights, focus))
    order = draws.order(users)
    role, area = role[order], np.concatenate(areas)[order]
    state = _states(draws, judgement, role, area)
    return Staff(
        role=role,
        area=area,
        more_areas=_more_areas(draws, judgement, area, len(setting.authorities)),
        state=state,
        vetted_on=_vetted(draws, judgement, state),
        leaves_on=_leaving(draws, judgement, state),
    )


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
    counts[others] = least
    weights = np.array([judgement.roles[row].weight for row in others.tolist()], dtype=np.int64)
    left = rest - least * len(others)
    if left < len(others):
        counts[others[np.argsort(-weights, kind="stable")[:left]]] += 1
    else:
        counts[others] += quota(weights, left)
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


def _states(draws: Draws, judgement: Judgement, role: Ints, area: Ints) -> Ints:
    """Each state by quota, no user in two, and in every role enough accounts left in order."""
    users = len(role)
    each = judgement.account_states.of(users) if users >= _HUNDRED else 1
    headcount = np.bincount(role, minlength=len(judgement.roles))
    room = np.where(headcount >= _SMALL_ROLE, headcount // _CLOSED_OF, 0)
    state = np.full(users, -1, dtype=np.int64)
    posts_of = [what.posts for what in judgement.roles]
    without: set[int] = set()
    wanted = [row for row in range(len(STATES)) for _ in range(each)]
    for user in draws.order(users).tolist():
        if not wanted:
            break
        if room[role[user]] == 0:
            continue
        if posts_of[role[user]] is Posts.EACH:
            # An authority never loses more than one of its own officers.
            if int(area[user]) in without:
                continue
            without.add(int(area[user]))
        room[role[user]] -= 1
        state[user] = wanted.pop()
    return state


def _more_areas(draws: Draws, judgement: Judgement, area: Ints, authorities: int) -> tuple[tuple[int, int], ...]:
    local = draws.shuffled(np.flatnonzero(area >= 0))[: judgement.several_areas.of(len(area))]
    pairs = []
    for place, user in enumerate(local.tolist()):
        # One in four of them has three areas.
        further = 2 if place % 4 == 0 else 1
        pairs += [(user, (int(area[user]) + step) % authorities) for step in range(1, further + 1)]
    return tuple(sorted(pairs))


def _vetted(draws: Draws, judgement: Judgement, state: Ints) -> Ints:
    """Days; the first lapsed vetting lapsed today, and one account in order is vetted for its last day."""
    ago = draws.between(1, 1_000, len(state))
    lapsed = np.flatnonzero(state == STATES.index("lapsed"))
    ago[lapsed] = VETTED_DAYS + draws.between(2, 800, len(lapsed))
    ago[lapsed[:1]] = VETTED_DAYS + 1
    ago[np.flatnonzero(state < 0)[:1]] = VETTED_DAYS
    return days(judgement.as_of) - ago


def _leaving(draws: Draws, judgement: Judgement, state: Ints) -> Ints:
    """Days or `NEVER`; the first leaver leaves today, and some who are still there leave later."""
    today = days(judgement.as_of)
    leaves = np.full(len(state), NEVER, dtype=np.int64)
    left = np.flatnonzero(state == STATES.index("left"))
    leaves[left] = today - draws.between(1, 400, len(left))
    leaves[left[:1]] = today
    later = draws.shuffled(np.flatnonzero(state < 0))[: judgement.leaving_later.of(len(state))]
    leaves[later] = today + draws.between(1, 200, len(later))
    return leaves
