"""Loading a pack's policy: parsed, validated against its schema, and refused with file, line and reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cedarpy

from overreach.model.errors import PolicyError
from overreach.model.terms import Facet
from overreach.policy.expression import (
    Attribute,
    Compare,
    InArea,
    Involved,
    Literal,
    Node,
    OneOf,
    walk,
)
from overreach.policy.rules import ACTIONS, CHILD, SYSTEM, PolicyRule, understand
from overreach.policy.schema import Schema
from overreach.policy.statements import Statement, cut, read

POLICY_FILE = "policy.cedar"
CLASSES_FILE = "classes.cedar"
INVARIANTS_FILE = "invariants.cedar"
SCHEMA_FILE = "policy.cedarschema"

_REASON = Attribute("context", ("reason",))


@dataclass(frozen=True, slots=True)
class Policy:
    """An access policy with its schema, record classes, invariants and settled switches."""

    rules: Mapping[str, PolicyRule]
    """The policies that decide, in the order of the file."""
    classes: Mapping[str, PolicyRule]
    """Record classes by name: permits that hold for the pairs of the class."""
    invariants: Mapping[str, PolicyRule]
    """Forbids that must already follow."""
    switches: Mapping[str, str]
    digest: str
    """SHA-256 over files and switches, in hexadecimal."""
    schema: Schema
    handle: cedarpy.PolicySet
    """The deciding policies as cedarpy takes them."""
    names: Mapping[str, str]
    """cedarpy's name of a deciding policy (`policy0`) -> its `@id`."""
    context: Mapping[str, Any]
    """The `switches` record of every request's context, as Cedar JSON."""
    subjects: Mapping[str, frozenset[str]]
    """Facet or action -> the types of resource (`Child`, `System`) that the schema lets it be asked of."""

    @classmethod
    def load(cls, folder: Path, switches: Mapping[str, str]) -> Policy:
        """The policy in `folder` at these switches.

        PolicyError (or UnknownNameError for a switch) names file, line and reason in one line where anything
        does not parse, does not validate, has no `@id` or one twice, or cannot be decided in columns.
        """
        texts = {name: read(folder / name) for name in (SCHEMA_FILE, POLICY_FILE, CLASSES_FILE, INVARIANTS_FILE)}
        schema = Schema.read(SCHEMA_FILE, texts[SCHEMA_FILE])
        context = schema.settle(switches)
        rules, names = read_rules(schema, POLICY_FILE, texts[POLICY_FILE])
        classes, _ = read_rules(schema, CLASSES_FILE, texts[CLASSES_FILE], effect="permit")
        invariants, _ = read_rules(schema, INVARIANTS_FILE, texts[INVARIANTS_FILE], effect="forbid")
        digest = hashlib.sha256(repr((sorted(texts.items()), sorted(switches.items()))).encode()).hexdigest()
        handle = cedarpy.PolicySet.from_str(texts[POLICY_FILE])
        subjects = subjects_of(schema, handle, context)
        return cls(rules, classes, invariants, dict(switches), digest, schema, handle, names, context, subjects)

    @property
    def everything(self) -> tuple[PolicyRule, ...]:
        """Rules, classes and invariants."""
        return (*self.rules.values(), *self.classes.values(), *self.invariants.values())

    def attributes(self, of: str) -> tuple[str, ...]:
        """Attributes of `principal` or `resource` whose values are read anywhere, sorted; sets excepted."""
        nodes = _nodes(self.everything)
        return tuple(sorted({n.path[0] for n in nodes if isinstance(n, Attribute) and n.of == of}))

    def area_tests(self) -> frozenset[tuple[str, str]]:
        """Attributes compared in tests of area: (of the user, of the child)."""
        return frozenset((n.user, n.child) for n in _nodes(self.everything) if isinstance(n, InArea))

    def involvement_tests(self) -> frozenset[str]:
        """Attributes of the child used in tests of involvement."""
        return frozenset(n.child for n in _nodes(self.everything) if isinstance(n, Involved))

    def reasons(self) -> tuple[str, ...]:
        """The coded reasons that the policy speaks of, sorted."""
        found: set[str] = set()
        for node in _nodes(self.everything):
            if isinstance(node, OneOf) and node.operand == _REASON:
                found.update(str(member.value) for member in node.members)
            if isinstance(node, Compare) and node.left == _REASON and isinstance(node.right, Literal):
                found.add(str(node.right.value))
        return tuple(sorted(found))


def _nodes(rules: Iterable[PolicyRule]) -> Iterable[Node]:
    return (node for rule in rules for node in walk(rule.condition))


def read_rules(schema: Schema, file: str, text: str, effect: str = "") -> tuple[dict[str, PolicyRule], dict[str, str]]:
    """The policies of a file by `@id`, and cedarpy's names for them; only of one effect where it is given."""
    statements = cut(file, text)
    rules: dict[str, PolicyRule] = {}
    names: dict[str, str] = {}
    for place, statement in enumerate(statements):
        rule, _ = understand(statement)
        if rule.id in rules:
            remedy = f"line {rules[rule.id].line} has it already; give one of them another name"
            statement.refuse(f"`@id` `{rule.id}` is used twice", remedy, statement.line_of(rule.id))
        if effect and rule.effect != effect:
            statement.refuse(f"`{rule.id}` is a {rule.effect}", f"this file holds only {effect} policies")
        rules[rule.id] = rule
        names[f"policy{place}"] = rule.id
    _validate(schema, statements, text)
    return rules, names


def _validate(schema: Schema, statements: tuple[Statement, ...], text: str) -> None:
    result = cedarpy.validate_policies(text, schema.handle)
    for error in result.errors:
        reason = re.sub(r"^for policy `\w+`[,:] ", "", error.error)
        statement = statements[int(error.policy_id.removeprefix("policy"))]
        named = [quoted or ticked for quoted, ticked in re.findall(r'"([^"]+)"|`([^`"]+)`', reason)]
        lines = [line for line in map(statement.find, named) if line]
        statement.refuse(reason, f"mend the policy, or `{schema.file}`", lines[0] if lines else None)
    if not result.validation_passed:
        message = "the policy does not validate, and cedarpy gives no reason"
        raise PolicyError(message, "compare it with its schema")


def subjects_of(schema: Schema, handle: cedarpy.PolicySet, context: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Asks cedarpy which requests the schema lets be built: there is no other way to read it."""
    claims = {"override": False, "approvals": 0} | ({"switches": context} if context else {})
    asked = [(action, kind) for action in ACTIONS for kind in (CHILD, SYSTEM)]
    requests = [
        {
            "principal": {"type": "User", "id": "0"},
            "action": {"type": "Action", "id": action},
            "resource": {"type": kind, "id": "0"},
            "context": claims,
        }
        for action, kind in asked
    ]
    answers = cedarpy.is_authorized_batch(requests, handle, [], schema.handle)
    possible = {
        pair for pair, answer in zip(asked, answers, strict=True) if answer.decision is not cedarpy.Decision.NoDecision
    }
    for facet in Facet:
        if (facet.value, CHILD) not in possible:
            reason = "; ".join(answers[asked.index((facet.value, CHILD))].diagnostics.errors)
            message = f"`{schema.file}`: facet `{facet}` cannot be asked of a Child: {reason}"
            raise PolicyError(message, "see docs/reference/policy.md for what a schema declares")
    return {action: frozenset(kind for kind in (CHILD, SYSTEM) if (action, kind) in possible) for action in ACTIONS}
