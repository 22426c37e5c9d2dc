"""Every decision of a policy by classes: user class x child class x relation, for any claims.

Each condition is evaluated once for a set of claims, on arrays no longer than the classes it depends on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import Claims, Decision
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Facet
from overreach.policy.columns import RELATIONS, Bools, Frame, evaluate
from overreach.policy.expression import Entity, UntranslatableError
from overreach.policy.facts import Classes
from overreach.policy.load import Policy
from overreach.policy.oracle import ROLE
from overreach.policy.rules import CHILD, USER, PolicyRule

#: Attributes that are entities, with their type.
_ENTITIES: Final = {ROLE: "Role"}


class ClassGrid:
    """A policy over classes of users and children; decided once for each set of claims, then looked up."""

    def __init__(self, policy: Policy, users: Classes, children: Classes) -> None:
        self.policy = policy
        self.users = users
        self.children = children
        self._asked: dict[Claims, None] = {}
        self._masks: dict[Claims, NDArray[np.int32]] = {}
        self._holding: dict[tuple[Claims, str], dict[str, Bools]] = {}
        self._members: Bools | None = None
        self._covering: dict[tuple[str, str], tuple[PolicyRule, ...]] = {}

    def forget(self) -> None:
        """Decide again when next asked: there are new classes."""
        self._masks.clear()
        self._holding.clear()
        self._members = None

    @property
    def known_claims(self) -> tuple[Claims, ...]:
        """The claims asked about so far, in order of the first time; new classes forget none of them."""
        return tuple(self._asked)

    def masks(self, claims: Claims) -> NDArray[np.int32]:
        """(user class, child class, relation) -> mask of the facets that may be read with these claims."""
        if claims not in self._masks:
            masks = np.zeros((len(self.users), len(self.children), len(RELATIONS)), dtype=np.int32)
            for facet in Facet:
                masks |= self.allowed(facet, claims).astype(np.int32) * facet.bit
            self._masks[claims] = masks
            self._asked[claims] = None
        return self._masks[claims]

    def allowed(self, what: Facet | Action, claims: Claims, kind: str = CHILD) -> Bools:
        """Whether each (user class, child class, relation) may do this; axes of length 1 stand for all."""
        holding = self.holding(claims, kind)
        permitted = np.zeros((1, 1, 1), dtype=np.bool_)
        forbidden = np.zeros((1, 1, 1), dtype=np.bool_)
        for rule in self._rules_of(what, kind):
            if rule.effect == "permit":
                permitted = permitted | holding[rule.id]
            else:
                forbidden = forbidden | holding[rule.id]
        return permitted & ~forbidden

    def holding(self, claims: Claims, kind: str = CHILD) -> Mapping[str, Bools]:
        """`@id` of each policy -> where its condition holds for a resource of that type."""
        key = (claims, kind)
        if key not in self._holding:
            rules = [rule for rule in self.policy.rules.values() if rule.resource in (None, kind)]
            self._holding[key] = self.conditions(rules, claims, kind)
        return self._holding[key]

    def conditions(self, rules: Sequence[PolicyRule], claims: Claims, kind: str = CHILD) -> dict[str, Bools]:
        """`@id` -> where the condition of a policy holds; PolicyError where one cannot be evaluated."""
        asked = [rule for rule in rules if self._can_apply(rule, kind)]
        frame = self._frame(claims, kind)
        found = {rule.id: np.zeros((1, 1, 1), dtype=np.bool_) for rule in rules}
        for rule in asked:
            try:
                column = evaluate(rule.condition, frame)
            except UntranslatableError as error:
                message = f"`{rule.file}` line {rule.line}: policy `{rule.id}`: {error}"
                raise PolicyError(
                    message, f"compare the population's facts with `{self.policy.schema.file}`"
                ) from error
            if column.error.any():
                message = f"`{rule.file}` line {rule.line}: policy `{rule.id}` cannot be evaluated on every class"
                raise PolicyError(message, "ask `has` before reading an attribute that may be missing")
            found[rule.id] = column.values.astype(np.bool_)
        return found

    def decide_class(self, what: Facet | Action, kind: str, claims: Claims, place: tuple[int, int, int]) -> Decision:
        """The decision on (user class, child class, relation), for a resource of type `Child` or `System`."""
        deciding: dict[str, list[PolicyRule]] = {"permit": [], "forbid": []}
        holding = self.holding(claims, kind)
        for rule in self._rules_of(what, kind):
            if _at(holding[rule.id], place):
                deciding[rule.effect].append(rule)
        if deciding["forbid"] or not deciding["permit"]:
            return Decision(allowed=False, policies=tuple(rule.id for rule in deciding["forbid"]))
        duties = frozenset(duty for rule in deciding["permit"] for duty in rule.duties)
        return Decision(allowed=True, policies=tuple(rule.id for rule in deciding["permit"]), duties=duties)

    def class_members(self) -> Bools:
        """(record class, user class, child class, relation) -> whether such pairs are of the class."""
        if self._members is None:
            rules = list(self.policy.classes.values())
            shape = (len(self.users), len(self.children), len(RELATIONS))
            holds = self.conditions(rules, Claims())
            self._members = np.array([np.broadcast_to(holds[rule.id], shape) for rule in rules], dtype=np.bool_)
        return self._members

    def _rules_of(self, what: Facet | Action, kind: str) -> tuple[PolicyRule, ...]:
        """The policies in whose scope a request lies."""
        key = (what.value, kind)
        if key not in self._covering:
            self._covering[key] = tuple(rule for rule in self.policy.rules.values() if rule.covers(*key))
        return self._covering[key]

    def _frame(self, claims: Claims, kind: str) -> Frame:
        context: dict[str, Any] = {"override": claims.override, "approvals": claims.approvals}
        if claims.reason is not None:
            context["reason"] = claims.reason
        if self.policy.schema.switches:
            context["switches"] = {
                name: Entity(kind, self.policy.switches[name]) for name, kind in self.policy.schema.switches.items()
            }
        children = self.children.columns(1, {}) if kind == CHILD else None
        return Frame(self.users.columns(0, _ENTITIES), children, context, {"principal": USER, "resource": kind})

    def _can_apply(self, rule: PolicyRule, kind: str) -> bool:
        return any(kind in kinds and rule.covers(name, kind) for name, kinds in self.policy.subjects.items())


def _at(holds: Bools, place: tuple[int, int, int]) -> bool:
    # Axes of length 1 stand for all.
    users, children, relations = holds.shape
    user, child, relation = place
    return bool(holds[user if users > 1 else 0, child if children > 1 else 0, relation if relations > 1 else 0])
