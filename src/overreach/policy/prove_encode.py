"""Expressions of a policy as Z3 terms: what they come to, and where they have no value.

The same tree as the columns read, with the same meaning: an attribute that is missing makes an error, `&&` and
`||` look at their right side only where they must, `if` at one branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from overreach.policy.declared import BOOL, LONG
from overreach.policy.expression import (
    And,
    Attribute,
    Compare,
    Entity,
    Has,
    If,
    InArea,
    Involved,
    Is,
    Literal,
    Node,
    Not,
    OneOf,
    Or,
    UntranslatableError,
)
from overreach.policy.prove_request import OpenRequest, kind_of
from overreach.policy.prove_solver import Z3, library
from overreach.policy.rules import USER

_NOTHING = ""
"""The kind of an expression that never has a value."""


@dataclass(frozen=True, slots=True)
class Term:
    """A value, and where there is none because evaluating failed."""

    kind: str
    value: Z3
    error: Z3


def encode(node: Node, request: OpenRequest) -> Term:  # noqa: C901, PLR0911 - one line an operator
    """The expression over an open request; UntranslatableError names what cannot be proven about."""
    match node:
        case Literal(value=value):
            return _value(kind_of(value), request.number(value))
        case Attribute():
            return _attribute(node, request)
        case Has(attribute=attribute):
            return _value(BOOL, library().Not(_absent(attribute, request)))
        case InArea(user=user, child=child):
            return _relation([("principal", user), ("resource", child)], request.relations.get(node), request)
        case Involved(child=child):
            return _relation([("resource", child)], request.relations.get(node), request)
        case Is(of=of, type=name):
            return _value(BOOL, library().BoolVal(val=name == (USER if of == "principal" else request.resource)))
        case Not(operand=operand):
            inner = _truth(encode(operand, request))
            return Term(BOOL, library().Not(inner.value), inner.error)
        case And(left=left, right=right):
            return _both(_truth(encode(left, request)), _truth(encode(right, request)))
        case Or(left=left, right=right):
            return _either(_truth(encode(left, request)), _truth(encode(right, request)))
        case If(test=test, then=then, other=other):
            return _choice(_truth(encode(test, request)), encode(then, request), encode(other, request))
        case Compare(operator=operator, left=left, right=right):
            return _compared(operator, encode(left, request), encode(right, request))
        case OneOf(operand=operand, members=members):
            return _one_of(encode(operand, request), members, request)


def _value(kind: str, value: Z3) -> Term:
    return Term(kind, value, library().BoolVal(val=False))


def _never() -> Term:
    z3 = library()
    return Term(_NOTHING, z3.BoolVal(val=False), z3.BoolVal(val=True))


def _attribute(node: Attribute, request: OpenRequest) -> Term:
    if node.of == "context" and len(node.path) > 1:
        switch = _switch(node, request)
        return _value(switch.type, request.number(switch)) if switch else _never()
    symbol = request.symbols.get((node.of, node.path[0]))
    if symbol is not None:
        return Term(symbol.kind, symbol.value, library().Not(symbol.present))
    _refuse_other_claims(node, request)
    return _never()


def _absent(node: Attribute, request: OpenRequest) -> Z3:
    """Where an attribute is missing; a set and the record of switches may be asked for too."""
    z3 = library()
    if node == Attribute("context", ("switches",)):
        return z3.BoolVal(val=not request.vocabulary.switches)
    present = request.sets.get((node.of, node.path[0]))
    return _attribute(node, request).error if present is None else z3.Not(present)


def _switch(node: Attribute, request: OpenRequest) -> Entity | None:
    known = node.path[0] == "switches" and len(node.path) == 2  # noqa: PLR2004 - switches.NAME
    return request.vocabulary.switches.get(node.path[1]) if known else None


def _refuse_other_claims(node: Attribute, request: OpenRequest) -> None:
    """What a schema lets a context hold besides the claims could be anything: nothing would be proven."""
    if node.of == "context" and node.path[0] in request.vocabulary.declared.get("context", {}):
        name = node.path[0]
        message = f"`context.{name}` is none of the claims that a request carries"
        raise UntranslatableError(message, name)


def _relation(needed: Sequence[tuple[str, str]], test: Z3 | None, request: OpenRequest) -> Term:
    """A test of two attributes, both of which must be there."""
    z3 = library()
    if test is None:
        return _never()
    absent = [_absent(Attribute(of, (name,)), request) for of, name in needed]
    return Term(BOOL, test, z3.Or(absent))


def _truth(term: Term) -> Term:
    """The term as a truth value: Cedar fails on anything else."""
    return term if term.kind == BOOL else Term(BOOL, library().BoolVal(val=False), library().BoolVal(val=True))


def _both(left: Term, right: Term) -> Term:
    z3 = library()
    return Term(BOOL, z3.And(left.value, right.value), z3.Or(left.error, z3.And(left.value, right.error)))


def _either(left: Term, right: Term) -> Term:
    z3 = library()
    reached = z3.And(z3.Not(left.value), right.error)
    return Term(BOOL, z3.Or(left.value, right.value), z3.Or(left.error, reached))


def _choice(test: Term, then: Term, other: Term) -> Term:
    z3 = library()
    error = z3.Or(test.error, z3.If(test.value, then.error, other.error))
    if _NOTHING in (then.kind, other.kind):  # where that branch is taken there is no value at all
        known = other if then.kind == _NOTHING else then
        return Term(known.kind, known.value, error)
    if then.kind != other.kind:
        message = f"an `if` of a {then.kind} and a {other.kind} cannot be proven about"
        raise UntranslatableError(message, "if")
    return Term(then.kind, z3.If(test.value, then.value, other.value), error)


def _compared(operator: str, left: Term, right: Term) -> Term:
    z3 = library()
    error = z3.Or(left.error, right.error)
    if operator in ("==", "!="):
        # Values of two kinds are never equal, and what has no kind fails anyhow.
        same = left.value == right.value if left.kind == right.kind else z3.BoolVal(val=False)
        return Term(BOOL, same if operator == "==" else z3.Not(same), error)
    if left.kind != LONG or right.kind != LONG:
        return Term(BOOL, z3.BoolVal(val=False), z3.BoolVal(val=True))
    ordered = {
        "<": left.value < right.value,
        "<=": left.value <= right.value,
        ">": left.value > right.value,
        ">=": left.value >= right.value,
    }
    return Term(BOOL, ordered[operator], error)


def _one_of(operand: Term, members: Sequence[Literal], request: OpenRequest) -> Term:
    z3 = library()
    same = [
        operand.value == request.number(member.value) for member in members if kind_of(member.value) == operand.kind
    ]
    return Term(BOOL, z3.Or(same), operand.error)
