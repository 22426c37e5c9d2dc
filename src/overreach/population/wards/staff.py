"""Staff: their posts, wards, shifts and account states. Drawn whole; there are few beside the patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.sampling import Draws, Flags, Ints, Texts, quota
from overreach.population.wards.judgement import Judgement, Posts
from overreach.population.wards.names import Names
from overreach.population.wards.rows import RowDraws

_AGES = (22, 64)
_STATES = 3  # left, suspended, training lapsed
ACTIVE, LEFT, SUSPENDED, LAPSED = range(_STATES + 1)


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody who holds an account, one row each."""

    role: Ints
    state: Ints
    on_shift: Flags
    male: Flags
    given: Texts
    family: Texts
    works: Ints
    """Table of (member, ward): who works where, in order."""
    caring: Ints
    """Members who care for patients, by ward; `caring_from[w]` to `caring_from[w + 1]` are those of ward `w`."""
    caring_from: Ints

    @property
    def ward(self) -> Ints:
        """The first ward of each member; -1 for those of none."""
        first = np.full(len(self.role), -1, dtype=np.int64)
        member, ward = self.works[::-1].T
        first[member] = ward
        return first


def appoint(judgement: Judgement, names: Names, users: int, seed: int, wards: int) -> Staff:
    """`users` members of staff on `wards` wards."""
    draws = Draws(seed, "staff")
    role = draws.shuffled(np.repeat(np.arange(len(judgement.roles)), posts(judgement, users)))
    works = _works(judgement, draws, role, wards)
    caring, caring_from = _caring(judgement, role, works, wards)
    rows = np.arange(users, dtype=np.int64)
    own = RowDraws(seed, "staff: person")
    male = own.below(2, rows) == 1
    born = judgement.as_of.year - RowDraws(seed, "staff: age").between(*_AGES, rows)
    language = names.languages("staff", rows)
    return Staff(
        role=role,
        state=_states(judgement, draws, role),
        on_shift=_shifts(judgement, role),
        male=male,
        given=names.given("staff", language, male, born, rows),
        family=names.family("staff", language, rows),
        works=works,
        caring=caring,
        caring_from=caring_from,
    )


def posts(judgement: Judgement, users: int) -> Ints:
    """Members of each role: the least number, the rest by weight."""
    roles = judgement.roles
    least = min(judgement.least_per_role, users // (2 * len(roles)))
    return least + quota(np.array([role.weight for role in roles], dtype=np.int64), users - least * len(roles))


def _works(judgement: Judgement, draws: Draws, role: Ints, wards: int) -> Ints:
    """(member, ward), sorted; the members of each role are spread evenly over the wards."""
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for number, post in enumerate(judgement.roles):
        members = np.flatnonzero(role == number)
        first = (draws.below(wards, 1) + np.arange(len(members))) % wards
        reach = {Posts.WARD: 1, Posts.FLOOR: min(judgement.floor, wards), Posts.HOSPITAL: wards, Posts.OFFICE: 0}
        pairs += [np.c_[members, (first + further) % wards] for further in range(reach[post.posts])]
        if post.posts is Posts.WARD:
            second = draws.order(len(members))[: judgement.second_ward.of(len(members))]
            pairs.append(np.c_[members[second], (first[second] + draws.between(1, wards - 1, len(second))) % wards])
    return np.unique(np.concatenate(pairs), axis=0)


def _caring(judgement: Judgement, role: Ints, works: Ints, wards: int) -> tuple[Ints, Ints]:
    cares = np.array([post.cares for post in judgement.roles])[role]
    pairs = works[cares[works[:, 0]]]
    ordered = pairs[np.argsort(pairs[:, 1], kind="stable")]
    return ordered[:, 0].copy(), np.searchsorted(ordered[:, 1], np.arange(wards + 1)).astype(np.int64)


def _states(judgement: Judgement, draws: Draws, role: Ints) -> Ints:
    """A few accounts of each closed state; the first member of a role keeps its own."""
    _, first = np.unique(role, return_index=True)
    others = draws.shuffled(np.setdiff1d(np.arange(len(role)), first))
    each = judgement.account_states.of(len(role))
    state = np.zeros(len(role), dtype=np.int64)
    for number in range(_STATES):
        state[others[number * each : (number + 1) * each]] = number + 1
    return state


def _shifts(judgement: Judgement, role: Ints) -> Flags:
    """Where only a part of a role is on shift, the first members are those who are off: their accounts are open."""
    on_shift = np.ones(len(role), dtype=np.bool_)
    for number, post in enumerate(judgement.roles):
        members = np.flatnonzero(role == number)
        on_shift[members[: len(members) - len(members) * post.on_shift // 100]] = False
    return on_shift
