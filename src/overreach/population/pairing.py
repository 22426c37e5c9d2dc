"""Pairs of users and children by cell: how many there are, and who they are, without going through the pairs."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from overreach.policy.columns import RELATIONS
from overreach.policy.facts import Classes
from overreach.population.asking import ChildAsk, UserAsk, groups_of
from overreach.population.groups import Groups, Members
from overreach.population.people import People
from overreach.population.sides import LEVELS, Bools, Ints, cohort_rows


class Cell(NamedTuple):
    """What the policy cannot tell apart."""

    user_class: int
    child_class: int
    relation: int
    """Number of the relation, as in `RELATIONS`."""

    @property
    def in_area(self) -> int:
        """1 in area, 0 not."""
        return self.relation % 2

    @property
    def involved(self) -> bool:
        """Whether the user is involved."""
        return RELATIONS[self.relation][1]


class Pairing:
    """The users and the children asked for, together; with `cohort`, only the pairs that it names."""

    def __init__(self, people: People, users: UserAsk, children: ChildAsk, cohort: str | None = None) -> None:
        self.people = people
        self.users: Groups = groups_of(people, users)
        self.children: Groups = groups_of(people, children)
        self._cohort = cohort

    @cached_property
    def counts(self) -> Ints:
        """(user group, child group, relation) -> pairs; exact."""
        users, children = _as_classes(self.users), _as_classes(self.children)
        counts: Ints = self.people.relations.pair_counts(users, children)[:-1, :-1]
        return counts

    @cached_property
    def by_cell(self) -> Ints:
        """(user class, child class, relation) -> pairs; exact."""
        users, children, relations = self.counts.shape
        shape = (users // LEVELS, LEVELS, children // LEVELS, LEVELS, relations)
        totals: Ints = self.counts.reshape(shape).sum(axis=(1, 3))
        return totals

    @cached_property
    def arranged(self) -> tuple[Ints, Ints, Ints]:
        """Users, children and cells (their keys) of the pairs asked for that a cohort names together, in order."""
        named = cohort_rows(self.people.population, self._cohort)
        users, children = named["user"], named["child"]
        both = (users >= 0) & (children >= 0)
        users, children = users[both], children[both]
        asked = (self.users.group_of[users] < self.users.count) & (
            self.children.group_of[children] < self.children.count
        )
        users, children = np.unique(np.array([users[asked], children[asked]]), axis=1)
        numbers = self.people.relations.numbers(users, children)
        classes = self.people.users.class_of[users], self.people.children.class_of[children].astype(np.int64)
        keys: Ints = (classes[1] * self.people.users.class_count + classes[0]) * len(RELATIONS) + numbers
        return users, children, keys

    def arranged_in(self, cell: Cell, user: int | None = None) -> list[tuple[int, int]]:
        """The pairs of a cell that a cohort names together, or those of one user."""
        users, children, keys = self.arranged
        chosen = keys == self.people.key(*cell)
        if user is not None:
            chosen &= users == user
        return list(zip(users[chosen].tolist(), children[chosen].tolist(), strict=True))

    def cells(self, fits: Bools) -> list[Cell]:
        """The cells that fit and have pairs, the plainest first."""
        totals = self.by_cell if self._cohort is None else self._arranged_counts(None)
        return self._plainest_first(np.where(fits, totals, 0))

    def cells_of(self, user: int, fits: Bools) -> list[Cell]:
        """Those in which a user meets a child, the plainest first; the user need not be among those asked for."""
        if self._cohort is not None:
            return self._plainest_first(np.where(fits, self._arranged_counts(user), 0))
        totals = np.zeros(fits.shape, dtype=np.int64)
        own = self._counts_of(user).reshape(-1, LEVELS, len(RELATIONS)).sum(axis=1)
        totals[self.people.users.class_of[user]] = own
        return self._plainest_first(np.where(fits, totals, 0))

    def levels(self, cell: Cell) -> list[tuple[int, int]]:
        """How plain user and child can be in a cell, the plainest first; none where a cohort names the pairs."""
        if self._cohort is not None:
            return []
        user, child = cell.user_class * LEVELS, cell.child_class * LEVELS
        counts = self.counts[user : user + LEVELS, child : child + LEVELS, cell.relation]
        found = [(int(one), int(two)) for one, two in np.argwhere(counts)]
        return sorted(found, key=lambda levels: (sum(levels), levels))

    def child_levels(self, user: int, cell: Cell) -> list[int]:
        """How plain the children can be whom a user meets in a cell, ascending; none where a cohort names the pairs."""
        if self._cohort is not None:
            return []
        first = cell.child_class * LEVELS
        found: list[int] = np.flatnonzero(self._counts_of(user)[first : first + LEVELS, cell.relation]).tolist()
        return found

    def users_meeting(self, cell: Cell, levels: tuple[int, int]) -> Ints:
        """The users of a cell at their level who meet a child of it at its level, the plainest first."""
        group, other = cell.user_class * LEVELS + levels[0], cell.child_class * LEVELS + levels[1]
        return _meeting(self, group, other, cell.relation)

    def children_met(self, user: int, cell: Cell, level: int) -> Members:
        """The children of a cell at a level whom a user meets in it, the plainest first."""
        group = cell.child_class * LEVELS + level
        children, _ = self.people.involved_with(np.array([user]))
        children = children[self.children.group_of[children] == group]
        has_area = self._areas(user)
        near = has_area[self.people.relations.area_of[children]] == bool(cell.in_area)
        if cell.involved:
            rows = self.children.sort(children[near])
            return Members(rows, [(0, len(rows))])
        return self.children.members(group, has_area == bool(cell.in_area), children[near])

    def _arranged_counts(self, user: int | None) -> Ints:
        """(user class, child class, relation) -> pairs that the cohort names, or those of one user."""
        users, _, keys = self.arranged
        shape = (self.people.children.class_count, self.people.users.class_count, len(RELATIONS))
        counts = np.bincount(keys if user is None else keys[users == user], minlength=int(np.prod(shape)))
        turned: Ints = counts.reshape(shape).swapaxes(0, 1)
        return turned

    def _counts_of(self, user: int) -> Ints:
        """(child group, relation) -> children of one user."""
        has_area = self._areas(user)
        counts = np.zeros((self.children.count, len(RELATIONS)), dtype=np.int64)
        counts[:, 1] = self.children.sizes @ has_area
        counts[:, 0] = self.children.sizes.sum(axis=1) - counts[:, 1]
        children, _ = self.people.involved_with(np.array([user]))
        children = children[self.children.group_of[children] < self.children.count]
        group, near = self.children.group_of[children], has_area[self.people.relations.area_of[children]].astype(int)
        np.add.at(counts, (group, near + 2), 1)
        np.subtract.at(counts, (group, near), 1)
        return counts

    def _areas(self, user: int) -> Bools:
        """Area -> whether the user has it; nobody has the last, which stands for none."""
        found: Bools = np.r_[self.people.relations.has_area[user], False]
        return found

    def _plainest_first(self, totals: Ints) -> list[Cell]:
        user, child, relation = np.nonzero(totals)
        distance = self.people.users.distance[user] + self.people.children.distance[child]
        order = np.lexsort((relation, child, user, -totals[user, child, relation], distance))
        return [Cell(*place) for place in np.array([user, child, relation]).T[order].tolist()]


@lru_cache(maxsize=16)
def pairing(people: People, users: UserAsk, children: ChildAsk, cohort: str | None = None) -> Pairing:
    """The pairing of what is asked for; each is worked out once."""
    return Pairing(people, users, children, cohort)


@lru_cache(maxsize=512)
def _meeting(pairs: Pairing, group: int, other: int, relation: int) -> Ints:
    """The users of a group who meet a child of the other group in a relation, the plainest first."""
    people, start = pairs.people, int(pairs.users.starts[group, 0])
    users = pairs.users.rows[start : start + int(pairs.users.sizes[group, 0])]
    children, owner = people.involved_with(users)
    inside = pairs.children.group_of[children] == other
    children, owner = children[inside], owner[inside]
    in_area, involved = RELATIONS[relation]
    near = people.relations.numbers(users[owner], children) % 2 == in_area
    involvements = np.bincount(owner[near], minlength=len(users))
    if involved:
        return np.asarray(users[involvements > 0])
    by_area = pairs.children.sizes[other]
    there = people.relations.has_area[users].astype(np.int64) @ by_area[:-1]
    there = there if in_area else by_area.sum() - there
    meeting: Ints = users[there > involvements]
    return meeting


def _as_classes(groups: Groups) -> Classes:
    """The groups as classes, and one more for whoever was not asked for."""
    return Classes((), groups.group_of, [(number,) for number in range(groups.count + 1)])
