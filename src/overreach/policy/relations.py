"""The relations between users and children: areas as a table, involvements as a sorted sparse list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from overreach.policy.columns import RELATIONS
from overreach.policy.facts import Classes, People, read_facts

Ints = NDArray[np.int64]


class Relations:
    """Who has which areas, which area is responsible for whom, and who is involved with whom."""

    def __init__(self, people: People) -> None:
        """Read them from the population, as its shape says."""
        shape = people.shape
        self._children = people.children_count
        of_area = people.query(shape.areas)
        attribute = shape.area_attribute[1]
        # A recipe that names the attribute like the column need not say so.
        facts = {attribute: f'"{attribute}"', **shape.child_facts}
        responsible = read_facts(people, "children", facts, [attribute])
        areas, children = of_area["area"], responsible[attribute]
        self._codes = {area: code for code, area in enumerate(sorted({*_known(areas), *_known(children)}))}
        self.has_area: NDArray[np.bool_] = np.zeros((people.users_count, max(len(self._codes), 1)), dtype=np.bool_)
        """(user, area) -> whether the user has it."""
        self.has_area[of_area["user"].to_numpy(), self._coded(areas)] = True
        self.area_of: Ints = self._coded(children)
        """Child -> area responsible for it, or -1."""
        pairs = people.query(shape.involved)
        keys = pairs["user"].to_numpy().astype(np.int64) * self._children + pairs["child"].to_numpy()
        self._keys: Ints = np.unique(keys)

    @property
    def areas(self) -> int:
        """Number of areas."""
        return int(self.has_area.shape[1])

    @property
    def involved_users(self) -> Ints:
        """Users of the involvements, in order of (user, child)."""
        return self._keys // max(self._children, 1)

    @property
    def involved_children(self) -> Ints:
        """Children of the involvements, in order of (user, child)."""
        return self._keys % max(self._children, 1)

    def number(self, user: int, child: int) -> int:
        """Number of the relation of a pair, as in `RELATIONS`."""
        area = self.area_of[child]
        in_area = area >= 0 and self.has_area[user, area]
        key = np.int64(user) * self._children + child
        place = self._keys.searchsorted(key)
        involved = place < len(self._keys) and self._keys[place] == key
        return int(in_area) + 2 * int(involved)

    def numbers(self, users: Ints, children: Ints) -> Ints:
        """Numbers of the relations of many pairs; arrays are broadcast."""
        area = self.area_of[children]
        in_area = self.has_area[users, area] & (area >= 0)
        keys = np.asarray(users, dtype=np.int64) * self._children + children
        if not len(self._keys):
            return in_area.astype(np.int64)
        place = np.minimum(self._keys.searchsorted(keys), len(self._keys) - 1)
        numbers: Ints = in_area + 2 * (self._keys[place] == keys).astype(np.int64)
        return numbers

    def move(self, child: int, area: Any) -> None:  # noqa: ANN401 - whatever the recipe names areas by
        """Make an area responsible for a child; KeyError where no user or child has that area."""
        self.area_of[child] = -1 if area is None else self._codes[area]

    def children_by_area(self, classes: Classes) -> Ints:
        """(child class, area) -> children; those without an area are in the last column."""
        counts = np.zeros((len(classes), self.areas + 1), dtype=np.int64)
        np.add.at(counts, (classes.of, self.area_of), 1)
        return counts

    def users_by_area(self, classes: Classes) -> Ints:
        """(user class, area) -> users who have it; a last column of zeros stands for no area."""
        counts = np.zeros((len(classes), self.areas + 1), dtype=np.int64)
        np.add.at(counts[:, :-1], classes.of, self.has_area.astype(np.int64))
        return counts

    def pair_counts(self, users: Classes, children: Classes) -> Ints:
        """(user class, child class, relation) -> pairs; exact, without going through the pairs."""
        of_users = np.bincount(users.of, minlength=len(users))
        by_area = self.children_by_area(children)
        near = self.users_by_area(users) @ by_area.T
        counts = np.zeros((len(users), len(children), len(RELATIONS)), dtype=np.int64)
        counts[:, :, 1] = near
        counts[:, :, 0] = of_users[:, None] * by_area.sum(axis=1)[None, :] - near
        user, child = self.involved_users, self.involved_children
        relation = self.numbers(user, child)
        place = (users.of[user], children.of[child])
        np.add.at(counts, (*place, relation), 1)
        np.subtract.at(counts, (*place, relation - 2), 1)
        return counts

    def _coded(self, areas: pa.ChunkedArray[Any]) -> Ints:
        coded = areas.combine_chunks().dictionary_encode()
        codes = np.array([self._codes[area] for area in coded.dictionary.to_pylist()] + [-1], dtype=np.int64)
        numbers: Ints = codes[coded.indices.fill_null(len(codes) - 1).to_numpy()]
        return numbers


def _known(areas: pa.ChunkedArray[Any]) -> list[Any]:
    return [area for area in areas.unique().to_pylist() if area is not None]
