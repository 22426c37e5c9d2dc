"""The people of any population beside a policy decided for them: what the strategies choose from."""

from __future__ import annotations

import copy
from collections.abc import Hashable
from functools import cached_property
from typing import Protocol

import numpy as np

from overreach.model.errors import PopulationError
from overreach.policy.columns import RELATIONS
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.relations import Relations
from overreach.population.edges import Rows
from overreach.population.sides import Ints, Side
from overreach.population.store import Population


class NoSuchMemberError(PopulationError):
    """A population has nobody of the kind asked for: nothing can be concluded from it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this population has no {what}", "ask for less, or generate more people")


class Peopled(Protocol):
    """Whatever has people: they themselves, or a running system that holds them."""

    @property
    def people(self) -> People:
        """As they stood at the start."""
        ...


class People:
    """A population and a policy decided for it, as they stood when this was made."""

    def __init__(self, population: Population, grid: Grid) -> None:
        """`grid` is of the same population."""
        self.population = population
        self.grid = grid
        shape = population.shape
        self.users = Side(population, Rows(shape.users, "user"), grid.users, shape.user_facts)
        self.children = Side(population, Rows(shape.children, "child"), grid.children, shape.child_facts)
        self.relations: Relations = copy.copy(grid.relations)
        self.relations.area_of = grid.relations.area_of.copy()

    @classmethod
    def of(cls, population: Population, policy: Policy) -> People:
        """The people of a population under a policy; PolicyError where the two do not fit."""
        return cls(population, Grid.build(policy, population, ()))

    @property
    def people(self) -> People:
        """These: so that strategies take people and running systems alike."""
        return self

    @cached_property
    def _involvements(self) -> tuple[Ints, Ints]:
        """User -> where their children begin in the list of children; the last start is its length."""
        starts = self.relations.involved_users.searchsorted(np.arange(len(self.users) + 1))
        return starts.astype(np.int64), self.relations.involved_children

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """User class -> its role."""
        return tuple(str(self.grid.users.as_mapping(number)["role"]) for number in range(self.users.class_count))

    @cached_property
    def areas(self) -> tuple[Hashable, ...]:
        """The areas that some user has, ascending."""
        rows = self.population.query(
            f"SELECT DISTINCT area FROM ({self.population.shape.areas}) WHERE area IS NOT NULL ORDER BY ALL"  # noqa: S608 - the recipe's own SQL
        )
        return tuple(rows["area"].to_pylist())

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """The coded reasons that the rungs of the pack state; without rungs, all that the policy speaks of."""
        stated = dict.fromkeys(rung.claims.reason for rung in self.grid.rungs)
        return tuple(reason for reason in stated if reason is not None) or self.grid.policy.reasons()

    def involved_with(self, users: Ints) -> tuple[Ints, Ints]:
        """The children with whom these users are involved, and the place of its user for each."""
        starts, children = self._involvements
        many = starts[users + 1] - starts[users]
        owner = np.repeat(np.arange(len(users)), many)
        places = np.arange(len(owner)) - np.repeat(np.cumsum(many) - many, many) + starts[users][owner]
        return children[places], owner

    def colleagues(self, user: int) -> tuple[int, ...]:
        """The user first, then the others of the same class with the same areas, ascending."""
        alike = np.flatnonzero(self.users.class_of == self.users.class_of[user])
        same = (self.relations.has_area[alike] == self.relations.has_area[user]).all(axis=1)
        return (user, *(row for row in alike[same].tolist() if row != user))

    def cell(self, user: int, child: int) -> int:
        """Key of the pair's cell, as `Grid.cell` numbers it."""
        number = self.relations.number(user, child)
        return self.key(int(self.users.class_of[user]), int(self.children.class_of[child]), number)

    def key(self, user_class: int, child_class: int, relation: int) -> int:
        """Key of a cell."""
        return (child_class * self.users.class_count + user_class) * len(RELATIONS) + relation
