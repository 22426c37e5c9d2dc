"""Another policy to compare with: a whole file in place of `policy.cedar`, a few policies changed, other switches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import cedarpy

from overreach.model.errors import PolicyError, UnknownNameError
from overreach.policy.load import Policy, read_rules, subjects_of
from overreach.policy.rules import PolicyRule, understand
from overreach.policy.statements import cut, read

_REPLACE: Final = "replace"
_ADD: Final = "add"


def another(policy: Policy, file: Path | None, switches: Mapping[str, str]) -> Policy:
    """The policy as `file` and `switches` (all of them) would have it; schema, classes and invariants stay.

    Where the policies of the file say `@change("replace")` or `@change("add")`, each takes the place of the one with
    its `@id`, or stands beside the others; where none does, the file is the whole policy. PolicyError as
    `Policy.load`, and where only some of them say it; UnknownNameError where there is nothing to replace.
    """
    rules = dict(policy.rules)
    if file is not None:
        text = read(file)
        found, _ = read_rules(policy.schema, file.name, text)
        changes = _changes(file.name, text)
        rules = _merged(rules, found, changes) if changes else found
    text = "\n\n".join(rule.text for rule in rules.values())
    handle = cedarpy.PolicySet.from_str(text)
    context = policy.schema.settle(switches)
    return replace(
        policy,
        rules=rules,
        switches=dict(switches),
        digest=hashlib.sha256(repr((policy.digest, text, sorted(switches.items()))).encode()).hexdigest(),
        handle=handle,
        names={f"policy{place}": name for place, name in enumerate(rules)},
        context=context,
        subjects=subjects_of(policy.schema, handle, context),
    )


def _changes(file: str, text: str) -> dict[str, str]:
    """`@id` -> what its `@change` says; empty where no policy of the file has one."""
    said: dict[str, str] = {}
    statements = cut(file, text)
    for statement in statements:
        rule, tree = understand(statement)
        if "change" not in tree.get("annotations", {}):
            continue
        change = tree["annotations"]["change"] or ""
        if change not in (_REPLACE, _ADD):
            statement.refuse(f"`{change}` is no change", f"known: {_ADD}, {_REPLACE}", statement.line_of("change"))
        said[rule.id] = change
    if said and len(said) < len(statements):
        message = f"`{file}` says of some policies what they change, and of others not"
        raise PolicyError(message, f'put @change("{_REPLACE}") or @change("{_ADD}") before each, or before none')
    return said


def _merged(
    rules: Mapping[str, PolicyRule], found: Mapping[str, PolicyRule], changes: Mapping[str, str]
) -> dict[str, PolicyRule]:
    merged = dict(rules)
    for name, rule in found.items():
        if changes[name] == _REPLACE and name not in rules:
            raise UnknownNameError("policy", name, list(rules))
        if changes[name] == _ADD and name in rules:
            message = f"`{rule.file}` line {rule.line}: there is a policy `{name}` already"
            raise PolicyError(message, f'give it another @id, or say @change("{_REPLACE}")')
        merged[name] = rule
    return merged
