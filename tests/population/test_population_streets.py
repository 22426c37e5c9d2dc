"""Streets lie in their authorities, with postcodes that are nobody's."""

from __future__ import annotations

import numpy as np
import pytest
from tests.population.bases import NATION, VILLAGE, base

from overreach.population import canaries
from overreach.population.recipe import Order
from overreach.population.sampling import Draws


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_a_street_of_an_authority_lies_in_it(order: Order) -> None:
    """A street drawn for an authority lies in it, with an outward code of its own and a canary postcode."""
    streets, authorities = base(order).streets, base(order).setting.authorities
    wanted = np.repeat(np.arange(len(authorities)), 10)
    drawn = streets.within(Draws(7, "streets"), wanted)
    assert streets.authority(drawn).tolist() == wanted.tolist()
    columns = {name: column.to_pylist() for name, column in streets.columns(drawn).items()}
    assert columns["authority"] == wanted.tolist()
    for authority, postcode in zip(wanted.tolist(), map(str, columns["postcode"]), strict=True):
        assert canaries.is_canary_postcode(postcode)
        assert postcode.split()[0] in {code for code, _ in authorities[authority].outward_codes}


def test_every_authority_has_streets_in_proportion_to_its_children() -> None:
    """Every authority has streets in proportion to its children, in several localities."""
    streets, weights = base(NATION).streets, base(NATION).setting.weights
    assert streets.count.min() >= 2
    assert np.abs(streets.count / streets.count.sum() - weights / weights.sum()).max() < 0.0001
    inside = slice(int(streets.first[0]), int(streets.first[0] + streets.count[0]))
    assert len(np.unique(streets.locality[inside])) >= 6
