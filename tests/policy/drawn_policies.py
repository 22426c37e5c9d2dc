"""Whole policies drawn from the supported part of Cedar, and the small world in which all their requests are tried."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.policy.classwise import ClassGrid
from overreach.policy.facts import Classes
from overreach.policy.load import Policy

FACETS = (
    "existence",
    "identity",
    "former_names",
    "whereabouts",
    "carers",
    "contacts",
    "education",
    "health",
    "services",
    "sensitive_services",
    "indicators",
    "provenance",
    "protection",
)

SCHEMA = """
entity Role enum ["a", "b", "c"];
entity G1 enum ["no", "yes"];
type Switches = { G1: G1 };
entity Area;
entity User { role: Role, left: Bool, level?: Long, areas: Set<Area> };
entity Child { area: Area, involved: Set<User>, shielded: Bool, year: Long, status?: String };
entity System;
type Claims = { reason?: String, override: Bool, approvals: Long, switches: Switches };
action FACETS, "override" appliesTo { principal: User, resource: Child, context: Claims };
action "search", "export" appliesTo { principal: User, resource: System, context: Claims };
""".replace("FACETS", ", ".join(f'"{facet}"' for facet in FACETS))

SWITCHES = {"G1": "no"}

USER_VALUES: dict[str, tuple[Any, ...]] = {"role": ("a", "b", "c"), "left": (False, True), "level": (None, 0, 1, 2, 3)}
CHILD_VALUES: dict[str, tuple[Any, ...]] = {
    "shielded": (False, True),
    "year": (0, 1, 2),
    "status": (None, "open", "closed", "welfare", "another"),
}
#: Every claim that drawn policies can tell apart: each text that a reason or a status is compared with, and two others;
#: each number that approvals are compared with, and one more.
CLAIMS = tuple(
    Claims(reason, override, approvals)
    for reason, override, approvals in product(
        (None, "welfare", "closed", "open", "another", "a third"), (False, True), (0, 1, 2, 3)
    )
)

_USER_TESTS = (
    "principal.left",
    'principal.role == Role::"a"',
    'principal.role in [Role::"b", Role::"c"]',
    '[Role::"a", Role::"c"].contains(principal.role)',
    "principal has level",
    "(principal has level && principal.level >= 1)",
    "(principal has level && principal.level == 2)",
    "context.override",
    "context.approvals >= 1",
    "context.approvals < 2",
    "context has reason",
    '(context has reason && context.reason == "welfare")',
    '(context has reason && ["welfare", "closed"].contains(context.reason))',
    'context.switches.G1 == G1::"no"',
    'context.switches.G1 in [G1::"yes", G1::"no"]',
    '[G1::"yes"].contains(context.switches.G1)',
    "context has switches",
    "context.switches has G1",
    "context has switches.G1",
    "context has purpose",
    "principal is User",
    "principal is System",
    "true",
    "false",
    'principal.role in Role::"a"',
    'principal.role != Role::"b"',
    "principal.role == principal.role",
    "principal.left == context.override",
    "(principal.left != context.override)",
    "[true].contains(principal.left)",
    "[1, 2].contains(context.approvals)",
    "context.approvals > -1",
    '(if principal.left then Role::"a" else principal.role) == Role::"b"',
    '[Role::"a"].contains(if context.override then Role::"a" else principal.role)',
    "(if principal has level then principal.level else 0) < 1",
    '(if context has reason then context.reason else "open") == "open"',
)
_CHILD_TESTS = (
    "resource.shielded",
    "resource.year >= 1",
    "resource.year != 2",
    "resource has status",
    '(resource has status && resource.status == "closed")',
    "(resource has status && context has reason && resource.status == context.reason)",
    '(if resource has status then resource.status != "open" else principal.left)',
    "principal.areas.contains(resource.area)",
    "resource.involved.contains(principal)",
    "resource is Child",
    "(principal has level && principal.level > resource.year)",
    "resource is System",
    "resource.year <= 0",
    "resource.shielded == principal.left",
    "[0, 2].contains(resource.year)",
    "(if resource.shielded then 0 else resource.year) >= 1",
    '["open", "closed"].contains(if resource has status then resource.status else "welfare")',
    "(if resource.involved.contains(principal) then principal.areas.contains(resource.area) else resource.shielded)",
)


#: Only of people whose areas have names; the small world has only the relation.
_AREA_TESTS = ('resource.area == Area::"north"', 'resource.area in [Area::"south", Area::"nowhere"]')


def _conditions(tests: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(tests),
        lambda inner: (
            st.builds("!({})".format, inner)
            | st.builds("({}) && ({})".format, inner, inner)
            | st.builds("({}) || ({})".format, inner, inner)
            | st.builds("(if ({}) then ({}) else ({}))".format, inner, inner, inner)
        ),
        max_leaves=4,
    )


def _scopes(actions: tuple[str, ...], whole: str, resources: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Some of the actions, or everything that can be asked of `whole`; whoever asks is a user anyhow."""
    some = st.lists(st.sampled_from(actions), min_size=1, max_size=3, unique=True).map(_written)
    scope = st.builds("{}, {}".format, some, st.sampled_from(resources)) | st.just(f"action, {whole}")
    return st.builds("{}, {}".format, st.sampled_from(["principal", "principal is User"]), scope)


