"""Accounts: the states that close them, vetting, leaving, and further areas. Every share is met exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.births import days
from overreach.population.childindex.columns import NEVER
from overreach.population.childindex.grouping import ranks
from overreach.population.childindex.judgement import Judgement, Posts
from overreach.population.childindex.posts import Posting
from overreach.population.childindex.setting import Setting
from overreach.population.sampling import Draws, Flags, Ints

STATES = ("left", "suspended", "lapsed", "untrained", "unsigned", "unaccredited")
VETTED_DAYS = 1_096
"""Longest that vetting lasts (rule R5)."""
_CLOSED_OF = 4  # at most one user of so many in each role has a closed account
_SMALL_ROLE = 4  # users that a role needs before one of them may have a closed account
_HUNDRED = 100  # users from which every state occurs as often as the recipe says


@dataclass(frozen=True, slots=True)
class Accounts:
    """One row a user."""

    state: Ints
    """Row in `STATES`; -1 for an account in order."""
    vetted_on: Ints
    """Days since 1970-01-01."""
    leaves_on: Ints
    """The first day without the post, in days since 1970-01-01, or `NEVER`."""

    def in_state(self, name: str) -> Flags:
        """Users whose account is closed for that reason."""
        return np.equal(self.state, STATES.index(name))

    @property
    def active(self) -> Flags:
        """Users whose account is in order."""
        return np.less(self.state, 0)


def open_accounts(setting: Setting, posting: Posting) -> Accounts:
    """An account for every post, with every edge of a date somewhere.

    The first lapsed vetting lapsed today and one account in order is vetted for its last day; the first leaver
    leaves today and one user leaves tomorrow.
    """
    draws, judgement = setting.draws("accounts"), setting.judgement
    state = _states(draws, judgement, posting)
    return Accounts(state, _vetted(draws, judgement, state), _leaving(draws, judgement, state))


def further_areas(setting: Setting, posting: Posting) -> tuple[Ints, Ints]:
    """(users, authorities): the second and third areas of users who work in several, by user."""
    draws, authorities = setting.draws("further areas"), len(setting.authorities)
    wanted = setting.judgement.several_areas.of(len(posting.area))
    several = draws.shuffled(np.flatnonzero(posting.area >= 0))[:wanted]
    # One in four of them has three areas.
    user, step = np.r_[several, several[::4]], np.ones(len(several) + len(several[::4]), dtype=np.int64)
    step[len(several) :] = 2
    order = np.lexsort((step, user))
    return user[order], ((posting.area[user] + step) % authorities)[order]


def _states(draws: Draws, judgement: Judgement, posting: Posting) -> Ints:
    """Each state by quota, no user in two, and in every role enough accounts left in order."""
    users = len(posting.role)
    each = judgement.account_states.of(users) if users >= _HUNDRED else 1
    headcount = np.bincount(posting.role, minlength=len(judgement.roles))
    room = np.where(headcount >= _SMALL_ROLE, headcount // _CLOSED_OF, 0)
    order = draws.order(users)
    officers = np.array([role.posts is Posts.EACH for role in judgement.roles])[posting.role[order]]
    # An authority never loses more than one of its own officers.
    spare = ~officers
    spare[officers] = ranks(posting.area[order][officers]) == 0
    able = order[spare]
    role = posting.role[able]
    closed = able[ranks(role) < room[role]][: len(STATES) * each]
    state = np.full(users, -1, dtype=np.int64)
    state[closed] = np.arange(len(closed)) % len(STATES)
    return state


def _vetted(draws: Draws, judgement: Judgement, state: Ints) -> Ints:
    ago = draws.between(1, 1_000, len(state))
    lapsed = np.flatnonzero(state == STATES.index("lapsed"))
    ago[lapsed] = VETTED_DAYS + draws.between(2, 800, len(lapsed))
    ago[lapsed[:1]] = VETTED_DAYS + 1
    ago[np.flatnonzero(state < 0)[:1]] = VETTED_DAYS
    return days(judgement.as_of) - ago


def _leaving(draws: Draws, judgement: Judgement, state: Ints) -> Ints:
    today = days(judgement.as_of)
    leaves = np.full(len(state), NEVER, dtype=np.int64)
    left = np.flatnonzero(state == STATES.index("left"))
    leaves[left] = today - draws.between(1, 400, len(left))
    leaves[left[:1]] = today
    later = draws.shuffled(np.flatnonzero(state < 0))[: judgement.leaving_later.of(len(state))]
    leaves[later] = today + draws.between(1, 200, len(later))
    leaves[later[:1]] = today + 1
    return leaves
