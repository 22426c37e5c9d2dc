"""Families as sibling groups."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.population.sampling import Draws
from overreach.population.siblings import FamilyFigures, Siblings, draw_siblings

AS_OF = date(2009, 5, 18)
FIGURES = FamilyFigures(
    sizes=np.array([43, 40, 13, 3, 1, 0, 0, 0, 0, 0, 1], dtype=np.int64),
    ages=np.full(18, 100, dtype=np.int64),
    gaps=(0, 1, 2, 3, 5),
)


def _draw(children: int, seed: int = 1) -> Siblings:
    return draw_siblings(Draws(seed, "f"), children, FIGURES, AS_OF)


@given(st.integers(1, 400), st.integers(0, 1_000))
@settings(max_examples=60)
def test_there_are_exactly_as_many_children_as_asked_and_none_is_eighteen(children: int, seed: int) -> None:
    """There are exactly as many children as asked and none is eighteen."""
    siblings = _draw(children, seed)
    assert len(siblings.family) == children == siblings.sizes.sum()
    assert siblings.families == siblings.family.max() + 1
    today = np.datetime64(AS_OF).astype(np.int64)
    assert (siblings.born <= today).all()
    assert ((siblings.age >= 0) & (siblings.age <= 17)).all()
    assert (today - siblings.born < 18 * 365 + 5).all()


@given(st.integers(0, 1_000))
@settings(max_examples=30)
def test_siblings_are_twins_or_at_least_nine_months_apart(seed: int) -> None:
    """Siblings are twins or at least nine months apart."""
    siblings = _draw(300, seed)
    same = siblings.family[1:] == siblings.family[:-1]
    apart = (siblings.born[1:] - siblings.born[:-1])[same]
    assert (apart >= 0).all(), "the eldest comes first"
    assert ((apart == 0) | (apart > 270)).all()


def test_the_eldest_of_each_family_is_its_first_row() -> None:
    """The eldest of each family is its first row."""
    siblings = _draw(500)
    assert (siblings.place[siblings.eldest] == 0).all()
    assert (siblings.family[siblings.eldest] == np.arange(siblings.families)).all()