def _written(actions: list[str]) -> str:
    named = [f'Action::"{action}"' for action in actions]
    return f"action == {named[0]}" if len(named) == 1 else f"action in [{', '.join(named)}]"


_CHILD_SCOPES = _scopes(
    ("existence", "whereabouts", "health", "override"), "resource is Child", ("resource", "resource is Child")
)
_OF_CHILD = st.tuples(_CHILD_SCOPES, _conditions(_USER_TESTS + _CHILD_TESTS))
_OF_NAMED_AREAS = st.tuples(_CHILD_SCOPES, _conditions(_USER_TESTS + _CHILD_TESTS + _AREA_TESTS * 5))
_OF_ANY = st.tuples(
    _scopes(("existence", "health", "search", "export"), "resource", ("resource",)), _conditions(_USER_TESTS)
)


@st.composite
def texts(
    draw: st.DrawFn,
    effects: tuple[str, ...] = ("permit", "permit", "forbid"),
    most: int = 5,
    *,
    named_areas: bool = False,
) -> str:
    """A Cedar file of one to `most` policies; each holds for several actions, some for child and system alike."""
    lines = []
    one = (_OF_NAMED_AREAS if named_areas else _OF_CHILD) | _OF_ANY
    for number, (scope, condition) in enumerate(draw(st.lists(one, min_size=1, max_size=most))):
        effect = draw(st.sampled_from(effects))
        kind = draw(st.sampled_from(["when", "unless", "when { true } unless { false } when"]))
        duty = draw(st.sampled_from(["", ' @duty("alert")'])) if effect == "permit" else ""
        lines.append(f'@id("p{number}"){duty}\n{effect} ({scope}) {kind} {{ {condition} }};\n')
    return "".join(lines)


def classes() -> st.SearchStrategy[str]:
    """A file of one or two record classes."""
    conditions = st.lists(_conditions(_USER_TESTS + _CHILD_TESTS), min_size=1, max_size=2)
    return conditions.map(
        lambda drawn: "\n".join(
            f'@id("c{number}") permit (principal, action, resource is Child) when {{ {condition} }};'
            for number, condition in enumerate(drawn)
        )
    )


def load(folder: Path, policy: str, invariants: str = "", classes: str = "") -> Policy:
    """The policy of these texts over the drawn schema."""
    files = {
        "policy.cedarschema": SCHEMA,
        "policy.cedar": policy,
        "classes.cedar": classes,
        "invariants.cedar": invariants,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Policy.load(folder, SWITCHES)


def world(policy: Policy) -> ClassGrid:
    """The columns over every user and child that drawn policies can tell apart."""
    return ClassGrid(policy, _classes(USER_VALUES), _classes(CHILD_VALUES))


def _classes(values: dict[str, tuple[Any, ...]]) -> Classes:
    facts = list(product(*values.values()))
    return Classes(tuple(values), np.arange(len(facts), dtype=np.int32), facts)
