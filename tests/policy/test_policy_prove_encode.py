"""Three readings of an expression agree: Z3 on concrete values, the columns, and Cedar; errors included."""

from __future__ import annotations

import json
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.policy.columns import RELATIONS, Frame, column, evaluate
from overreach.policy.declared import Declared
from overreach.policy.expression import Entity, InArea, Node, UntranslatableError, translate, walk
from overreach.policy.prove_encode import encode
from overreach.policy.prove_request import OpenRequest, Symbol, Vocabulary
from overreach.policy.prove_solver import library

z3 = library()

_OPTIONAL = {
    "principal": {"role": "Role", "left": "Bool", "level": "Long"},
    "resource": {"shielded": "Bool", "year": "Long", "ward": "String"},
    "context": {"reason": "String", "override": "Bool", "approvals": "Long"},
}
_DECLARED = {
    of: {name: Declared(kind, is_set=False, optional=True) for name, kind in attributes.items()}
    for of, attributes in _OPTIONAL.items()
}
_DECLARED["principal"]["areas"] = Declared("Area", is_set=True, optional=False)
_DECLARED["resource"]["area"] = Declared("Area", is_set=False, optional=False)
_DECLARED["resource"]["involved"] = Declared("User", is_set=True, optional=False)

_TESTS = st.sampled_from(
    [
        "true",
        "principal.left",
        "resource.shielded",
        "context.override",
        "principal.areas.contains(resource.area)",
        "resource.involved.contains(principal)",
        "principal has level",
        "resource has ward",
        "context has reason",
        "context has nothing",
        "resource has involved",
        "principal is User",
        "resource is User",
        'principal.role == Role::"a"',
        'principal.role != Role::"c"',
        'principal.role in [Role::"a", Role::"c"]',
        '[Role::"b"].contains(principal.role)',
        'context.reason == "welfare"',
        '["welfare", "other"].contains(context.reason)',
        'resource.ward != "north"',
        "resource.ward == context.reason",
        '(if principal.left then resource.ward else context.reason) == "north"',
        "(if resource.shielded then principal.level else resource.year) >= 2",
    ]
)
_NUMBERS = st.sampled_from(["0", "2", "-9223372036854775808", "principal.level", "resource.year", "context.approvals"])
_ORDERS = st.builds("{} {} {}".format, _NUMBERS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), _NUMBERS)
_EXPRESSIONS = st.recursive(
    _TESTS | _ORDERS,
    lambda inner: (
        st.builds("!({})".format, inner)
        | st.builds("({}) && ({})".format, inner, inner)
        | st.builds("({}) || ({})".format, inner, inner)
        | st.builds("(if ({}) then ({}) else ({}))".format, inner, inner, inner)
    ),
    max_leaves=6,
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "Bool": st.none() | st.booleans(),
    "Long": st.none() | st.sampled_from([0, 2, 3, -(2**63), 2**63 - 1]),
    "String": st.none() | st.sampled_from(["welfare", "north", "unheard of"]),
    "Role": st.none() | st.sampled_from(["a", "b", "c"]),
}


def _values(of: str, kind: str) -> st.SearchStrategy[Any]:
    """Approvals, the one number that is claimed, are never fewer than none."""
    values = _VALUES[kind]
    return values.filter(lambda value: value is None or value >= 0) if (of, kind) == ("context", "Long") else values


_REQUESTS = st.tuples(
    st.fixed_dictionaries(
        {
            of: st.fixed_dictionaries({name: _values(of, kind) for name, kind in attributes.items()})
            for of, attributes in _OPTIONAL.items()
        }
    ),
    st.sampled_from(RELATIONS),
)
_Facts = dict[str, dict[str, Any]]


def _parse(expression: str) -> Node:
    policy = json.loads(cedarpy.policies_to_json_str(f"permit (principal, action, resource) when {{ {expression} }};"))
    return translate(policy["staticPolicies"]["policy0"]["conditions"][0]["body"])


def _open(node: Node) -> OpenRequest:
    return OpenRequest(Vocabulary(_DECLARED, {"Role": ("a", "b", "c")}, {}, tuple(walk(node))), "Child", ("health",))


def _by_z3(node: Node, facts: _Facts, relation: tuple[bool, bool]) -> tuple[bool, bool]:
    """(holds, fails) with every symbol fixed."""
    request = _open(node)
    fixed = []
    for (of, name), symbol in request.symbols.items():
        value = facts[of].get(name)
        fixed.append(symbol.present == (value is not None or name == "area"))
        if value is not None:
            fixed.append(symbol.value == _number(request, symbol, value, facts))
    fixed += [term == relation[0 if isinstance(test, InArea) else 1] for test, term in request.relations.items()]
    term = encode(node, request)
    solver = z3.Solver()
    solver.add(*request.rules, *fixed)
    assert solver.check() == z3.sat
    fails = solver.check(term.error) == z3.sat
    holds = solver.check(z3.And(term.value, z3.Not(term.error))) == z3.sat
    assert fails == (solver.check(z3.Not(term.error)) == z3.unsat)
    return holds, fails


