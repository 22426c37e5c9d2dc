"""The columnar reading of Cedar agrees with Cedar on drawn expressions, missing attributes included."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import cedarpy
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.policy.columns import RELATIONS, Frame, column, evaluate
from overreach.policy.expression import Entity, translate

_USERS: list[dict[str, Any]] = [
    {"role": role, "left": left, "level": level}
    for role, left, level in product(("a", "b"), (False, True), (0, 3, None))
]
_CHILDREN: list[dict[str, Any]] = [
    {"shielded": shielded, "year": year, "ward": ward}
    for shielded, year, ward in product((False, True), (0, 2), ("north", None))
]
_CONTEXT = {"override": True, "approvals": 1, "reason": "welfare"}

_FLAGS = st.sampled_from(
    [
        "true",
        "false",
        "principal.left",
        "resource.shielded",
        "context.override",
        "principal.areas.contains(resource.area)",
        "resource.involved.contains(principal)",
        "principal has level",
        "resource has ward",
        "context has reason",
        "context has nothing",
        "principal is User",
        "resource is User",
        'principal.role == Role::"a"',
        'principal.role != Role::"a"',
        'principal.role in [Role::"a", Role::"c"]',
        'principal.role in Role::"b"',
        '[Role::"b"].contains(principal.role)',
        'context.reason == "welfare"',
        '["welfare", "other"].contains(context.reason)',
        '["north"].contains(resource.ward)',
        'resource.ward == "north"',
        'resource.ward != "south"',
    ]
)
_NUMBERS = st.sampled_from(["0", "2", "-1", "principal.level", "resource.year", "context.approvals"])
_ORDERS = st.builds(
    lambda one, order, two: f"{one} {order} {two}",
    _NUMBERS,
    st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    _NUMBERS,
)
_EXPRESSIONS = st.recursive(
    _FLAGS | _ORDERS,
    lambda inner: (
        st.builds(lambda one: f"!({one})", inner)
        | st.builds(lambda one, two: f"({one}) && ({two})", inner, inner)
        | st.builds(lambda one, two: f"({one}) || ({two})", inner, inner)
        | st.builds(lambda one, two, three: f"(if ({one}) then ({two}) else ({three}))", inner, inner, inner)
    ),
    max_leaves=6,
)


def _frame() -> Frame:
    roles = [Entity("Role", user["role"]) for user in _USERS]
    users = {"role": column(roles, 0)}
    users |= {name: column([user[name] for user in _USERS], 0) for name in ("left", "level")}
    children = {name: column([child[name] for child in _CHILDREN], 1) for name in ("shielded", "year", "ward")}
    return Frame(users, children, _CONTEXT, {"principal": "User", "resource": "Child"})


def _entity(kind: str, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    present = {key: value for key, value in facts.items() if value is not None}
    return {"uid": {"type": kind, "id": name}, "attrs": present, "parents": []}


def _reference(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": name}}


def _cedar(expression: str) -> list[tuple[bool, bool]]:
    """(holds, fails) for every user, child and relation, as cedarpy finds it without any schema."""
    entities, requests = [], []
    places = product(enumerate(_USERS), enumerate(_CHILDREN), enumerate(RELATIONS))
    for (u, user), (c, child), (r, (near, involved)) in places:
        name = f"{u}-{c}-{r}"
        facts = user | {"role": _reference("Role", user["role"]), "areas": [_reference("Area", "here")]}
        entities.append(_entity("User", name, facts))
        linked = {
            "area": _reference("Area", "here" if near else "there"),
            "involved": [_reference("User", name)] if involved else [],
        }
        entities.append(_entity("Child", name, child | linked))
        requests.append(
            {
                "principal": {"type": "User", "id": name},
                "action": {"type": "Action", "id": "read"},
                "resource": {"type": "Child", "id": name},
                "context": _CONTEXT,
            }
        )
    policy = f"permit (principal, action, resource) when {{ {expression} }};"
    answers = cedarpy.is_authorized_batch(requests, policy, json.dumps(entities))
    return [(answer.allowed, bool(answer.diagnostics.errors)) for answer in answers]


@settings(max_examples=40, deadline=None)
@given(_EXPRESSIONS)
def test_columns_decide_as_cedar_does(expression: str) -> None:
    """Where Cedar holds, denies or fails on a missing attribute, so do the columns: class by class."""
    policy = json.loads(cedarpy.policies_to_json_str(f"permit (principal, action, resource) when {{ {expression} }};"))
    tree = policy["staticPolicies"]["policy0"]["conditions"][0]["body"]
    found = evaluate(translate(tree), _frame())
    shape = (len(_USERS), len(_CHILDREN), len(RELATIONS))
    holds = np.broadcast_to(found.values.astype(np.bool_) & ~found.error, shape).ravel().tolist()
    fails = np.broadcast_to(found.error, shape).ravel().tolist()
    assert list(zip(holds, fails, strict=True)) == _cedar(expression)
