"""Real people of a population like those of a counterexample: the policy permits it, and the invariant forbids it.

The solver's user and child are invented. The grid knows which classes of the population stand in the same place: of
the cells where both hold, those come first that differ from the invented ones in the fewest facts and claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet
from overreach.policy.columns import RELATIONS, Bools
from overreach.policy.expression import Entity
from overreach.policy.facts import Classes
from overreach.policy.grid import Grid
from overreach.policy.invariants import every_claim
from overreach.policy.prove_witness import Witness
from overreach.policy.relations import Ints
from overreach.policy.rules import CHILD, SYSTEM, PolicyRule

_USERS_LOOKED_AT = 50  # of one class, for somebody who stands so to a child
_HALF = 1  # what a closed account counts: distances of facts and claims count double


@dataclass(frozen=True, slots=True)
class Like:
    """Somebody, and what to claim."""

    user: int
    """Row number; likewise `child`."""
    child: int | None
    """None where nothing about a child is asked."""
    claims: Claims
    relation: tuple[bool, bool]
    """(in area, involved)."""


@dataclass(frozen=True, slots=True)
class _Cell:
    distance: int
    claims: Claims
    place: tuple[int, int, int]
    """(user class, child class, number of the relation)."""


class Likeness:
    """Who in a population is like a counterexample to one invariant."""

    def __init__(self, grid: Grid, invariant: PolicyRule, witness: Witness) -> None:
        self._grid = grid
        self._invariant = invariant
        self._witness = witness
        self._kind = SYSTEM if witness.child is None else CHILD
        self._user_distance = _distances(grid.users, witness.user) * 2 + _HALF * ~self._enterable()
        self._child_distance = _distances(grid.children, witness.child or {}) * 2

    def nearest(self, useful: Callable[[int], bool], most: int) -> Iterator[Like]:
        """At most so many people, each of another cell, the most like first; children only where `useful` says so."""
        tried: set[tuple[int, int, int]] = set()
        for cell in sorted(self._cells(), key=lambda each: each.distance):
            found = self._people(cell, useful) if cell.place not in tried else None
            if found is not None:
                tried.add(cell.place)
                yield found
            if len(tried) == most:
                return

    def lacking(self) -> str:
        """Why nobody is like it, in the facts that nobody in the population has; the nearest people are looked at."""
        if next(self._cells(), None) is not None:
            return f"no such child has a value of {self._witness.what.value}"
        missing = [
            f"no {side} with {name} = {_written(value)}"
            for side, classes, wanted in (
                ("user", self._grid.users, self._witness.user),
                ("child", self._grid.children, self._witness.child or {}),
            )
            for name, value in _missing(classes, wanted)
        ]
        near, involved = self._witness.relation
        relation = f"{'in' if near else 'out of'} area and {'' if involved else 'not '}involved"
        alone = self._kind == SYSTEM
        return "; ".join(missing) or ("no such user" if alone else f"no such user and child that are {relation}")

    def _cells(self) -> Iterator[_Cell]:
        """The cells of the population where both hold, at every claim that can be made."""
        cells = self._grid.cells()
        users, children = cells["user_class"], cells["child_class"]
        relations = cells["in_area"].astype(np.int64) + 2 * cells["involved"]
        if self._kind == SYSTEM:
            users = np.unique(self._grid.users.of)
            children = relations = np.zeros(len(users), dtype=np.int64)
        apart = np.array([2 * _differing(RELATIONS[each], self._witness.relation) for each in range(len(RELATIONS))])
        for claims in self._claims():
            holds = np.broadcast_to(self._holding(claims), self._shape())[users, children, relations]
            far = self._user_distance[users] + 2 * _claims_apart(claims, self._witness.claims)
            if self._kind == CHILD:
                far = far + self._child_distance[children] + apart[relations]
            for place in np.flatnonzero(holds):
                where = (int(users[place]), int(children[place]), int(relations[place]))
                yield _Cell(int(far[place]), claims, where)

    def _claims(self) -> list[Claims]:
        """What a request can claim; approvals of reading are nothing that one can be asked with."""
        known = {*every_claim(self._grid.policy), *(context.claims for context in self._grid.rungs)}
        reading = isinstance(self._witness.what, Facet)
        usable = [claims for claims in known if not (reading and claims.approvals)]
        return sorted(usable, key=lambda claims: (_claims_apart(claims, self._witness.claims), repr(claims)))

    def _holding(self, claims: Claims) -> Bools:
        forbidden = self._grid.conditions([self._invariant], claims, self._kind)[self._invariant.id]
        return self._grid.allowed(self._witness.what, claims, self._kind) & forbidden

    def _shape(self) -> tuple[int, int, int]:
        return len(self._grid.users), len(self._grid.children) if self._kind == CHILD else 1, len(RELATIONS)

    def _enterable(self) -> Bools:
        allowed = self._grid.allowed(Action.SIGN_IN, Claims(), SYSTEM)[:, 0, 0]
        return np.broadcast_to(allowed, (len(self._grid.users),))

    def _people(self, cell: _Cell, useful: Callable[[int], bool]) -> Like | None:
        user_class, child_class, relation = cell.place
        users = np.flatnonzero(self._grid.users.of == user_class)
        if self._kind == SYSTEM:
            return Like(int(users[0]), None, cell.claims, (False, False))
        children = np.flatnonzero(self._grid.children.of == child_class)
        for user in users[:_USERS_LOOKED_AT].tolist():
            standing = children[self._grid.relations.numbers(np.array([user]), children) == relation]
            child = next((each for each in standing.tolist() if useful(each)), None)
            if child is not None:
                return Like(user, child, cell.claims, RELATIONS[relation])
        return None


def _distances(classes: Classes, wanted: Mapping[str, object]) -> Ints:
    """Class -> number of facts that differ from the wanted ones; facts that nobody asked about count nothing."""
    return np.array(
        [
            sum(name in wanted and value != _plain(wanted[name]) for name, value in classes.as_mapping(number).items())
            for number in range(len(classes))
        ],
        dtype=np.int64,
    )


def _missing(classes: Classes, wanted: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The facts in which the nearest class that occurs still differs."""
    occurring = np.unique(classes.of)
    nearest = int(occurring[np.argmin(_distances(classes, wanted)[occurring])])
    for name, value in classes.as_mapping(nearest).items():
        if name in wanted and value != _plain(wanted[name]):
            yield name, _plain(wanted[name])


def _claims_apart(one: Claims, other: Claims) -> int:
    return sum(getattr(one, each.name) != getattr(other, each.name) for each in fields(Claims))


def _differing(one: tuple[bool, bool], other: tuple[bool, bool]) -> int:
    return sum(mine != theirs for mine, theirs in zip(one, other, strict=True))


def _plain(value: object) -> object:
    return value.id if isinstance(value, Entity) else value


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
