"""The stages that draw a part of an index of children: exact numbers, whatever is asked for."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from overreach.population.childindex.births import AgeFigures, birthdays, days, draw_births
from overreach.population.childindex.families import draw_families
from overreach.population.childindex.portion import Cut, Portion, children_in, family_counts
from overreach.population.childindex.standing import Shares, Standing, draw_standing
from overreach.population.sampling import Draws, Ints, Quota, quota

AGES = np.array([60, 59, 58, 57, 56, 55, 55, 54, 54, 55, 56, 57, 58, 59, 60, 61, 62, 62], dtype=np.int64) * 1_000
FIGURES = AgeFigures(AGES, AGES * 51 // 100, (0, 1, 2, 2, 3, 4))
SIZES = np.array([426, 396, 132, 34, 9, 3], dtype=np.int64)
AS_OF = date(2009, 5, 18)
SHARES = Shares(
    shielded=40,
    beside_sibling=6,
    pairs=3,
    archived=20,
    archived_shielded=4,
    staying=7,
    staying_before=0,
    looked_after=9,
    adopted=5,
    renamed=30,
    renamed_shielded=6,
)


def drawn(seed: int, children: int, weights: Ints) -> tuple[Ints, Standing, Ints, Ints]:
    """Responsible authorities, standing, ages and dates of birth of a part."""
    families = draw_families(Draws(seed, "f"), family_counts(SIZES, children), children_in(weights, children))
    standing = draw_standing(Draws(seed, "s"), SHARES, families)
    births = draw_births(Draws(seed, "b"), families, standing, FIGURES, AS_OF)
    return families.responsible, standing, births.age, births.born


@given(total=st.integers(0, 10**7), parts=st.integers(1, 300))
def test_portions_of_all_parts_add_up_to_the_whole(total: int, parts: int) -> None:
    """And no two differ by more than one."""
    cut = Cut(parts)
    shares = [cut.portion(total, part) for part in range(1, parts + 1)]
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1


@given(children=st.integers(1, 2_000_000), weights=st.lists(st.integers(1, 10**6), min_size=1, max_size=30))
def test_families_and_authorities_hold_exactly_the_children_asked_for(children: int, weights: list[int]) -> None:
    """However the weights fall."""
    counts = family_counts(SIZES, children)
    assert (counts >= 0).all()
    assert int((counts * np.arange(1, len(counts) + 1)).sum()) == children
    share = children_in(np.array(weights, dtype=np.int64), children)
    assert int(share.sum()) == children
    assert (share >= 0).all()


@given(seed=st.integers(0, 2**32), children=st.integers(2_000, 6_000), areas=st.integers(1, 12))
def test_every_authority_and_every_age_has_exactly_its_children(seed: int, children: int, areas: int) -> None:
    """Ages are those of the figures once the grown are set apart."""
    weights = np.arange(3, 3 + areas, dtype=np.int64)
    responsible, standing, age, _ = drawn(seed, children, weights)
    assert np.array_equal(np.bincount(responsible, minlength=areas), children_in(weights, children))
    young = standing.grown == 0
    assert np.array_equal(age[~young], standing.grown[~young])
    wanted = quota(AGES, int(young.sum()))
    assert np.abs(np.bincount(age[young], minlength=18) - wanted).sum() <= children // 25


@given(seed=st.integers(0, 2**32))
def test_shares_of_standing_are_met_exactly(seed: int) -> None:
    """The shielded beside a sibling and in pairs among them; nobody is looked after and archived."""
    _, standing, _, _ = drawn(seed, 3_000, np.array([5, 4, 3], dtype=np.int64))
    assert int(standing.shielded.sum()) == SHARES.shielded
    assert int(standing.beside_sibling.sum()) == SHARES.beside_sibling
    assert int((standing.archive_year > 0).sum()) == SHARES.archived
    assert int((standing.shielded & ~standing.live).sum()) == SHARES.archived_shielded
    assert int((standing.live & (standing.grown > 0)).sum()) == SHARES.staying
    assert int(standing.looked_after.sum()) == SHARES.looked_after
    assert int(standing.adopted.sum()) == SHARES.adopted
    assert int(standing.renamed.sum()) == SHARES.renamed
    assert not (standing.looked_after & ~standing.live).any()
    assert not (standing.adopted & ~standing.renamed).any()


@given(seed=st.integers(0, 2**32), day=st.dates(date(2004, 1, 1), date(2012, 12, 31)))
def test_everybody_is_as_old_as_the_date_of_birth_says(seed: int, day: date) -> None:
    """On any day of the population, 29 February among them."""
    families = draw_families(Draws(seed, "f"), family_counts(SIZES, 900), np.array([900], dtype=np.int64))
    standing = draw_standing(Draws(seed, "s"), SHARES, families)
    births = draw_births(Draws(seed, "b"), families, standing, FIGURES, day)
    last = birthdays(day, 30)
    assert last[0] == days(day)
    assert (births.born <= last[births.age]).all()
    assert (births.born > last[births.age + 1]).all()


@given(seed=st.integers(0, 2**32))
def test_siblings_are_twins_or_three_hundred_days_apart(seed: int) -> None:
    """Among the young, whose dates follow their family's."""
    families = draw_families(Draws(seed, "f"), family_counts(SIZES, 2_000), np.array([2_000], dtype=np.int64))
    standing = draw_standing(Draws(seed, "s"), SHARES, families)
    births = draw_births(Draws(seed, "b"), families, standing, FIGURES, AS_OF)
    same = (families.family[1:] == families.family[:-1]) & (standing.grown[1:] == 0) & (standing.grown[:-1] == 0)
    apart = (births.born[1:] - births.born[:-1])[same]
    assert ((apart == 0) | (apart >= 300)).all()
    twins = np.isin(families.family, standing.twins)
    assert len(set(births.born[twins].tolist())) == 1


def test_a_quota_of_a_part_is_its_portion_of_the_whole() -> None:
    """The parts together have the whole's."""
    quotas = [Portion(Cut(7), part, children=10_001, families=5_000).of_children(Quota(33)) for part in range(1, 8)]
    assert sum(quotas) == Quota(33).of(10_001)
