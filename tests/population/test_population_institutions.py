"""Schools and practices: as many as in life, some of each everywhere, and who goes to which."""

from __future__ import annotations

import numpy as np
import pytest
from tests.population.bases import FIGURES, JUDGEMENT, NATION, VILLAGE, base

from overreach.population.recipe import Order
from overreach.population.sampling import Draws


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_every_authority_has_one_of_each_and_rows_lie_together(order: Order) -> None:
    """Every authority has a school of each phase and a practice, in rows that lie together."""
    for found in (base(order).schools, base(order).practices):
        assert found.count.min() >= 1
        assert found.count.sum() == len(found.authority) == len(found.phase) == len(found.name) == len(found.phone)
        assert (np.diff(found.authority) >= 0).all()
        for phase, authority in np.ndindex(*found.count.shape):
            rows = slice(found.first[phase, authority], found.first[phase, authority] + found.count[phase, authority])
            assert (found.authority[rows] == authority).all()
            assert (found.phase[rows] == phase).all()
    first, count = base(order).schools.of_authority
    assert first.tolist() == np.r_[0, np.cumsum(count)[:-1]].tolist()


def test_a_nation_has_schools_and_practices_as_in_life() -> None:
    """A nation has about 16,800 primary and 3,400 secondary schools and 8,300 practices."""
    schools = base(NATION).schools
    primary, secondary = np.bincount(schools.phase)[:2].tolist()
    assert abs(primary - 16_800) < 200
    assert abs(secondary - 3_400) < 100
    assert abs(len(base(NATION).practices.authority) - 8_300) < 20


def test_children_go_to_a_school_of_their_age_and_authority() -> None:
    """Children go to a school of their age and authority; the youngest to none, grown people where they went."""
    schools = base(NATION).schools
    age = np.tile(np.arange(-1, 24) % 25, 8_000)
    authority = np.arange(len(age)) % len(base(NATION).setting.authorities)
    school = schools.attend(Draws(7, "schools"), age, authority)
    at_school = school >= 0
    assert (schools.authority[school[at_school]] == authority[at_school]).all()
    assert at_school[age >= 4].all()
    assert not at_school[age < 3].any()
    phase = np.where(at_school, schools.phase[school], -1)
    assert set(phase[age == 3].tolist()) == {-1, schools.phases.index("nursery")}
    assert set(phase[age == 4].tolist()) == {schools.phases.index("nursery"), schools.phases.index("primary")}
    assert "primary" not in {schools.phases[row] for row in phase[age >= 11].tolist()}
    assert "secondary" not in {schools.phases[row] for row in phase[(age >= 4) & (age < 11)].tolist()}


def test_further_schools_have_the_share_that_the_recipe_says() -> None:
    """Of 1,000 children of an age, exactly so many go to a further sort of school as the recipe says."""
    schools = base(VILLAGE).schools
    assert schools.phase_by_age.shape == (len(FIGURES.ages), 1_000)
    for school in JUDGEMENT.further_schools:
        share = (schools.phase_by_age == schools.phases.index(school.phase)).sum(axis=1)
        first, last = school.ages
        assert set(share[first : last + 1].tolist()) == {school.of_1_000}
        assert not share[:first].any()
        assert not share[last + 1 :].any()
