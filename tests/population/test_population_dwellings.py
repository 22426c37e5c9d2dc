"""Homes of users, as far as they are known."""

from __future__ import annotations

import numpy as np
import pytest
from tests.population.bases import JUDGEMENT, NATION, VILLAGE, base

from overreach.population.childindex.dwellings import dwell
from overreach.population.childindex.ties import TieKind
from overreach.population.recipe import Order


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_as_many_homes_are_known_as_the_recipe_says(order: Order) -> None:
    """Homes are known as often as the recipe says, those of carers, which are their children's, among them."""
    of = base(order)
    dwellings = dwell(of.setting, of.staff, of.streets, of.ties)
    carers = of.ties.of_kind(TieKind.CARER).user
    assert len(dwellings.user) + len(carers) == JUDGEMENT.known_homes.of(order.users)
    assert not np.isin(carers, dwellings.user).any()
    assert (np.diff(dwellings.user) > 0).all()


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_users_live_in_their_area_and_neighbours_in_the_street_of_the_tie(order: Order) -> None:
    """Local users live in their area, national ones anywhere, and neighbours in the street of the tie."""
    of = base(order)
    dwellings = dwell(of.setting, of.staff, of.streets, of.ties)
    area = of.staff.posting.area[dwellings.user]
    assert (of.streets.authority(dwellings.street) == area)[area >= 0].all()
    street = dict(zip(dwellings.user.tolist(), dwellings.street.tolist(), strict=True))
    near = of.ties.of_kind(TieKind.NEIGHBOUR)
    assert [street[user] for user in near.user.tolist()] == near.street.tolist()
