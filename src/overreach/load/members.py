"""Who takes part in a load, and about whom they ask."""

from __future__ import annotations

import random
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from overreach.load import record
from overreach.model.decision import Claims
from overreach.model.errors import OverreachError
from overreach.model.terms import Action
from overreach.probe.session import Bench

_SAMPLE = 20_000  # children looked at to find those of a record class
_TRIES = 20  # draws for a child of a record class who is also near


def members(bench: Bench, seed: int, part: int = 0, parts: int = 1) -> list[int]:
    """Users whom the policy lets sign in, in an order given by the seed; every `parts`-th of them from `part` on.

    The shares of all parts are disjoint and together everybody: nobody is simulated twice.
    """
    order = np.random.default_rng([seed, 0x10AD]).permutation(bench.population.users_count)
    # A user class is decided as a whole: ask once for each, by its first member.
    classes, first = np.unique(bench.grid.user_class, return_index=True)
    allowed = [bench.grid.allows(int(user), None, Action.SIGN_IN, Claims()) for user in first]
    may = np.isin(bench.grid.user_class[order], classes[allowed])
    chosen: list[int] = order[may][part::parts].tolist()
    return chosen


def lost_users(bench: Bench, folder: Path, seed: int) -> NDArray[np.bool_]:
    """User -> whether the process that the user fell to left no summary in the folder of a load.

    What such a user sent last is not known: a killed process loses a batch of its journal.
    """
    lost = np.zeros(bench.population.users_count, dtype=np.bool_)
    parts = record.Order.read(folder).parts
    for part in range(parts):
        if record.Summary.read(folder / record.SUMMARY.format(part)) is None:
            lost[members(bench, seed, part, parts)] = True
    return lost


def enough(available: int, wanted: int) -> None:
    """OverreachError where a population has fewer members than are wanted at once."""
    if available < wanted:
        message = f"`{wanted}` users are wanted at once, and only {available} of the population may sign in"
        raise OverreachError(message, "ask for fewer with --users, or generate a population with more users")


class Caseload:
    """Draws children for a user: near (in area or involved), anywhere, or of a record class."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self._grid = bench.grid
        self._random = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
        self._children = bench.population.children_count
        relations = bench.grid.relations
        self._by_area = np.argsort(relations.area_of, kind="stable").astype(np.uint32)
        areas = np.arange(relations.has_area.shape[1] + 1)
        # Area a has the children from place `_starts[a]` to before `_starts[a + 1]`.
        self._starts = np.searchsorted(relations.area_of[self._by_area], areas.astype(relations.area_of.dtype)).tolist()
        self._of_class: dict[str, list[int]] = {}
        self._bench = bench

    def near(self, user: int) -> int:
        """A child in the user's area or involved with the user; any child where there is none."""
        involved = self._grid.relations.children_involved_with(user)
        if len(involved) and self._random.random() < 0.5:  # noqa: PLR2004 - as likely as one of the area
            return int(involved[self._random.randrange(len(involved))])
        areas = np.flatnonzero(self._grid.relations.has_area[user])
        if len(areas):
            area = areas[self._random.randrange(len(areas))]
            first, last = self._starts[area], self._starts[area + 1]
            if last > first:
                return int(self._by_area[self._random.randrange(first, last)])
        return self.anywhere()

    def anywhere(self) -> int:
        """Any child."""
        return self._random.randrange(self._children)

    def namesakes(self, child: int) -> list[int]:
        """Children of one family name, this child among them, as far as a sample of the population goes."""
        name = self._family_name(child)
        return [child, *(each for each in self._by_name.get(name, ()) if each != child)]

    def of_a_colleague(self, user: int) -> int:
        """A child with the family name of a colleague, as far as a sample of both goes; any child where none is."""
        fields = self._bench.population.user_fields(user)
        for colleague in self._colleagues.get(fields.get("organisation"), ()):
            name = self._bench.population.user_fields(colleague).get("family_name")
            found = self._by_name.get(str(name))
            if colleague != user and found:
                return self._random.choice(found)
        return self.anywhere()

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for child in self._random.sample(range(self._children), min(_SAMPLE, self._children)):
            found.setdefault(self._family_name(child), []).append(child)
        return found

    @cached_property
    def _colleagues(self) -> dict[object, list[int]]:
        """Organisation -> some of those who work there."""
        found: dict[object, list[int]] = {}
        for user in range(min(_SAMPLE, self._bench.population.users_count)):
            found.setdefault(self._bench.population.user_fields(user).get("organisation"), []).append(user)
        return found

    def _family_name(self, child: int) -> str:
        return str(self._bench.population.child_fields(child).get("family_name"))

    def in_class(self, user: int, record_class: str) -> int:
        """A child of a record class, near the user if one is soon found; any child where there is none."""
        known = self._of_class.get(record_class)
        if known is None:
            sample = self._random.sample(range(self._children), min(_SAMPLE, self._children))
            known = [child for child in sample if record_class in self._grid.classes_of(user, child)]
            self._of_class[record_class] = known
        if not known:
            return self.anywhere()
        drawn = [self._random.choice(known) for _ in range(_TRIES)]
        return next((child for child in drawn if any(self._grid.relation(user, child))), drawn[0])