def _number(request: OpenRequest, symbol: Symbol, value: Any, facts: _Facts) -> Any:  # noqa: ANN401 - of any kind
    """The number of a value; texts that no policy names are numbered as they occur in the request."""
    if symbol.kind not in ("String", "Role"):
        return value
    codes = request.codes(symbol.kind)
    texts = [facts["resource"]["ward"], facts["context"]["reason"]]
    return [*codes, *(text for text in texts if text not in codes)].index(value)


def _by_columns(node: Node, facts: _Facts, relation: tuple[bool, bool]) -> tuple[bool, bool]:
    user = dict(facts["principal"])
    role = user.pop("role")
    users = {name: column([value], 0) for name, value in user.items()}
    users["role"] = column([None if role is None else Entity("Role", role)], 0)
    children = {name: column([value], 1) for name, value in facts["resource"].items()}
    children["involved"] = column(["a set"], 1)
    context = {name: value for name, value in facts["context"].items() if value is not None}
    found = evaluate(node, Frame(users, children, context, {"principal": "User", "resource": "Child"}))
    place = RELATIONS.index(relation)
    value, error = (each.reshape(-1)[place if each.size > 1 else 0] for each in (found.values, found.error))
    return bool(value) and not error, bool(error)


def _by_cedar(expression: str, facts: _Facts, relation: tuple[bool, bool]) -> tuple[bool, bool]:
    present = {of: {k: v for k, v in attributes.items() if v is not None} for of, attributes in facts.items()}
    if "role" in present["principal"]:
        present["principal"]["role"] = _reference("Role", present["principal"]["role"])
    user = present["principal"] | {"areas": [_reference("Area", "here")]}
    child = present["resource"] | {
        "area": _reference("Area", "here" if relation[0] else "there"),
        "involved": [_reference("User", "0")] if relation[1] else [],
    }
    entities: list[dict[str, Any]] = [
        {"uid": {"type": kind, "id": "0"}, "attrs": attributes, "parents": []}
        for kind, attributes in (("User", user), ("Child", child))
    ]
    answer = cedarpy.is_authorized(
        {
            "principal": {"type": "User", "id": "0"},
            "action": {"type": "Action", "id": "read"},
            "resource": {"type": "Child", "id": "0"},
            "context": present["context"],
        },
        f"permit (principal, action, resource) when {{ {expression} }};",
        json.dumps(entities),
    )
    return answer.allowed, bool(answer.diagnostics.errors)


def _reference(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": name}}


@settings(max_examples=60, deadline=None)
@given(_EXPRESSIONS, st.lists(_REQUESTS, min_size=1, max_size=4))
def test_z3_the_columns_and_cedar_agree(expression: str, requests: list[tuple[_Facts, tuple[bool, bool]]]) -> None:
    """Where one holds, denies or fails on a missing attribute, so do the others: request by request."""
    node = _parse(expression)
    for facts, relation in requests:
        found = _by_z3(node, facts, relation)
        assert found == _by_columns(node, facts, relation)
        assert found == _by_cedar(expression, facts, relation)


def test_a_value_that_no_policy_names_is_possible() -> None:
    """Neither of the two that are named, and two attributes may each have one of their own."""
    node = _parse('!(["a", "b"].contains(context.reason)) && context.reason != resource.ward && resource.ward != "a"')
    request = _open(node)
    term = encode(node, request)
    solver = z3.Solver()
    solver.add(*request.rules, term.value, z3.Not(term.error))
    assert solver.check() == z3.sat


def test_areas_that_are_the_same_are_both_in_reach_or_neither() -> None:
    """Two tests of one user's areas against attributes that hold the same area cannot differ."""
    text = "principal.areas.contains(resource.area) && !principal.areas.contains(resource.other)"
    node = _parse(f"{text} && resource.area == resource.other")
    declared = _DECLARED | {
        "resource": _DECLARED["resource"] | {"other": Declared("Area", is_set=False, optional=False)}
    }
    request = OpenRequest(Vocabulary(declared, {}, {}, tuple(walk(node))), "Child", ("health",))
    term = encode(node, request)
    solver = z3.Solver()
    solver.add(*request.rules, term.value)
    assert solver.check() == z3.unsat
    assert solver.check(term.error) == z3.unsat


def test_a_claim_that_no_request_carries_is_refused() -> None:
    """What the schema lets a context hold besides could be anything."""
    node = _parse("context.purpose == 1")
    declared = _DECLARED | {"context": {"purpose": Declared("Long", is_set=False, optional=False)}}
    request = OpenRequest(Vocabulary(declared, {}, {}, tuple(walk(node))), "Child", ("health",))
    with pytest.raises(UntranslatableError, match=r"`context.purpose` is none of the claims"):
        encode(node, request)


def test_a_choice_between_two_kinds_is_refused() -> None:
    """It has no kind of its own."""
    node = _parse('(if context.override then 1 else "one") == 1')
    with pytest.raises(UntranslatableError, match="an `if` of a Long and a String"):
        encode(node, _open(node))
