"""What every stage of a world needs: the judgement, the figures, the words, and streams to draw from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from overreach.model.canary import Minter
from overreach.population.childindex.figures import Authority, Figures
from overreach.population.childindex.judgement import Judgement
from overreach.population.pools import Pools
from overreach.population.recipe import Order
from overreach.population.sampling import Draws, Flags, Ints, Texts
from overreach.population.vocabulary import COUNTS_FROM, Sex

_POOL = (64, 2_048)  # fewest and most texts of a pool
_SEXES: tuple[Sex, Sex] = ("F", "M")


@dataclass(frozen=True, slots=True)
class Setting:
    """The constant part of one world."""

    judgement: Judgement
    figures: Figures
    order: Order
    authorities: tuple[Authority, ...]
    pools: Pools
    minter: Minter
    weights: Ints = field(init=False)
    """Children of each authority in the published figures."""

    def __post_init__(self) -> None:
        weights = np.array([authority.children for authority in self.authorities], dtype=np.int64)
        object.__setattr__(self, "weights", weights)

    @classmethod
    def of(cls, judgement: Judgement, figures: Figures, order: Order) -> Setting:
        """The setting of an order."""
        least, most = _POOL
        return cls(
            judgement=judgement,
            figures=figures,
            order=order,
            authorities=_choose_authorities(judgement, figures, order),
            pools=Pools(order.seed, figures.names, min(most, max(least, order.children // 4))),
            minter=Minter(order.seed),
        )

    def draws(self, name: str) -> Draws:
        """The stream of that name."""
        return Draws(self.order.seed, name)

    def namer(self, name: str) -> Namer:
        """A namer with a stream of its own."""
        return Namer(self.draws(f"{name}: names"), self.pools, self.figures.locales)


def _choose_authorities(judgement: Judgement, figures: Figures, order: Order) -> tuple[Authority, ...]:
    """As many authorities as the size allows: all, or a drawn part of those that are not tiny."""
    number = min(
        judgement.most_authorities,
        max(judgement.least_authorities, order.children // judgement.children_per_authority),
        max(judgement.least_authorities, order.users // judgement.users_per_authority),
        len(figures.authorities),
    )
    if number == len(figures.authorities):
        return figures.authorities
    large = [item for item in figures.authorities if item.children >= judgement.smallest_authority]
    chosen = np.sort(Draws(order.seed, "authorities").order(len(large))[:number])
    return tuple(large[row] for row in chosen)


class Namer:
    """Draws names of many people at once."""

    def __init__(self, draws: Draws, pools: Pools, locales: tuple[tuple[str, int], ...]) -> None:
        self._draws = draws
        self._pools = pools
        self._locales = tuple(name for name, _ in locales)
        self._weights = np.array([weight for _, weight in locales], dtype=np.int64)

    def locales(self, count: int) -> Ints:
        """The locale row of each of `count` families, in the proportion of the figures."""
        return self._draws.spread(self._weights, count)

    def family(self, locale: Ints) -> Texts:
        """A family name for each locale row."""
        return self._by(locale, lambda kind: self._pools.family(self._locales[kind]))

    def given(self, locale: Ints, male: Flags, year: Ints) -> Texts:
        """A first name for each person, by locale row, sex and year of birth."""
        # Names change slowly: before the counts begin, people are named by the decade of their birth.
        decade = np.where(year >= COUNTS_FROM, 200, np.clip(year // 10, 194, 199))
        key = (locale * 1_000 + decade) * 2 + male

        def pool(kind: int) -> Texts:
            rest, sex = divmod(kind, 2)
            row, tens = divmod(rest, 1_000)
            return self._pools.given(self._locales[row], _SEXES[sex], tens * 10 + 4)

        return self._by(key, pool)

    def _by(self, key: Ints, pool_of: Callable[[int], Texts]) -> Texts:
        names = np.empty(len(key), dtype=object)
        for kind in np.unique(key).tolist():
            here = np.flatnonzero(key == kind)
            names[here] = self._draws.pick(pool_of(kind), len(here))
        return names
