"""Who lives where: the table of addresses, of families and of users, and of the earlier ones of children."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.model.canary import TokenKind
from overreach.population.childindex.layout import numbered, table
from overreach.population.childindex.parts import Parts
from overreach.population.childindex.whereabouts import Earlier, of_children
from overreach.population.sampling import Ints

_HOUSE_WORDS = 12


def family_streets(parts: Parts) -> tuple[Ints, Ints]:
    """The street of each family, and the families that moved: the old area still has them (rule R18)."""
    draws, ground = parts.setting.draws("homes"), parts.ground
    where = parts.people.authority.copy()
    # Only families of one child without a record in the archive move, so that the cohort is easy to follow.
    eldest = parts.people.siblings.eldest
    able = (parts.people.siblings.sizes == 1) & parts.people.standing.live[eldest]
    hidden = parts.people.standing.shielded[eldest]
    wanted = parts.setting.judgement.movers.of(len(where))
    candidates = [
        draws.shuffled(np.flatnonzero(able & hidden)),
        draws.shuffled(np.flatnonzero(able & ~hidden)),
    ]
    few = max(1, wanted // 8)
    moved = np.r_[candidates[0][:few], candidates[1][: wanted - few]]
    authorities = len(parts.setting.authorities)
    where[moved] = (where[moved] + draws.between(1, max(1, authorities - 1), len(moved))) % authorities
    return ground.streets_in(draws, where), np.sort(moved)


def homes(parts: Parts, family_street: Ints) -> tuple[Ints, Ints]:
    """Address row of each user's home, -1 where unknown, and the streets of the further addresses."""
    draws, staff = parts.setting.draws("user homes"), parts.staff
    users = len(staff.role)
    home = np.full(users, -1, dtype=np.int64)
    family_of = parts.people.siblings.family
    known = draws.order(users)[: parts.setting.judgement.known_homes.of(users)]
    anywhere = draws.weighted(parts.setting.weights, len(known))
    area = np.where(staff.area[known] < 0, anywhere, staff.area[known])
    street = dict(zip(known.tolist(), parts.ground.streets_in(draws, area).tolist(), strict=True))
    street |= {user: int(family_street[family_of[child]]) for user, child in parts.ties.neighbour}
    with_child = {user: int(family_of[child]) for user, child in parts.ties.carer}
    further = sorted(user for user in street if user not in with_child)
    home[further] = len(family_street) + numbered(len(further))
    home[list(with_child)] = list(with_child.values())
    return home, np.array([street[user] for user in further], dtype=np.int64)


def addresses(parts: Parts, street: Ints) -> pa.Table:
    """An address for each family, in the order of the families, then homes of users, then earlier addresses."""
    draws, minter, ground = parts.setting.draws("houses"), parts.setting.minter, parts.ground
    words = draws.pick(parts.setting.pools.invented("house_word", size=_HOUSE_WORDS), len(street)).tolist()
    houses = [f"{minter.mint(TokenKind.PLACE, row).capitalize()} {word}" for row, word in enumerate(words)]
    return table(
        "addresses",
        {
            "address": numbered(len(street)),
            "house": houses,
            "street": ground.street[street],
            "locality": ground.locality[street],
            "postcode": ground.postcode[street],
            "authority": ground.street_authority[street],
        },
    )


def former_addresses(parts: Parts, earlier: Earlier) -> pa.Table:
    """Earlier addresses of children."""
    child, lived = of_children(parts, earlier)
    columns = {"child": child, "address": lived.address, "since": lived.since, "until": lived.until}
    return table("former_addresses", columns)
