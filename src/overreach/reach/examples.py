"""One pair of a user and a child as an example of a choice of pairs, without going through the pairs."""

from __future__ import annotations

from typing import Final

import numpy as np

from overreach.policy.codes import Codes, blocks
from overreach.policy.grid import Grid
from overreach.reach.outcomes import INVOLVED, NEAR, Bools, Ints

_NONE: Final = np.iinfo(np.int64).max


class Examples:
    """Finds pairs over one grid; masks are (user class, child class, relation) -> whether."""

    def __init__(self, grid: Grid, pairs: Ints, wanted: Bools) -> None:
        """`pairs` counts them by class and relation; only those in `wanted` will be asked for."""
        self._grid = grid
        self._pairs = pairs
        self._involved: Ints = self._first_involved(wanted).reshape(wanted.shape)
        """(user class, child class, relation) -> user x children + child of the first involved pair."""

    def first(self, chosen: Bools) -> tuple[int, int] | None:
        """A chosen pair (user, child): an involved one with the first user, else one of the first classes, or None."""
        key = int(self._involved[chosen].min(initial=_NONE))
        if key < _NONE:
            user, child = divmod(key, len(self._grid.children.of))
            return user, child
        cells = np.argwhere(chosen[:, :, :INVOLVED] & (self._pairs[:, :, :INVOLVED] > 0))
        return self._uninvolved(*cells[0].tolist()) if len(cells) else None

    def _first_involved(self, wanted: Bools) -> Ints:
        grid, places = self._grid, wanted.ravel()

        def firsts(user: Ints, child: Ints, relation: Codes) -> Ints:
            place = grid.users.of[user].astype(np.int64) * wanted.shape[1] + grid.children.of[child]
            place = place * wanted.shape[2] + relation
            kept = places[place]
            found = np.full(len(places), _NONE)
            np.minimum.at(found, place[kept], user[kept] * len(grid.children.of) + child[kept])
            return found

        parts = grid.relations.each_involvement(firsts)
        first: Ints = np.minimum.reduce([np.full(len(places), _NONE), *parts])
        return first

    def _uninvolved(self, user_class: int, child_class: int, relation: int) -> tuple[int, int]:
        """The first user of a class who stands so to a child of a class, and the first such child."""
        grid = self._grid
        by_area = grid.relations.children_by_area(grid.children)[child_class]
        users = np.flatnonzero(grid.users.of == user_class)
        near = grid.relations.has_area[users] @ by_area[:-1]
        for user in users[(near if relation == NEAR else by_area.sum() - near) > 0].tolist():
            for block in blocks(len(grid.children.of)):
                children = np.flatnonzero(grid.children.of[block] == child_class) + block.start
                fits = grid.relations.numbers(np.array([user]), children) == relation
                if fits.any():
                    return user, int(children[fits.argmax()])
        message = "a cell that has pairs has none"
        raise ValueError(message)
