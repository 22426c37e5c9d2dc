"""The users: posts, accounts, employers and names together, one row a user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.accounts import Accounts, further_areas, open_accounts
from overreach.population.childindex.employers import Employers, employ, share_tokens
from overreach.population.childindex.institutions import Institutions
from overreach.population.childindex.posts import Focus, Posting, post
from overreach.population.childindex.setting import Setting
from overreach.population.lexicon import Lexicon
from overreach.population.sampling import Draws, Flags, Ints

_ADULT = (24, 62)  # ages of users


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

    def __init__(self, setting: Setting, posting: Posting) -> None:
        judgement, draws = setting.judgement, setting.draws("caseloads")
        practises = np.array([role.practitioner for role in judgement.roles])[posting.role]
        local = np.flatnonzero(practises & (posting.area >= 0))
        local = local[np.argsort(posting.area[local], kind="stable")]
        loads = np.array(judgement.caseloads, dtype=np.int64)[draws.below(len(judgement.caseloads), len(local))]
        self._users = np.repeat(local, loads)
        self._count = np.bincount(posting.area[self._users], minlength=len(setting.authorities)).astype(np.int64)
        self._first = np.cumsum(self._count) - self._count

    def of(self, draws: Draws, area: Ints) -> Ints:
        """A practitioner of each area; of any area where it has none of its own."""
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
