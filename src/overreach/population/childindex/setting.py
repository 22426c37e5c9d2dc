"""What every stage of a world needs: the judgement, the figures, the order, and streams to draw from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from overreach.model.canary import Minter
from overreach.population.childindex.figures import Authority, Figures
from overreach.population.childindex.judgement import Judgement
from overreach.population.recipe import Order
from overreach.population.sampling import Draws, Ints


@dataclass(frozen=True, slots=True)
class Setting:
    """The constant part of one world."""

    judgement: Judgement
    figures: Figures
    order: Order
    authorities: tuple[Authority, ...]
    minter: Minter
    weights: Ints = field(init=False)
    """Children of each authority in the published figures."""

    def __post_init__(self) -> None:
        weights = np.array([authority.children for authority in self.authorities], dtype=np.int64)
        object.__setattr__(self, "weights", weights)

    @classmethod
    def of(cls, judgement: Judgement, figures: Figures, order: Order) -> Setting:
        """The setting of an order."""
        return cls(
            judgement=judgement,
            figures=figures,
            order=order,
            authorities=_choose_authorities(judgement, figures, order),
            minter=Minter(order.seed),
        )

    def draws(self, name: str) -> Draws:
        """The stream of that name."""
        return Draws(self.order.seed, name)


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
