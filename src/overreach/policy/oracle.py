"""The reference decision: cedarpy, one request at a time or many, failing closed.

Cedar skips a `forbid` that errors, and answers Allow even where an entity is missing from the store. So every
request comes with its own entities, all validated against the schema, and any diagnostic error raises.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cedarpy

from overreach.model.decision import Claims, Decision
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Facet
from overreach.policy.load import Policy
from overreach.policy.rules import CHILD, SYSTEM, USER

ROLE = "role"
_ANY_AREA = "here"
_REMEDY = "the policy cannot be trusted with it: mend the policy, its schema or the population's facts"


@dataclass(frozen=True, slots=True)
class Question:
    """One request in terms of facts."""

    principal: Mapping[str, object]
    """Cedar attribute -> value, `role` as its name; sets left out."""
    resource: Mapping[str, object] | None
    """Cedar attribute -> value; None where nothing about a child is asked."""
    what: Facet | Action
    claims: Claims
    relation: tuple[bool, bool]
    """(in area, involved)."""


class Oracle:
    """Decides by cedarpy; the sets of the relation are stood for by the smallest that have it.

    `area` names the two attributes compared for area, `involved` the child's set of users. The responsible area is
    the one among the facts, or any where they name none.
    """

    def __init__(self, policy: Policy, area: tuple[str, str], involved: str) -> None:
        self._policy = policy
        self._area = area
        self._area_type = policy.schema.sets.get(area[0], USER)  # where it is no set, Cedar refuses the first entity
        self._involved = involved

    def decide(
        self,
        principal: Mapping[str, object],
        resource: Mapping[str, object] | None,
        what: Facet | Action,
        claims: Claims,
        relation: tuple[bool, bool],
    ) -> Decision:
        """The decision on one request (fields as in `Question`).

        PolicyError on any error, NoDecision or entity outside the schema.
        """
        return self.decide_all([Question(principal, resource, what, claims, relation)])[0]

    def decide_all(self, questions: Sequence[Question]) -> list[Decision]:
        """The decisions on many requests, in order; PolicyError as `decide`."""
        entities: list[dict[str, Any]] = [{"uid": _uid(SYSTEM, "0"), "attrs": {}, "parents": []}]
        requests = []
        for number, question in enumerate(questions):
            entities.extend(self._entities(number, question))
            requests.append(request(self._policy, number, number, question))
        return ask(self._policy, entities, requests)

    def _entities(self, number: int, question: Question) -> list[dict[str, Any]]:
        in_area, involved = question.relation
        user = user_entity(number, question.principal)
        named = (question.resource or {}).get(self._area[1])
        responsible = _ANY_AREA if named is None else str(named)
        user["attrs"][self._area[0]] = [reference(self._area_type, responsible if in_area else f"not {responsible}")]
        found = [user]
        if question.resource is not None:
            facts = {k: v for k, v in question.resource.items() if k != self._area[1]}
            child = child_entity(number, facts)
            child["attrs"][self._area[1]] = reference(self._area_type, responsible)
            child["attrs"][self._involved] = [reference(USER, str(number))] if involved else []
            found.append(child)
        return found


def user_entity(user: int, facts: Mapping[str, object]) -> dict[str, Any]:
    """A user as a Cedar entity; the role is an entity of its own."""
    attributes = _present(facts)
    if ROLE in attributes:
        attributes[ROLE] = reference("Role", str(attributes[ROLE]))
    return {"uid": _uid(USER, str(user)), "attrs": attributes, "parents": []}


def child_entity(child: int, facts: Mapping[str, object]) -> dict[str, Any]:
    """A child as a Cedar entity."""
    return {"uid": _uid(CHILD, str(child)), "attrs": _present(facts), "parents": []}


def reference(kind: str, name: str) -> dict[str, dict[str, str]]:
    """An entity as the value of an attribute."""
    return {"__entity": _uid(kind, name)}


def request(policy: Policy, user: int, child: int, question: Question) -> dict[str, Any]:
    """A request as cedarpy takes it."""
    claims = question.claims
    context: dict[str, Any] = {"override": claims.override, "approvals": claims.approvals}
    if policy.context:
        context["switches"] = dict(policy.context)
    if claims.reason is not None:
        context["reason"] = claims.reason
    about_child = question.resource is not None
    return {
        "principal": _uid(USER, str(user)),
        "action": _uid("Action", question.what.value),
        "resource": _uid(CHILD, str(child)) if about_child else _uid(SYSTEM, "0"),
        "context": context,
    }


def ask(policy: Policy, entities: Sequence[Mapping[str, Any]], requests: Sequence[dict[str, Any]]) -> list[Decision]:
    """Decide requests by cedarpy over a store of entities, in order; PolicyError as `Oracle.decide`."""
    known = {(entity["uid"]["type"], entity["uid"]["id"]) for entity in entities}
    for one in requests:
        for part in ("principal", "resource"):
            if (one[part]["type"], one[part]["id"]) not in known:
                message = f'`{one[part]["type"]}::"{one[part]["id"]}"` is not among the entities'
                raise PolicyError(message, _REMEDY)
    try:
        store = cedarpy.Entities.from_json_str(json.dumps(list(entities)), policy.schema.handle)
    except ValueError as error:
        message = f"facts do not fit `{policy.schema.file}`: {_first_misfit(policy, entities) or error}"
        raise PolicyError(message, _REMEDY) from error
    answers = cedarpy.is_authorized_batch(list(requests), policy.handle, store, policy.schema.handle)
    return [_decision(policy, one, answer) for one, answer in zip(requests, answers, strict=True)]


def _decision(policy: Policy, one: Mapping[str, Any], answer: cedarpy.AuthzResult) -> Decision:
    if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
        reason = "; ".join(answer.diagnostics.errors) or "no decision"
        for name, known in policy.names.items():
            reason = reason.replace(f"`{name}`", f"`{known}`")
        message = f"`{one['action']['id']}` cannot be decided: {reason}"
        raise PolicyError(message, _REMEDY)
    order = list(policy.names)
    decided = sorted(answer.diagnostics.reasons, key=order.index)
    names = tuple(policy.names[name] for name in decided)
    if answer.decision is cedarpy.Decision.Deny:
        return Decision(allowed=False, policies=names)
    duties = frozenset(duty for name in names for duty in policy.rules[name].duties)
    return Decision(allowed=True, policies=names, duties=duties)


def _first_misfit(policy: Policy, entities: Sequence[Mapping[str, Any]]) -> str:
    """Cedar does not say which entity does not fit: look for it one by one."""
    for entity in entities:
        try:
            cedarpy.Entities.from_json_str(json.dumps([entity]), policy.schema.handle)
        except ValueError:
            return f"`{json.dumps(entity, sort_keys=True)}`"
    return ""


def _present(facts: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}
