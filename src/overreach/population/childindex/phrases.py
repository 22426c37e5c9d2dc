"""Invented names made of words, by number: names of many institutions at once, without a text for each draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from overreach.population import words
from overreach.population.childindex.columns import coded
from overreach.population.childindex.texts import joined
from overreach.population.sampling import Draws, Ints


@dataclass(frozen=True, slots=True)
class Phrases:
    """Every combination of some lists of words, numbered from 0."""

    lists: tuple[tuple[str, ...], ...]
    joint: str = " "

    @property
    def size(self) -> int:
        """How many combinations there are."""
        size = 1
        for choices in self.lists:
            size *= len(choices)
        return size

    def draw(self, draws: Draws, count: int) -> Ints:
        """`count` numbers of combinations; each occurs once before any occurs again."""
        return np.resize(draws.order(self.size), count)

    def texts(self, numbers: Ints) -> pa.StringArray:
        """The combinations of those numbers."""
        places: list[Ints] = []
        rest = numbers
        for choices in reversed(self.lists):
            rest, place = np.divmod(rest, len(choices))
            places.insert(0, place)
        taken = [coded(place, choices) for choices, place in zip(self.lists, places, strict=True)]
        return joined(*taken, joint=self.joint)


STREETS = Phrases((words.PLAIN, words.WAYS))
"""For example `Larch Rise`."""
LOCALITIES = Phrases((words.PLAIN, words.ENDINGS), joint="")
"""For example `Larchcombe`."""
PRACTICES = Phrases((words.PLAIN, words.SITES, words.PRACTICES))
"""For example `Willow Gate Surgery`."""


def schools(phase: str) -> Phrases:
    """For example `Heron Hill Primary School`."""
    return Phrases((words.PLAIN, words.SITES, words.SCHOOLS[phase]))


def organisations(sector: str) -> Phrases:
    """For example `Kestrel Vale Youth Service`."""
    return Phrases((words.PLAIN, words.SITES, words.ORGANISATIONS.get(sector, words.ORGANISATIONS["any"])))
