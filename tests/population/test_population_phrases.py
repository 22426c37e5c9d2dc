"""Invented names by number."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from overreach.population.childindex.phrases import LOCALITIES, PRACTICES, STREETS, Phrases, organisations, schools
from overreach.population.sampling import Draws


def test_every_combination_has_a_number_of_its_own() -> None:
    """Every combination has a number of its own."""
    phrases = Phrases((("Elm", "Oak"), ("Hill", "Row", "Way")), joint="-")
    texts = phrases.texts(np.arange(phrases.size)).to_pylist()
    assert texts == ["Elm-Hill", "Elm-Row", "Elm-Way", "Oak-Hill", "Oak-Row", "Oak-Way"]


@given(st.integers(0, 20))
def test_names_come_round_again_only_when_all_are_used(count: int) -> None:
    """Names come round again only when all are used."""
    phrases = Phrases((("Elm", "Oak"), ("Hill", "Row", "Way")))
    drawn = phrases.draw(Draws(7, "names"), count)
    assert len(drawn) == count
    used = np.bincount(drawn, minlength=phrases.size)
    assert used.max() - used.min() <= 1


def test_places_and_institutions_have_names_of_their_kind() -> None:
    """Places and institutions have names of their kind; an unknown sector has plain ones."""
    zero = np.zeros(1, dtype=np.int64)
    named = [item.texts(zero).to_pylist()[0] for item in (STREETS, LOCALITIES, PRACTICES)]
    assert named == ["Alder Avenue", "Alderbeck", "Alder Bank Surgery"]
    assert schools("special").texts(zero).to_pylist() == ["Alder Bank Special School"]
    assert organisations("operators").texts(zero).to_pylist() == ["Alder Bank Records Office"]
    assert organisations("astrology").texts(zero).to_pylist() == ["Alder Bank Project"]
