"""Closure: the shortest sequences of permitted steps by which a role comes to read what it cannot read directly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet, Rung
from overreach.pack.steps import Approval, Step
from overreach.policy.grid import Grid
from overreach.policy.oracle import ROLE
from overreach.reach.search import Found, Search
from overreach.reach.states import States
from overreach.reach.variants import Variant


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of a sequence."""

    name: str
    action: Action
    operation: str | None
    """Name of the target's operation, where there is one."""
    user: int
    """Row number of whoever takes it."""
    approved_by: int | None
    """Row number of whoever approves it, where somebody has to."""
    claims: Claims
    to: Mapping[str, object]
    """What becomes of the facts of the reader and of the child that it changes."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The shortest way for a role to facets of a record class that it cannot read directly."""

    role: str
    record_class: str
    facets: tuple[Facet, ...]
    """The facets that this sequence opens."""
    accomplice: str | None
    """Role of the second person; None where nobody else is needed."""
    steps: tuple[Taken, ...]
    rung: Rung | None
    """Rung at which the facets are read in the end; None where the last step hands them over."""
    claims: Claims | None
    user: int
    """Row number of a user of the role for whom it works; likewise `child` and `other`."""
    child: int
    other: int | None
    pairs: int | None
    """Pairs of role and class to which some sequence opens the first of these facets alone; None with an accomplice."""


def closure(grid: Grid, steps: Sequence[Step], raising: Mapping[Rung, Action]) -> tuple[Chain, ...]:
    """The shortest chains, by role and record class, to facets that the people concerned cannot read directly.

    One with an accomplice is there only where none works alone, and where no member of the role reads the facet
    directly of any child of the class: otherwise every account that is put in order would be one.
    `raising` names the action that leads to a rung. What an accomplice reads and tells is left out: it needs no step.
    PolicyError where a step changes a fact that the population does not have.
    """
    search = Search(grid, steps, raising)
    search.look(None)
    for helper in search.states.helpers(len(grid.users)):
        search.look(int(helper))
    order = {name: place for place, name in enumerate(grid.policy.classes)}
    return tuple(
        sorted(_chains(grid, search), key=lambda chain: (chain.role, order[chain.record_class], len(chain.steps)))
    )


def _chains(grid: Grid, search: Search) -> Iterator[Chain]:
    """What was found, facets of one sequence together."""
    groups: dict[tuple[str, str, Found, int | None], list[Facet]] = {}
    for (role, record_class, facet), found in search.best.items():
        pairs = search.alone_pairs(role, record_class, facet) if found.people.other is None else None
        groups.setdefault((role, record_class, found, pairs), []).append(facet)
    for (role, record_class, found, pairs), facets in groups.items():
        helper, people = found.start.other_class, found.people
        yield Chain(
            role,
            record_class,
            tuple(facets),
            accomplice=None if helper is None else str(grid.users.as_mapping(helper)[ROLE]),
            steps=tuple(_steps(search.states, found)),
            rung=found.rung,
            claims=found.claims,
            user=people.user,
            child=people.child,
            other=people.other,
            pairs=pairs,
        )


def _steps(states: States, found: Found) -> Iterator[Taken]:
    state = found.start.state
    for variant in found.path:
        yield _taken(states, found, variant, state)
        state = variant.move(state)


def _taken(states: States, found: Found, variant: Variant, state: tuple[int, ...]) -> Taken:
    step, people = variant.step, found.people
    user, child, mine, theirs, _ = state
    other = found.start.other_class
    place, takes, helps = (user, child, mine), people.user, people.other
    if variant.by_accomplice and other is not None and people.other is not None:
        place, takes, helps = (other, child, theirs), people.other, people.user
    approved = step.approval is not Approval.NONE
    before = states.users.as_mapping(user)
    after = states.users.as_mapping(int(variant.users[user]))
    changed = {name: value for name, value in after.items() if before[name] != value} | dict(step.child)
    claims = states.claims_of(step.action, int(approved), place)
    return Taken(step.name, step.action, step.operation, takes, helps if approved else None, claims, changed)
