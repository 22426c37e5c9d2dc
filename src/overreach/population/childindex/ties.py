"""Users with a tie of their own to a child: who they are, and where the child is to be found.

Ties are drawn without looking at any child. A tied child belongs to a family of its own, the
`number`-th of its part, and takes from the user what the tie is made of: area, name, street.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self

import numpy as np

from overreach.population.childindex.grouping import evenly, paired, ranks
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.streets import Streets
from overreach.population.childindex.workforce import Staff
from overreach.population.sampling import Draws, Flags, Ints

_CHILDREN_PER_TIE = 50  # so that even the smallest population is not made of ties


class TieKind(StrEnum):
    """What ties a user to a child."""

    THREAT = "threat"  # the child is shielded from the user; they share the family name
    THREAT_WITH_OVERRIDE = "threat_with_override"  # the same, and the user may override shields
    CARER = "carer"  # the child's carer, living with it
    EX_PARTNER = "ex_partner"  # the parent who lives elsewhere
    NEIGHBOUR = "neighbour"  # lives in the child's street
    COLLEAGUE = "colleague"  # works where the child's carer works: comes with a tie `carer`
    ACCOMPLICE = "accomplice"  # works where a threat works: comes with a tie `threat`


KINDS = tuple(TieKind)
"""The kinds by number."""


@dataclass(frozen=True, slots=True)
class Ties:
    """One row a tie, by part, number and kind; each user is in one at most."""

    kind: Ints
    """Row in `KINDS`."""
    user: Ints
    part: Ints
    """The part that the child belongs to, from 1."""
    number: Ints
    """The place of the child's family among the tied families of its part, from 0 without gaps."""
    authority: Ints
    """The user's area, and the one where the child is to live."""
    locale: Ints
    given: Ints
    family: Ints
    """The user's own names, as rows of the lexicon; the child's family takes them where the tie is one of blood."""
    male: Flags
    street: Ints
    """Where a neighbour lives, as a row of the streets; -1 for other ties."""

    def of_part(self, part: int) -> Self:
        """The ties of one part."""
        start, end = np.searchsorted(self.part, [part, part + 1]).tolist()
        return self._rows(np.arange(start, end, dtype=np.int64))

    def of_kind(self, *kinds: TieKind) -> Self:
        """The ties of some kinds."""
        return self._rows(np.flatnonzero(np.isin(self.kind, [KINDS.index(kind) for kind in kinds])))

    def _rows(self, rows: Ints) -> Self:
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class _Pools:
    """Users to be tied, none of them in two pools, each in the order in which they are taken."""

    overriders: Ints
    pairs: tuple[Ints, Ints]
    """Colleagues: (one, the other)."""
    singles: Ints


def tie(setting: Setting, staff: Staff, streets: Streets, sizes: Ints) -> Ties:
    """Ties of every kind, as often as the recipe says, spread evenly over the parts.

    `sizes` gives the children of part 1, of part 2 and so on.
    """
    draws = setting.draws("ties")
    wanted = setting.judgement.user_cohorts.of(setting.order.users)
    each = min(wanted, max(1, setting.order.children // _CHILDREN_PER_TIE))
    pools = _pools(draws, setting, staff, each)
    first, second = pools.pairs
    half = min(each, (len(first) + 1) // 2)
    male = staff.names.male
    # Fathers first: a record names those who live elsewhere, as some of the abusers; mothers who do are named on none.
    abusive = half + np.argsort(~male[first[half:]], kind="stable")[: max(1, each - 1)]
    carers, threats = first[:half], first[abusive]
    male = male[pools.singles]
    men, others = pools.singles[male], pools.singles[~male]
    abusers, fathers = men[: each - len(threats)], men[each - len(threats) :][:each]
    singles = iter(np.split(np.r_[others, men[2 * each - len(threats) :]], [each, 2 * each - len(carers)]))
    principals = {
        TieKind.THREAT_WITH_OVERRIDE: pools.overriders[:each],
        TieKind.EX_PARTNER: fathers,
        TieKind.NEIGHBOUR: next(singles),
        TieKind.CARER: np.r_[carers, next(singles)],
        TieKind.THREAT: np.r_[threats, abusers],
    }
    partners = {
        TieKind.COLLEAGUE: (TieKind.CARER, second[:half]),
        TieKind.ACCOMPLICE: (TieKind.THREAT, second[abusive]),
    }
    kind, user, family = _listed(principals, partners)
    return _placed(draws, staff, streets, sizes, (kind, user, family))


def _pools(draws: Draws, setting: Setting, staff: Staff, each: int) -> _Pools:
    """Active local users who work with children, areas in proportion to their children."""
    roles, weights, area = setting.judgement.roles, setting.weights, staff.posting.area
    role = staff.posting.role
    able = staff.accounts.active & (area >= 0) & np.array([role.practitioner for role in roles])[role]
    overrides = np.array([role.overrides for role in roles])[role]
    shields = np.array([role.shields for role in roles])[role]
    overriders = draws.shuffled(np.flatnonzero(able & overrides))
    others = draws.shuffled(np.flatnonzero(able & ~overrides & ~shields))
    first, second = paired(others, staff.employers.of_user[others])
    order = evenly(area[first], weights)[: 2 * each]
    first, second = first[order], second[order]
    left = others[~np.isin(others, np.r_[first, second])]
    return _Pools(
        overriders=overriders[evenly(area[overriders], weights)],
        pairs=(first, second),
        singles=left[evenly(area[left], weights)],
    )


def _listed(principals: dict[TieKind, Ints], partners: dict[TieKind, tuple[TieKind, Ints]]) -> tuple[Ints, Ints, Ints]:
    """Kind, user and tied family of every tie; partners share the families of the first of their principals."""
    kinds, users, families, start = [], [], [], {}
    number = 0
    for kind, members in principals.items():
        start[kind] = number
        number += len(members)
        kinds.append(np.full(len(members), KINDS.index(kind), dtype=np.int64))
        users.append(members)
        families.append(np.arange(start[kind], number, dtype=np.int64))
    for kind, (principal, members) in partners.items():
        kinds.append(np.full(len(members), KINDS.index(kind), dtype=np.int64))
        users.append(members)
        families.append(start[principal] + np.arange(len(members), dtype=np.int64))
    return np.concatenate(kinds), np.concatenate(users), np.concatenate(families)


def _placed(draws: Draws, staff: Staff, streets: Streets, sizes: Ints, listed: tuple[Ints, Ints, Ints]) -> Ties:
    kind, user, family = listed
    families = int(family.max(initial=-1)) + 1
    part_of = 1 + draws.spread(sizes, families)
    number_of = ranks(part_of)
    order = np.lexsort((kind, number_of[family], part_of[family]))
    kind, user, family = kind[order], user[order], family[order]
    area, names = staff.posting.area[user], staff.names
    at_home = kind == KINDS.index(TieKind.NEIGHBOUR)
    return Ties(
        kind=kind,
        user=user,
        part=part_of[family],
        number=number_of[family],
        authority=area,
        locale=names.locale[user],
        given=names.given[user],
        family=names.family[user],
        male=names.male[user],
        street=np.where(at_home, streets.within(draws, area), -1),
    )
