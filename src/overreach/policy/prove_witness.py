"""A model of the solver as a request that can be asked: a user, a child, a relation, claims and an action.

Nothing the solver says is believed before cedarpy, which reads the same text by other code, says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import cedarpy

from overreach.model.decision import Claims, Decision
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Facet
from overreach.policy.expression import Entity, InArea, Involved
from overreach.policy.load import Policy
from overreach.policy.oracle import Question as Asked
from overreach.policy.oracle import ask, request
from overreach.policy.prove_request import OpenRequest, Raw, Relation, Value, written
from overreach.policy.rules import CHILD, SYSTEM, USER, PolicyRule

_DISAGREE = "this is a defect of Overreach: nothing it says of this policy can be trusted"


@dataclass(frozen=True, slots=True)
class Witness:
    """One concrete request about one invented user and child."""

    what: Facet | Action
    claims: Claims
    user: Mapping[str, Value]
    """Attribute -> value; sets left out."""
    child: Mapping[str, Value] | None
    """None where nothing about a child is asked."""
    relations: Mapping[Relation, bool]
    """Test of a relation -> whether it holds."""
    away: tuple[str, ...]
    """What differs from a plain request, for example `resource.shielded`."""
    entities: tuple[Mapping[str, Any], ...]
    """User, child and system as Cedar has them."""

    @property
    def relation(self) -> tuple[bool, bool]:
        """(in area, involved)."""
        near = any(holds and isinstance(test, InArea) for test, holds in self.relations.items())
        return near, any(holds and isinstance(test, Involved) for test, holds in self.relations.items())

    @property
    def asked(self) -> Asked:
        """The same as a question to cedarpy."""
        return Asked(self.user, self.child, self.what, self.claims, self.relation)


def make_witness(open_request: OpenRequest, raw: Raw, plain: Raw | None) -> Witness:
    """The request that raw numbers stand for."""
    values = {
        (of, name): open_request.value(symbol, number)
        for (of, name), symbol in open_request.symbols.items()
        if (number := raw[symbol.key]) is not None
    }
    sides = {
        side: {name: value for (of, name), value in values.items() if of == side}
        for side in ("principal", "resource", "context")
    }
    name = open_request.actions[int(raw["action"] or 0)]
    about_child = open_request.resource == CHILD
    return Witness(
        what=Facet(name) if name in set(Facet) else Action(name),
        claims=_claims(sides["context"]),
        user=sides["principal"],
        child=sides["resource"] if about_child else None,
        relations={test: bool(raw[written(test)]) for test in open_request.relations},
        away=_away(raw, plain),
        entities=tuple(_entities(open_request, raw, sides)),
    )


def decide(policy: Policy, witness: Witness) -> Decision:
    """What cedarpy decides; PolicyError where it cannot evaluate every policy on the witness."""
    return ask(policy, witness.entities, [request(policy, 0, 0, witness.asked)])[0]


def forbidden_by(policy: Policy, invariant: PolicyRule, witness: Witness) -> bool:
    """Whether the condition of an invariant holds for the witness, as cedarpy reads it."""
    text = f"permit (principal, action, resource);\n{invariant.text}"
    anything = replace(invariant, id="anything", effect="permit", duties=frozenset())
    alone = replace(
        policy,
        rules={anything.id: anything, invariant.id: invariant},
        handle=cedarpy.PolicySet.from_str(text),
        names={"policy0": anything.id, "policy1": invariant.id},
    )
    return not decide(alone, witness).allowed


def insist(agreed: bool, witness: Witness, what: str) -> None:  # noqa: FBT001 - the outcome of a comparison
    """PolicyError where the two readings of the policy differ on a witness."""
    if not agreed:
        message = f"two readings of the policy differ: cedarpy does not find that `{witness.what}` {what}: {witness}"
        raise PolicyError(message, _DISAGREE)


def _claims(context: Mapping[str, Value]) -> Claims:
    reason = context.get("reason")
    return Claims(
        reason=None if reason is None else str(reason),
        override=bool(context.get("override", False)),
        approvals=int(str(context.get("approvals", 0))),
    )


def _away(raw: Raw, plain: Raw | None) -> tuple[str, ...]:
    return tuple(key for key, usual in (plain or {}).items() if key != "action" and raw[key] != usual)


def _entities(open_request: OpenRequest, raw: Raw, sides: Mapping[str, Mapping[str, Value]]) -> list[Mapping[str, Any]]:
    """User, child and system; sets are the smallest that stand in the relation."""
    attributes: dict[str, dict[str, Any]] = {
        of: {name: _json(value) for name, value in sides[of].items()} for of in ("principal", "resource")
    }
    user, child = attributes["principal"], attributes["resource"]
    for of, name in open_request.sets:
        if raw[f"{of}.{name}"]:
            attributes[of][name] = []
    for test in open_request.relations:
        if raw[written(test)] and isinstance(test, Involved) and test.child in child:
            child[test.child].append(_json(Entity(USER, "0")))
        if raw[written(test)] and isinstance(test, InArea) and test.user in user and test.child in child:
            user[test.user].append(child[test.child])
    found = [_entity(USER, user), _entity(SYSTEM, {})]
    return [*found, _entity(CHILD, child)] if open_request.resource == CHILD else found


def _entity(kind: str, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"uid": {"type": kind, "id": "0"}, "attrs": attributes, "parents": []}


def _json(value: Value) -> object:
    return {"__entity": {"type": value.type, "id": value.id}} if isinstance(value, Entity) else value
