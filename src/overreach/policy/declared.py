"""What a schema declares of users and children: each attribute's kind, and whether it may be missing.

cedarpy offers no way to ask a schema what it declares, so its validator is asked: an expression that holds for
one kind only passes where the attribute is of that kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cedarpy

from overreach.model.errors import PolicyError
from overreach.policy.rules import CHILD, USER
from overreach.policy.schema import Schema

BOOL, LONG, STRING = "Bool", "Long", "String"

_NAME = re.compile(r'(?:"((?:\\.|[^"\\])*)"|\b(\w+))\s*\??\s*:(?!:)')
_ENTITY = re.compile(r"\bentity\s+(\w+(?:\s*,\s*\w+)*)\s*(?:enum|in\b|=|\{|;|tags\b)")
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*')
_OWNERS: Final = {"principal": USER, "resource": CHILD, "context": "context"}


@dataclass(frozen=True, slots=True)
class Declared:
    """One attribute of an entity type."""

    kind: str
    """`Bool`, `Long`, `String` or an entity type; of the elements where it is a set."""
    is_set: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class _Guess:
    of: str
    name: str
    declared: Declared
    test: str


def declared_attributes(schema: Schema) -> dict[str, dict[str, Declared]]:
    """`principal`, `resource` (a child) and `context` -> attribute -> what is declared; records are left out.

    PolicyError where an attribute of a user or child is of a kind that policies here cannot read.
    """
    plain = _COMMENT.sub(lambda match: match.group(1) or "", schema.text)
    names = sorted({quoted or bare for quoted, bare in _NAME.findall(plain)})
    types = [name.strip() for names_of in _ENTITY.findall(plain) for name in names_of.split(",")]
    pairs = [(of, name) for of in _OWNERS for name in names]
    # Behind a `has` that can never hold, Cedar lets anything stand.
    absurd = _pass(schema, [f"{_has(of, name)} && 1" for of, name in pairs])
    real = [pair for pair, unknown in zip(pairs, absurd, strict=True) if not unknown]
    guesses = [guess for of, name in real for guess in _guesses(schema, types, of, name)]
    right = _pass(schema, [guess.test for guess in guesses])
    found: dict[str, dict[str, Declared]] = {of: {} for of in _OWNERS}
    for guess, holds in zip(guesses, right, strict=True):
        if holds:  # what must be there also passes as what may be
            found[guess.of].setdefault(guess.name, guess.declared)
    for of, name in real:
        if name not in found[of] and of != "context":
            message = f"`{schema.file}`: attribute `{name}` of `{_OWNERS[of]}` is of a kind that cannot be proven about"
            raise PolicyError(message, "declare a Bool, a Long, a String, an entity, or a set of one of them")
    return found


def _guesses(schema: Schema, types: Sequence[str], of: str, name: str) -> list[_Guess]:
    value = f"{of}[{json.dumps(name)}]"
    scalars = {BOOL: "true", LONG: "0", STRING: '""'} | {kind: _some(schema.enumerations, kind) for kind in types}
    found = []
    for optional in (False, True):
        guard = f"{_has(of, name)} && " if optional else ""
        for kind, literal in scalars.items():
            # A set of two kinds is refused; an equality of two entity types would pass.
            one = Declared(kind, is_set=False, optional=optional)
            found.append(_Guess(of, name, one, f"{guard}[{value}, {literal}].contains({literal})"))
            many = Declared(kind, is_set=True, optional=optional)
            found.append(_Guess(of, name, many, f"{guard}[{value}, [{literal}]].contains([{literal}])"))
    return found


def _some(enumerations: Mapping[str, tuple[str, ...]], kind: str) -> str:
    return f"{kind}::{json.dumps(enumerations[kind][0] if enumerations.get(kind) else '0')}"


def _has(of: str, name: str) -> str:
    return f"{of} has {json.dumps(name)}"


def _pass(schema: Schema, expressions: Sequence[str]) -> list[bool]:
    """Whether each expression validates as a condition on reading about a child."""
    scope = f'principal is {USER}, action == Action::"existence", resource is {CHILD}'
    text = "\n".join(f"permit ({scope}) when {{ {expression} }};" for expression in expressions)
    errors = cedarpy.validate_policies(text, schema.handle).errors if expressions else []
    wrong = {int(error.policy_id.removeprefix("policy")) for error in errors}
    return [place not in wrong for place in range(len(expressions))]
