"""The relations between users and children: areas as a table, involvements as a sorted sparse list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from overreach.policy.codes import Codes, blocks
from overreach.policy.columns import RELATIONS
from overreach.policy.facts import Classes, People, coded, read_numbered
from overreach.policy.threads import in_threads

Ints = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]
Keep = Callable[[str, Callable[[], Arrays]], Arrays]
"""Gives the arrays of a name: those kept from another time or by another process, or made now."""
T = TypeVar("T")

#: Involvements looked at together by one thread: as many as leave the processor's cache to the tables.
_AT_ONCE: Final = 1 << 19


def made_now(_name: str, make: Callable[[], Arrays]) -> Arrays:
    """Keeps nothing."""
    return make()


class Relations:
    """Who has which areas, which area is responsible for whom, and who is involved with whom."""

    def __init__(self, people: People, keep: Keep = made_now) -> None:
        """Read them from the population, as its shape says; `keep` may share the involvements between processes."""
        self.people = people
        shape = people.shape
        self._users, self._children = people.users_count, people.children_count
        of_area = people.query(shape.areas)
        attribute = shape.area_attribute[1]
        # A recipe that names the attribute like the column need not say so.
        facts = {attribute: f'"{attribute}"', **shape.child_facts}
        responsible = read_numbered(people, "children", facts, [attribute])
        areas, children = of_area["area"], responsible[attribute]
        self._codes = {area: code for code, area in enumerate(sorted({*_known(areas), *_known(children)}))}
        known = pa.array(self._codes, areas.type)
        self.has_area: NDArray[np.bool_] = np.zeros((self._users, max(len(self._codes), 1)), dtype=np.bool_)
        """(user, area) -> whether the user has it."""
        some = of_area.filter(areas.is_valid())
        self.has_area[some["user"].to_numpy(), pc.index_in(some["area"], value_set=known).to_numpy()] = True
        self.area_of: Codes = coded(responsible, attribute, known)
        """Child -> area responsible for it, or -1."""
        self._keep = keep
        self._keys: Ints = keep("involved", lambda: {"pairs": _involved(people)})["pairs"]
        self._involved_now: dict[int, frozenset[int]] = {}

    @property
    def areas(self) -> int:
        """Number of areas."""
        return int(self.has_area.shape[1])

    @property
    def involved_users(self) -> Ints:
        """Users of the involvements, in order of (user, child)."""
        return self._by_user // max(self._children, 1)

    @property
    def involved_children(self) -> Ints:
        """Children of the involvements, in order of (user, child)."""
        return self._by_user % max(self._children, 1)

    def number(self, user: int, child: int) -> int:
        """Number of the relation of a pair, as in `RELATIONS`."""
        # Python's own integers: NumPy's take several times as long, one by one.
        area = self.area_of.item(child)
        in_area = area >= 0 and self.has_area.item(user, area)
        if self._involved_now and child in self._involved_now:
            return in_area + 2 * (user in self._involved_now[child])
        key = int(child) * self._users + int(user)
        place = int(self._keys.searchsorted(key))
        involved = place < len(self._keys) and self._keys.item(place) == key
        return in_area + 2 * involved

    def numbers(self, users: Ints, children: Ints) -> Ints:
        """Numbers of the relations of many pairs; arrays are broadcast."""
        area = self.area_of[children]
        in_area = self.has_area[users, area] & (area >= 0)
        keys = np.asarray(children, dtype=np.int64) * self._users + users
        if not len(self._keys):
            return in_area.astype(np.int64)
        place = np.minimum(self._keys.searchsorted(keys), len(self._keys) - 1)
        numbers: Ints = in_area + 2 * (self._keys[place] == keys).astype(np.int64)
        return numbers

    def move(self, child: int, area: Any) -> None:  # noqa: ANN401 - whatever the recipe names areas by
        """Make an area responsible for a child; KeyError where no user or child has that area."""
        self.area_of[child] = -1 if area is None else self._codes[area]

    def involve(self, child: int, users: frozenset[int] | None) -> None:
        """Let exactly these users be involved with a child, for `number`; those of the population again with None."""
        if users is None:
            self._involved_now.pop(child, None)
        else:
            self._involved_now[child] = users

    def users_involved_with(self, child: int) -> Ints:
        """Users involved with a child, ascending."""
        first, last = self._keys.searchsorted([child * self._users, (child + 1) * self._users])
        return self._keys[first:last] - child * self._users

    def involved_with(self, children: Ints) -> tuple[Ints, Ints]:
        """Of each user involved with one of some children: the place of the child among them, and the user."""
        first = self._keys.searchsorted(children * self._users)
        many = self._keys.searchsorted((children + 1) * self._users) - first
        place = np.repeat(np.arange(len(children)), many)
        return place, self._keys[spans(first, many)] - children[place] * self._users

    def children_involved_with(self, user: int) -> Ints:
        """Children with whom a user is involved, ascending."""
        first, last = self._by_user.searchsorted([user * self._children, (user + 1) * self._children])
        return self._by_user[first:last] - user * self._children

    def children_by_area(self, classes: Classes) -> Ints:
        """(child class, area) -> children; those without an area are in the last column."""
        counts = np.zeros((len(classes), self.areas + 1), dtype=np.int64)
        for block in blocks(self._children):
            place = classes.of[block].astype(np.int64) * (self.areas + 1)
            counts += _counted(place + np.where(self.area_of[block] < 0, self.areas, self.area_of[block]), counts.shape)
        return counts

    def users_by_area(self, classes: Classes) -> Ints:
        """(user class, area) -> users who have it; a last column of zeros stands for no area."""
        users, areas = np.nonzero(self.has_area)
        place = classes.of[users].astype(np.int64) * (self.areas + 1) + areas
        return _counted(place, (len(classes), self.areas + 1))

    @cached_property
    def area_sets(self) -> tuple[NDArray[np.bool_], Codes]:
        """The distinct sets of areas that users have, as rows like `has_area`; and user -> its row."""
        packed = np.packbits(self.has_area, axis=1)
        rows = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(packed.shape[1]), len(packed), [None, pa.py_buffer(packed.tobytes())]
        ).dictionary_encode()
        known: list[Any] = rows.dictionary.to_pylist()
        order = sorted(range(len(known)), key=lambda place: known[place])
        place = np.empty(len(known), dtype=np.int32)
        place[order] = np.arange(len(known), dtype=np.int32)
        of: Codes = place[rows.indices.to_numpy()]
        _, first = np.unique(of, return_index=True)
        return self.has_area[first], of

    def involvements(self) -> Iterator[tuple[Ints, Ints, Codes]]:
        """Users, children and relations of the involvements, by child and then user, part after part."""
        for start in range(0, len(self._keys), _AT_ONCE):
            yield self._at(start, lambda *part: part)

    def each_involvement(self, work: Callable[[Ints, Ints, Codes], T]) -> list[T]:
        """What `work` makes of users, children and relations of the involvements, by child and then user.

        It is given part after part of them, by as many threads as there are processors; results in order.
        """
        return in_threads(lambda start: self._at(start, work), range(0, len(self._keys), _AT_ONCE))

    def pair_counts(self, users: Classes, children: Classes) -> Ints:
        """(user class, child class, relation) -> pairs; exact, without going through the pairs."""
        shape = (len(users), len(children), len(RELATIONS))

        def count(user: Ints, child: Ints, relation: Codes) -> Ints:
            place = (users.of[user].astype(np.int64) * shape[1] + children.of[child]) * shape[2] + relation
            return _counted(place, shape)

        involved = np.zeros(shape, dtype=np.int64)
        for part in self.each_involvement(count):
            involved += part
        of_users = np.bincount(users.of, minlength=len(users))
        return all_pairs(of_users, self.users_by_area(users), self.children_by_area(children), involved)

    @cached_property
    def _by_user(self) -> Ints:
        """Keys of the involvements, user x children + child, ascending; made only for those who want this order."""
        return self._keep("involved-by-user", lambda: {"pairs": self._turned()})["pairs"]

    def _turned(self) -> Ints:
        children = self._keys // max(self._users, 1)
        keys = (self._keys - children * self._users) * self._children + children
        keys.sort()
        return keys

    def _at(self, start: int, work: Callable[[Ints, Ints, Codes], T]) -> T:
        keys = self._keys[start : start + _AT_ONCE]
        children = keys // self._users
        users = keys - children * self._users
        area = self.area_of[children]
        in_area = self.has_area.ravel().take(users * self.areas + area)
        in_area &= area >= 0
        return work(users, children, in_area + np.int32(2))


def spans(first: Ints, many: Ints) -> Ints:
    """The places of runs that begin at `first` and are so long, one after another."""
    found: Ints = np.repeat(first - np.cumsum(many) + many, many) + np.arange(many.sum())
    return found


def all_pairs(of_users: Ints, users_by_area: Ints, children_by_area: Ints, involved: Ints) -> Ints:
    """`pair_counts` from the sizes of the user classes, both sides by area, and the pairs involved alone."""
    near = users_by_area @ children_by_area.T
    counts = involved.copy()
    counts[:, :, 1] = near - involved[:, :, 3]
    counts[:, :, 0] = of_users[:, None] * children_by_area.sum(axis=1)[None, :] - near - involved[:, :, 2]
    return counts


def _involved(people: People) -> Ints:
    """Keys of the involvements, child x users + user, ascending and each once."""
    key = f'CAST(child AS BIGINT) * {people.users_count} + CAST("user" AS BIGINT)'
    found = people.query(f"SELECT {key} AS pair FROM ({people.shape.involved})")  # noqa: S608 - the recipe's own SQL
    keys: Ints = found["pair"].to_numpy()
    if not (keys[1:] > keys[:-1]).all():
        keys = np.sort(keys)
        keys = keys[np.append(True, keys[1:] != keys[:-1])]
    return keys


def _counted(place: Ints, shape: tuple[int, ...]) -> Ints:
    return np.bincount(place, minlength=int(np.prod(shape))).reshape(shape)


def _known(areas: pa.ChunkedArray[Any]) -> list[Any]:
    return [area for area in areas.unique().to_pylist() if area is not None]
