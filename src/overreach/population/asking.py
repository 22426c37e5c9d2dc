"""Whom a strategy is asked for, checked by name and told in words."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import numpy as np

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError, UnknownNameError
from overreach.model.terms import Action
from overreach.policy.rules import SYSTEM
from overreach.population.edges import Edge
from overreach.population.groups import Groups
from overreach.population.people import People
from overreach.population.sides import Bools, Side, cohort_rows

ANY_EDGE, NO_EDGE = "any", "none"
EDGES = (*(edge.value for edge in Edge), ANY_EDGE, NO_EDGE)
"""What may be asked for as `edge`."""


@dataclass(frozen=True, slots=True)
class UserAsk:
    """Which users; each field is as `strategies.users` has it."""

    role: frozenset[str] | None = None
    but: frozenset[str] = frozenset()
    sector: str | None = None
    may: Action | None = None
    may_not: Action | None = None
    allowed: bool | None = True
    cohort: str | None = None
    edge: str | None = None

    def rows(self, people: People) -> Bools:
        """User -> whether the user is asked for."""
        found = people.users.with_class(self._classes(people))
        if self.sector is not None:
            found &= people.users.with_field("sector", self.sector)
        return found & _common(people.users, self.cohort, self.edge)

    def words(self) -> str:
        """What is asked for, in words."""
        said = [] if self.role is None else [f"of role {_or(self.role)}"]
        said += [f"of another role than {_or(self.but)}"] if self.but else []
        said += [] if self.sector is None else [f"of sector `{self.sector}`"]
        said += [] if self.allowed is None else [f"who may {'' if self.allowed else 'not '}sign in"]
        said += [] if self.may is None else [f"with the right to `{self.may}`"]
        said += [] if self.may_not is None else [f"without the right to `{self.may_not}`"]
        return " ".join(["user", *said, *_said(self.cohort, self.edge)])

    def _classes(self, people: People) -> Bools:
        roles = people.roles
        found = np.array(
            [(self.role is None or role in self.role) and role not in self.but for role in roles], dtype=np.bool_
        )
        known = people.grid.policy.subjects[Action.SIGN_IN]  # a policy without sessions lets everybody in
        asked = [] if self.allowed is None or not known else [(Action.SIGN_IN, self.allowed)]
        asked += [(action, holds) for action, holds in ((self.may, True), (self.may_not, False)) if action is not None]
        for action, holds in asked:
            allowed = people.grid.allowed(action, Claims(), SYSTEM)
            found &= np.broadcast_to(allowed[:, 0, 0], found.shape) == holds
        return found


@dataclass(frozen=True, slots=True)
class ChildAsk:
    """Which children; each field is as `strategies.children` has it."""

    having: tuple[str, ...] = ()
    cohort: str | None = None
    edge: str | None = None
    facts: tuple[tuple[str, Hashable], ...] = ()

    def rows(self, people: People) -> Bools:
        """Child -> whether the child is asked for."""
        found = _common(people.children, self.cohort, self.edge)
        for name, wanted in self.facts:
            found &= people.children.with_fact(name, wanted)
        for field in self.having:
            found &= people.children.with_field(field)
        return found

    def words(self) -> str:
        """What is asked for, in words."""
        said = [f"with `{name}` = `{wanted}`" for name, wanted in self.facts]
        said += [f"with a `{field}`" for field in self.having]
        return " ".join(["child", *said, *_said(self.cohort, self.edge)])


Named = TypeVar("Named", bound=StrEnum)


def known(kind: type[Named], name: Named | str | None) -> Named | None:
    """The member of that name, None for None; UnknownNameError lists the members."""
    try:
        return None if name is None else kind(name)
    except ValueError as error:
        raise UnknownNameError(kind.__name__.lower(), str(name), [member.value for member in kind]) from error


@lru_cache(maxsize=32)
def groups_of(people: People, ask: UserAsk | ChildAsk) -> Groups:
    """Those asked for, sorted once; may be nobody."""
    if isinstance(ask, UserAsk):
        return Groups(people.users, ask.rows(people))
    return Groups(people.children, ask.rows(people), people.relations.area_of.astype(np.int64), people.relations.areas)


@lru_cache(maxsize=256)
def check(people: People, ask: UserAsk | ChildAsk) -> None:
    """Refuse names that this population or its policy does not have, before anything is drawn."""
    if ask.edge not in {None, *EDGES}:
        raise UnknownNameError("edge", str(ask.edge), list(EDGES))
    if ask.cohort is not None:
        cohort_rows(people.population, ask.cohort)
    if isinstance(ask, UserAsk):
        _check_user(people, ask)
        return
    for name, _ in ask.facts:
        people.children.check_fact(name)
    for field in ask.having:
        people.children.check_field(field)


def _check_user(people: People, ask: UserAsk) -> None:
    if ask.sector is not None:
        people.users.check_field("sector")
    policy = people.grid.policy
    for action in (ask.may, ask.may_not):
        if action is not None and SYSTEM not in policy.subjects.get(action, frozenset()):
            message = f"`{action}` is not asked of the system as a whole"
            raise PolicyError(message, "`pairs` chooses by what may be read of a child")
    known = policy.schema.enumerations.get("Role", people.roles)
    for role in sorted((ask.role or frozenset()) | ask.but):
        if role not in known:
            raise UnknownNameError("role", role, list(known))


def _common(side: Side, cohort: str | None, edge: str | None) -> Bools:
    found: Bools = np.ones(len(side), dtype=np.bool_) if cohort is None else side.in_cohort(cohort)
    if edge is None:
        return found
    bits = np.uint8(Edge(edge).bit) if edge in set(Edge) else ~np.uint8(0)
    at_edge: Bools = (side.edges & bits) != 0
    found &= at_edge != (edge == NO_EDGE)
    return found


def _said(cohort: str | None, edge: str | None) -> list[str]:
    said = [] if cohort is None else [f"in cohort `{cohort}`"]
    return said if edge is None else [*said, f"with edge `{edge}`"]


def _or(names: Collection[str]) -> str:
    return " or ".join(f"`{name}`" for name in sorted(names))
