"""The users: posts, accounts, employers and names together, one row a user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.accounts import Accounts, further_areas, open_accounts
from overreach.population.childindex.births import days
from overreach.population.childindex.columns import NEVER
from overreach.population.childindex.employers import Employers, employ, share_tokens
from overreach.population.childindex.institutions import Institutions
from overreach.population.childindex.posts import Focus, Posting, post
from overreach.population.childindex.setting import Setting
from overreach.population.lexicon import Lexicon
from overreach.population.sampling import Draws, Flags, Ints

_ADULT = (24, 62)  # ages of users
_TRIES = 3  # at finding somebody who works with children of an age


@dataclass(frozen=True, slots=True)
class Names:
    """One row a user."""

    locale: Ints
    given: Ints
    """Row in the lexicon's first names."""
    family: Ints
    """Row in the lexicon's family names."""
    male: Flags


@dataclass(frozen=True, slots=True)
class Staff:
    """Everything about the users that others need; one row a user."""

    posting: Posting
    accounts: Accounts
    employers: Employers
    names: Names
    further: tuple[Ints, Ints]
    """(users, authorities): second and third areas."""
    shares_token_with: Ints
    """The colleague whose token a user signs in with; -1 for a token of one's own."""


def appoint(setting: Setting, lexicon: Lexicon, schools: Institutions, practices: Institutions, focus: Focus) -> Staff:
    """Users in every role; `focus` says where there is something to see."""
    posting = post(setting, focus)
    accounts = open_accounts(setting, posting)
    employers = employ(setting, posting, accounts, schools, practices)
    return Staff(
        posting=posting,
        accounts=accounts,
        employers=employers,
        names=_names(setting, lexicon),
        further=further_areas(setting, posting),
        shares_token_with=share_tokens(setting, accounts, employers),
    )


class Practitioners:
    """Users who work with children, by area: those with larger caseloads come up more often."""

    def __init__(self, setting: Setting, posting: Posting, accounts: Accounts, *, active: bool = False) -> None:
        """All of them, or those with an account in order."""
        judgement, draws, roles = setting.judgement, setting.draws("caseloads"), setting.judgement.roles
        practises = np.array([role.practitioner for role in roles])[posting.role]
        local = np.flatnonzero(practises & (posting.area >= 0) & (accounts.active if active else True))
        local = local[np.argsort(posting.area[local], kind="stable")]
        loads = np.array(judgement.caseloads, dtype=np.int64)[draws.below(len(judgement.caseloads), len(local))]
        self._users = np.repeat(local, loads)
        self._count = np.bincount(posting.area[self._users], minlength=len(setting.authorities)).astype(np.int64)
        self._first = np.cumsum(self._count) - self._count
        self._youngest, self._oldest = np.array([role.ages for role in roles], dtype=np.int64)[posting.role].T
        self.authorities = len(setting.authorities)
        leaves = accounts.leaves_on
        self.last_day: Ints = np.where(
            (leaves != NEVER) & (leaves < days(judgement.as_of)), leaves, days(judgement.as_of)
        )
        """Of each user: the day of the population, or the first without the post."""

    def of(self, draws: Draws, area: Ints, age: Ints) -> Ints:
        """A practitioner for a child of each area and age; of any area where it has none of its own."""
        users = self._any(draws, area)
        for _ in range(_TRIES):
            # Most work with children of some ages only; where nobody near does, somebody else helps out.
            other = np.flatnonzero((age < self._youngest[users]) | (age > self._oldest[users]))
            users[other] = self._any(draws, area[other])
        return users

    def _any(self, draws: Draws, area: Ints) -> Ints:
        count = self._count[area]
        own = self._first[area] + draws.below_each(np.maximum(count, 1))
        anybody = draws.below(len(self._users), len(area))
        users: Ints = self._users[np.where(count > 0, own, anybody)]
        return users


def _names(setting: Setting, lexicon: Lexicon) -> Names:
    draws, users = setting.draws("names of users"), setting.order.users
    locale = lexicon.locale(draws, users)
    male = draws.below(2, users) == 1
    year = setting.judgement.as_of.year - draws.between(*_ADULT, users)
    given = lexicon.given(draws, locale, male, year)
    return Names(locale, given, lexicon.family(draws, locale), male)
