"""Invariants, class by class: what the policy permits and an invariant forbids is an error in the policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet
from overreach.policy.classwise import ClassGrid
from overreach.policy.columns import RELATIONS
from overreach.policy.load import Policy
from overreach.policy.rules import CHILD, SYSTEM


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that does not follow, with the first class that shows it."""

    invariant: str
    """Its `@id`."""
    rule: str
    """Its `@rule`."""
    what: Facet | Action
    """What the policy permits although the invariant forbids it."""
    claims: Claims
    user: dict[str, object]
    """Facts of the user class."""
    child: dict[str, object]
    """Facts of the child class; empty where the resource is the system."""
    relation: tuple[bool, bool]
    """(in area, involved)."""
    policies: tuple[str, ...]
    """The policies that permit it."""


def every_claim(policy: Policy) -> tuple[Claims, ...]:
    """Every combination of a coded reason or none, an override or none, and no, one or two approvals."""
    return tuple(
        Claims(reason, override, approvals)
        for reason, override, approvals in product((None, *policy.reasons()), (False, True), (0, 1, 2))
    )


def invariant_violations(grid: ClassGrid, claims: Iterable[Claims] | None = None) -> tuple[Violation, ...]:
    """Invariants that some class of user and child contradicts at some claims; one for each facet or action.

    All combinations of the population's classes and relations are tried, those without a pair included.
    `claims` are `every_claim` where not given.
    """
    found: dict[tuple[str, str], Violation] = {}
    for claim in every_claim(grid.policy) if claims is None else claims:
        for kind in (CHILD, SYSTEM):
            for violation in _at(grid, claim, kind):
                found.setdefault((violation.invariant, violation.what.value), violation)
    return tuple(found.values())


def _at(grid: ClassGrid, claims: Claims, kind: str) -> Iterable[Violation]:
    invariants = grid.policy.invariants
    forbidden = grid.conditions(list(invariants.values()), claims, kind)
    for what in (*Facet, *Action):
        if kind not in grid.policy.subjects[what.value]:
            continue
        allowed = grid.allowed(what, claims, kind)
        for name, rule in invariants.items():
            if rule.covers(what.value, kind):
                contradicted = allowed & forbidden[name]
                if contradicted.any():
                    user, child, relation = (int(at) for at in np.argwhere(contradicted)[0])
                    yield _violation(grid, name, what, claims, (kind, user, child, relation))


def _violation(
    grid: ClassGrid, name: str, what: Facet | Action, claims: Claims, place: tuple[str, int, int, int]
) -> Violation:
    kind, user, child, relation = place
    return Violation(
        invariant=name,
        rule=grid.policy.invariants[name].rule,
        what=what,
        claims=claims,
        user=grid.users.as_mapping(user),
        child=grid.children.as_mapping(child) if kind == CHILD else {},
        relation=RELATIONS[relation],
        policies=grid.decide_class(what, kind, claims, (user, child, relation)).policies,
    )
