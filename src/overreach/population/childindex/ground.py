"""The ground a world stands on: authorities, streets, schools and practices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population import canaries
from overreach.population.childindex.figures import Authority, Figures
from overreach.population.childindex.judgement import Judgement
from overreach.population.pools import Pools
from overreach.population.recipe import Order
from overreach.population.sampling import Draws, Ints, Texts, quota

_FEWEST_FAMILIES = 4  # in an authority, so that the smallest has somebody
_LOCALITIES = 6  # names of localities for each authority


@dataclass(frozen=True, slots=True)
class Ground:
    """Authorities and their streets."""

    authorities: tuple[Authority, ...]
    weights: Ints
    """Children of each authority in the published figures."""
    first_street: Ints
    """Row of each authority's first street; its streets stand together."""
    streets: Ints
    """How many streets each authority has."""
    street_authority: Ints
    street: Texts
    locality: Texts
    postcode: Texts

    def streets_in(self, draws: Draws, authority: Ints) -> Ints:
        """A street in each of the given authorities."""
        return self.first_street[authority] + draws.below_each(self.streets[authority])


def choose_authorities(draws: Draws, judgement: Judgement, figures: Figures, order: Order) -> list[Authority]:
    """As many authorities as the size allows: all, or a drawn part of those that are not tiny."""
    number = min(
        judgement.most_authorities,
        max(judgement.least_authorities, order.children // judgement.children_per_authority),
        max(judgement.least_authorities, order.users // judgement.users_per_authority),
        len(figures.authorities),
    )
    if number == len(figures.authorities):
        return list(figures.authorities)
    large = [item for item in figures.authorities if item.children >= judgement.smallest_authority]
    chosen = np.sort(draws.order(len(large))[:number])
    return [large[row] for row in chosen]


def settle(draws: Draws, weights: Ints, families: int) -> Ints:
    """The authority of each family, in proportion to the children of each, and a few at least in every one."""
    fewest = min(_FEWEST_FAMILIES, families // len(weights))
    counts = fewest + quota(weights, families - fewest * len(weights))
    return draws.shuffled(np.repeat(np.arange(len(weights), dtype=np.int64), counts))


def lay_streets(
    draws: Draws, judgement: Judgement, pools: Pools, authorities: list[Authority], families: Ints
) -> Ground:
    """Streets with canary postcodes; `families` counts the families of each authority."""
    streets = 2 + families // judgement.households_per_street
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
        authorities=tuple(authorities),
        weights=np.array([item.children for item in authorities], dtype=np.int64),
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


def found(
    draws: Draws, names: Texts, attends: Ints, authorities: int, children_each: int, first_row: int = 0
) -> Institutions:
    """Institutions for children whose authorities are `attends` (-1 for a child that attends none).

    One for each `children_each` children of an authority, at least one. `first_row` is added to the rows.
    """
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
        member_of=np.where(attends >= 0, member + first_row, -1),
    )


def telephones(draws: Draws, count: int, *, mobile: bool) -> Texts:
    """Numbers kept for drama; shared by chance, since there are few of them."""
    limit = canaries.TELEPHONES if mobile else canaries.TELEPHONES * 2 // 3
    return np.array(
        [canaries.telephone(number) for number in draws.below(limit, count).tolist()], dtype=object
    )
