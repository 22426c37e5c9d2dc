"""What ties records to services and users: services, involvements, indicators and cohorts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.ground import telephones
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.naming import People
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.staff import Staff
from overreach.population.childindex.standing import days
from overreach.population.sampling import Draws, Flags, Ints, Texts

_HIDDEN_SERVICES = 2  # sensitive services of shielded children, at least
_SERVED = 900  # days since a service began, at most


@dataclass(frozen=True, slots=True)
class Services:
    """One row a service of a child, by child."""

    child: Ints
    kind: Texts
    provider: Texts
    phone: Texts
    sensitive: Flags
    since: Ints


def provide_services(setting: Setting, people: People) -> Services:
    """Services by quota; sensitive ones are those of older children who consented (rule R3)."""
    draws, judgement, pools = setting.draws("services"), setting.judgement, setting.pools
    standing, age = people.standing, people.siblings.age
    children = len(age)
    ordinary = draws.order(children)[: judgement.services.of(children)]
    wanted = judgement.sensitive_services.of(children)
    hidden = np.flatnonzero(standing.shielded & standing.live)
    grown = np.flatnonzero(~standing.shielded & standing.live & (age >= judgement.sensitive_from_age))
    hidden = draws.shuffled(hidden)[: max(_HIDDEN_SERVICES, wanted // 20)]
    sensitive = np.r_[hidden, draws.shuffled(grown)[: wanted - len(hidden)]]
    child = np.r_[ordinary, sensitive]
    is_sensitive = np.r_[np.zeros(len(ordinary), np.bool_), np.ones(len(sensitive), np.bool_)]
    kind = np.where(
        is_sensitive,
        draws.pick(_kinds(judgement, sensitive=True), len(child)),
        draws.pick(_kinds(judgement, sensitive=False), len(child)),
    )
    provider = draws.pick(pools.invented("invented_organisation", "any", size=512), len(child))
    order = np.lexsort((is_sensitive, child))
    lived = days(judgement.as_of) - people.children.born[child[order]]
    return Services(
        child[order],
        kind[order],
        provider[order],
        telephones(draws, len(child), mobile=False),
        is_sensitive[order],
        days(judgement.as_of) - draws.below_each(np.clip(lived, 1, _SERVED)),
    )


def _kinds(judgement: Judgement, *, sensitive: bool) -> Texts:
    kinds = [service.kind for service in judgement.service_kinds if service.sensitive is sensitive]
    return np.array(kinds, dtype=object)


@dataclass(frozen=True, slots=True)
class Involvements:
    """Who works with which child: one row a pair, by user then child."""

    user: Ints
    child: Ints
    since: Ints


class Practitioners:
    """Users who work with children, by area."""

    def __init__(self, judgement: Judgement, staff: Staff) -> None:
        practises = np.array([role.practitioner for role in judgement.roles])[staff.role]
        local = np.flatnonzero(practises & (staff.area >= 0))
        self._users = local[np.argsort(staff.area[local], kind="stable")]
        self._areas = staff.area[self._users]

    def of(self, draws: Draws, area: Ints) -> Ints:
        """A practitioner of each area; of any area where it has none of its own."""
        first = np.searchsorted(self._areas, area, side="left")
        count = np.searchsorted(self._areas, area, side="right") - first
        own = first + draws.below_each(np.maximum(count, 1))
        anybody = draws.below(len(self._users), len(area))
        users: Ints = self._users[np.where(count > 0, own, anybody)]
        return users


def involve(setting: Setting, practitioners: Practitioners, responsible: Ints) -> Involvements:
    """Some users of the area work with each child, a few with children of another area."""
    draws, judgement, authorities = setting.draws("involvements"), setting.judgement, len(setting.authorities)
    children = len(responsible)
    number = np.array(judgement.involvements, dtype=np.int64)[draws.below(len(judgement.involvements), children)]
    child = np.repeat(np.arange(children, dtype=np.int64), number)
    area = responsible[child]
    elsewhere = draws.order(len(child))[: judgement.involved_elsewhere.of(len(child))]
    area[elsewhere] = (area[elsewhere] + draws.between(1, max(1, authorities - 1), len(elsewhere))) % authorities
    user = practitioners.of(draws, area)
    pairs = np.unique(user * children + child)
    return Involvements(
        user=pairs // children,
        child=pairs % children,
        since=days(judgement.as_of) - draws.between(1, 600, len(pairs)),
    )


@dataclass(frozen=True, slots=True)
class Ties:
    """Users with a tie of their own to a child: (user, child) each."""

    threat: tuple[tuple[int, int], ...]
    """The person a child is shielded from holds an account."""
    carer: tuple[tuple[int, int], ...]
    """The carer of a child holds an account."""
    neighbour: tuple[tuple[int, int], ...]
    """A user lives in the street of a shielded child."""


def tie(setting: Setting, people: People, staff: Staff, parented: Flags) -> Ties:
    """Some active local users are tied to children of their area where there are such, else of another.

    `parented` marks children with a carer who could be tied.
    """
    draws, judgement = setting.draws("ties"), setting.judgement
    standing, responsible = people.standing, people.responsible
    count = judgement.user_cohorts.of(len(staff.role))
    users = draws.shuffled(np.flatnonzero(staff.active & (staff.area >= 0))).tolist()
    hidden = draws.shuffled(np.flatnonzero(standing.shielded & standing.live)).tolist()
    open_to_all = draws.shuffled(np.flatnonzero(~standing.shielded & standing.live & parented)).tolist()

    def pairs(children: list[int]) -> tuple[tuple[int, int], ...]:
        found = []
        for child in children[:count]:
            near = (place for place, user in enumerate(users) if staff.area[user] == responsible[child])
            found.append((users.pop(next(near, 0)), child))
        return tuple(found)

    half = count // 2
    with_parents = [child for child in hidden if parented[child]][:half] + open_to_all
    return Ties(threat=pairs(hidden), carer=pairs(with_parents), neighbour=pairs(hidden[::-1]))
