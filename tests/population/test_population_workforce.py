"""Practitioners of an area, and caseloads."""

from __future__ import annotations

import numpy as np
import pytest
from tests.population.bases import JUDGEMENT, NATION, VILLAGE, base, fresh_base

from overreach.population.recipe import Order
from overreach.population.sampling import Draws


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_practitioners_are_of_the_area_they_are_asked_for(order: Order) -> None:
    """Whoever is drawn for an area practises there."""
    of = base(order)
    area = Draws(7, "areas").below(len(of.setting.authorities), 20_000)
    users = of.practitioners.of(Draws(7, "practitioners"), area, np.full(len(area), 9))
    assert (of.staff.posting.area[users] == area).all()
    assert all(JUDGEMENT.roles[row].practitioner for row in np.unique(of.staff.posting.role[users]).tolist())


def test_caseloads_are_skewed_as_the_recipe_says() -> None:
    """Some practitioners come up about four times as often as others."""
    of = base(VILLAGE)
    users = of.practitioners.of(Draws(7, "practitioners"), *np.zeros((2, 60_000), dtype=np.int64))
    met = np.bincount(users)
    # Of those who work with the newborn as with all: others are met as often as nobody else is found.
    whole = [row for row, role in enumerate(JUDGEMENT.roles) if role.ages[0] == 0]
    met = met[(met > 0) & np.isin(of.staff.posting.role[: len(met)], whole)]
    assert 3.5 < met.max() / met.min() < 4.6


def test_most_practitioners_work_with_children_of_their_ages() -> None:
    """A midwife with the newborn, a youth offending worker with the grown."""
    of = base(NATION)
    age = Draws(7, "ages").below(18, 20_000)
    area = Draws(7, "areas").below(len(of.setting.authorities), 20_000)
    role = of.staff.posting.role[of.practitioners.of(Draws(7, "practitioners"), area, age)]
    first, last = np.array([role.ages for role in JUDGEMENT.roles])[role].T
    assert ((age >= first) & (age <= last)).mean() > 0.9


def test_names_and_everything_else_are_the_same_when_drawn_again() -> None:
    """Names, like everything else about the users, are the same when drawn again."""
    one, again = base(VILLAGE).staff, fresh_base(VILLAGE).staff
    assert (one.names.given == again.names.given).all()
    assert (one.names.family == again.names.family).all()
    assert len(np.unique(one.names.male)) == 2
