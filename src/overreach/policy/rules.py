"""One policy of a file, understood: effect, annotations, scope and condition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overreach.model.terms import Action, Duty, Facet
from overreach.policy.expression import And, Literal, Node, Not, UntranslatableError, translate
from overreach.policy.statements import TOO_DEEP, Statement, parse

USER = "User"
CHILD = "Child"
SYSTEM = "System"
TYPES = (USER, CHILD, SYSTEM)

#: Every action that a policy may name: reading a facet, or doing something else.
ACTIONS: tuple[str, ...] = (*(facet.value for facet in Facet), *(action.value for action in Action))

_SUPPORTED = "see docs/reference/policy.md for what can be decided in columns"


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A policy: what it permits or forbids, and why."""

    id: str
    """`@id`; unique in its file."""
    effect: str
    """`permit` or `forbid`."""
    rule: str
    """`@rule`: the rules it rests on, for example `R10 R11`; empty where none is named."""
    duties: frozenset[Duty]
    """`@duty`: what an allowed request owes."""
    text: str
    """As it stands in the file."""
    line: int
    """First line, counted from 1."""
    file: str
    actions: frozenset[str] | None
    """Names of the actions in its scope; None for all."""
    resource: str | None
    """Entity type of the resource in its scope; None for any."""
    condition: Node
    """`when` and not `unless`, in order."""

    def covers(self, action: str, resource: str) -> bool:
        """Whether a request for `action` on a resource of that type lies in the policy's scope."""
        return (self.actions is None or action in self.actions) and self.resource in (None, resource)


def understand(statement: Statement) -> tuple[PolicyRule, Mapping[str, Any]]:
    """The policy in a statement, and its JSON AST; PolicyError names file, line and reason."""
    try:
        return _understood(statement)
    except RecursionError:
        statement.refuse("it joins too many conditions to be read", TOO_DEEP)


def _understood(statement: Statement) -> tuple[PolicyRule, Mapping[str, Any]]:
    document = json.loads(parse(statement))
    if document["templates"] or len(document["staticPolicies"]) != 1:
        statement.refuse("a template decides nothing by itself", "write the principal and resource out")
    (tree,) = document["staticPolicies"].values()
    notes = tree.get("annotations", {})
    if not notes.get("id"):
        statement.refuse("a policy has no `@id`", 'put @id("a-name-of-its-own") before it')
    return (
        PolicyRule(
            id=notes["id"],
            effect=tree["effect"],
            rule=notes.get("rule") or "",
            duties=_duties(statement, notes.get("duty") or ""),
            text=statement.text,
            line=statement.line,
            file=statement.file,
            actions=_actions(statement, tree["action"]),
            resource=_resource(statement, tree),
            condition=_condition(statement, tree["conditions"]),
        ),
        tree,
    )


def _duties(statement: Statement, text: str) -> frozenset[Duty]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in set(Duty):
            statement.refuse(f"no duty is called `{name}`", f"known: {', '.join(Duty)}", statement.line_of(name))
    return frozenset(Duty(name) for name in names)


def _actions(statement: Statement, scope: Mapping[str, Any]) -> frozenset[str] | None:
    if scope["op"] == "All":
        return None
    entities = scope["entities"] if "entities" in scope else [scope["entity"]]
    for entity in entities:
        if entity["id"] not in ACTIONS:
            reason = f"no facet or action is called `{entity['id']}`"
            statement.refuse(reason, f"known: {', '.join(ACTIONS)}", statement.line_of(entity["id"]))
    return frozenset(entity["id"] for entity in entities)


def _resource(statement: Statement, tree: Mapping[str, Any]) -> str | None:
    """Type of the resource in scope; who and which child exactly is for conditions over attributes."""
    principal, resource = tree["principal"], tree["resource"]
    if principal["op"] != "All" and (principal["op"] != "is" or principal["entity_type"] != USER):
        statement.refuse("a scope that names single principals cannot be counted", _SUPPORTED)
    if resource["op"] == "All":
        return None
    if resource["op"] != "is" or "in" in resource or resource["entity_type"] not in TYPES:
        statement.refuse("a scope that names single resources cannot be counted", _SUPPORTED)
    return str(resource["entity_type"])


def _condition(statement: Statement, conditions: list[Mapping[str, Any]]) -> Node:
    whole: Node = Literal(value=True)
    for place, condition in enumerate(conditions):
        try:
            node = translate(condition["body"])
        except UntranslatableError as error:
            statement.refuse(str(error), _SUPPORTED, statement.line_of(error.written, condition["kind"]))
        if condition["kind"] == "unless":
            node = Not(node)
        whole = And(whole, node) if place else node
    return whole
