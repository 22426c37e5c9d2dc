"""The ground a world stands on: authorities, streets, schools and practices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population import canaries
from overreach.population.childindex.setting import Setting
from overreach.population.sampling import Draws, Ints, Texts, quota

_FEWEST_FAMILIES = 4  # in an authority, so that the smallest has somebody
_LOCALITIES = 6  # names of localities for each authority


@dataclass(frozen=True, slots=True)
class Ground:
    """Streets, those of an authority together."""

    first_street: Ints
    """Row of each authority's first street."""
    streets: Ints
    """How many streets each authority has."""
    street_authority: Ints
    street: Texts
    locality: Texts
    postcode: Texts

    def streets_in(self, draws: Draws, authority: Ints) -> Ints:
        """A street in each of the given authorities."""
        return self.first_street[authority] + draws.below_each(self.streets[authority])


def settle(setting: Setting, families: int) -> Ints:
    """The authority of each family: in proportion to its children, and a few families in every one."""
    weights = setting.weights
    fewest = min(_FEWEST_FAMILIES, families // len(weights))
    counts = fewest + quota(weights, families - fewest * len(weights))
    rows = np.repeat(np.arange(len(weights), dtype=np.int64), counts)
    return setting.draws("settlement").shuffled(rows)


def lay_streets(setting: Setting, families: Ints) -> Ground:
    """Streets with canary postcodes; `families` counts the families of each authority."""
    draws, pools, authorities = setting.draws("streets"), setting.pools, setting.authorities
    streets = 2 + families // setting.judgement.households_per_street
    street_authority = np.repeat(np.arange(len(authorities), dtype=np.int64), streets)
    total = len(street_authority)
    outward: list[str] = []
    locality: list[str] = []
    names = pools.invented("invented_locality", size=1_024)
    for row, (authority, count) in enumerate(zip(authorities, streets.tolist(), strict=True)):
        codes = [code for code, _ in authority.outward_codes]
        shares = np.array([weight for _, weight in authority.outward_codes], dtype=np.int64)
        drawn = draws.weighted(shares, count).tolist()
        outward += [codes[place] for place in drawn]
        locality += [names[(row * _LOCALITIES + place % _LOCALITIES) % len(names)] for place in drawn]
    inward = draws.below(canaries.INWARD_PARTS, total).tolist()
    return Ground(
        first_street=np.cumsum(streets) - streets,
        streets=streets,
        street_authority=street_authority,
        street=draws.pick(pools.invented("invented_street", size=1_024), total),
        locality=np.array(locality, dtype=object),
        postcode=np.array(
            [f"{out} {canaries.inward_part(number)}" for out, number in zip(outward, inward, strict=True)],
            dtype=object,
        ),
    )


@dataclass(frozen=True, slots=True)
class Institutions:
    """Schools or practices, those of an authority together, and who goes to which."""

    authority: Ints
    name: Texts
    phone: Texts
    member_of: Ints
    """Row of the institution of each child; -1 for none."""

    def followed_by(self, others: Institutions) -> Institutions:
        """Both, the others' rows after these; a child belongs to one or the other."""
        further = np.where(others.member_of >= 0, others.member_of + len(self.name), -1)
        return Institutions(
            authority=np.r_[self.authority, others.authority],
            name=np.r_[self.name, others.name],
            phone=np.r_[self.phone, others.phone],
            member_of=np.maximum(self.member_of, further),
        )


def found(setting: Setting, what: str, names: Texts, attends: Ints, children_each: int) -> Institutions:
    """Institutions for children whose authorities are `attends` (-1 for a child that attends none).

    One for each `children_each` children of an authority, at least one. `what` names the stream.
    """
    draws, authorities = setting.draws(what), len(setting.authorities)
    counts = np.bincount(attends[attends >= 0], minlength=authorities)
    number = np.maximum(1, counts // children_each).astype(np.int64)
    authority = np.repeat(np.arange(authorities, dtype=np.int64), number)
    first = np.cumsum(number) - number
    where = np.maximum(attends, 0)
    member = first[where] + draws.below_each(number[where])
    order = draws.order(len(names))
    return Institutions(
        authority=authority,
        name=np.array(
            # Beyond the pool, names come round again, as they do in England.
            [names[order[row % len(names)]] for row in range(len(authority))],
            dtype=object,
        ),
        phone=telephones(draws, len(authority), mobile=False),
        member_of=np.where(attends >= 0, member, -1),
    )


def telephones(draws: Draws, count: int, *, mobile: bool) -> Texts:
    """Numbers kept for drama; shared by chance, since there are few of them."""
    limit = canaries.TELEPHONES if mobile else canaries.TELEPHONES * 2 // 3
    return np.array([canaries.telephone(number) for number in draws.below(limit, count).tolist()], dtype=object)
