"""Deciding expressions for all classes at once: numpy columns over user class x child class x relation.

Every value is an array with three axes, of length 1 where it does not depend on that axis, so that most work
is done on a few hundred elements. An attribute that is missing makes an error, as in Cedar: `&&` and `||`
evaluate their right side only where they must, and whatever error remains stops the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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

Bools = NDArray[np.bool_]

#: Relation number -> (in area, involved); the third axis of every array.
RELATIONS: Final = ((False, False), (True, False), (False, True), (True, True))
_NO: Final[Bools] = np.zeros((1, 1, 1), dtype=np.bool_)
_YES: Final[Bools] = np.ones((1, 1, 1), dtype=np.bool_)
_IN_AREA: Final[Bools] = np.array([[[relation[0] for relation in RELATIONS]]])
_INVOLVED: Final[Bools] = np.array([[[relation[1] for relation in RELATIONS]]])

# Cedar's validator has made sure that operands are of one type, so that 1 never meets true here.
_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
}


@dataclass(frozen=True, slots=True)
class Column:
    """Values, and where there is none because evaluating failed."""

    values: NDArray[Any]
    error: Bools = field(default_factory=lambda: _NO)


@dataclass(frozen=True, slots=True)
class Frame:
    """What expressions are evaluated over."""

    users: Mapping[str, Column]
    """Attribute -> column of shape (user classes, 1, 1)."""
    children: Mapping[str, Column] | None
    """Attribute -> column of shape (1, child classes, 1); None where the resource is the system."""
    context: Mapping[str, Any]
    """Claims and `switches`; absent keys are missing attributes."""
    types: Mapping[str, str]
    """`principal` and `resource` -> entity type."""


def column(values: Sequence[Any], axis: int) -> Column:
    """A column of facts along an axis (0 users, 1 children); None is a missing attribute."""
    shape = [1, 1, 1]
    shape[axis] = len(values)
    missing = np.array([value is None for value in values], dtype=np.bool_).reshape(shape)
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool}:
        plain: NDArray[Any] = np.array([bool(value) for value in values], dtype=np.bool_)
    elif kinds <= {int}:
        plain = np.array([value or 0 for value in values], dtype=np.int64)
    else:
        plain = np.empty(len(values), dtype=object)
        plain[:] = values
    return Column(plain.reshape(shape), missing)


def evaluate(node: Node, frame: Frame) -> Column:  # noqa: C901, PLR0911 - one line an operator
    """The value of an expression for every class, and where it has none.

    UntranslatableError where facts are of another type than what they are compared with.
    """
    match node:
        case Literal(value=value):
            return _scalar(value)
        case Attribute():
            return _attribute(node, frame)
        case Has(attribute=attribute):
            found = _attribute(attribute, frame)
            return Column(~found.error)
        case InArea():
            return Column(_IN_AREA) if frame.children is not None else Column(_NO, _YES)
        case Involved():
            return Column(_INVOLVED) if frame.children is not None else Column(_NO, _YES)
        case Is(of=of, type=name):
            return _scalar(frame.types[of] == name)
        case Not(operand=operand):
            inner = evaluate(operand, frame)
            return Column(~inner.values, inner.error)
        case And(left=left, right=right):
            return _both(evaluate(left, frame), evaluate(right, frame))
        case Or(left=left, right=right):
            return _either(evaluate(left, frame), evaluate(right, frame))
        case If(test=test, then=then, other=other):
            return _choice(evaluate(test, frame), evaluate(then, frame), evaluate(other, frame))
        case Compare(operator=operator, left=left, right=right):
            one, two = evaluate(left, frame), evaluate(right, frame)
            return _compared(operator, one, two)
        case OneOf(operand=operand, members=members):
            return _one_of(evaluate(operand, frame), [member.value for member in members])


def _scalar(value: object) -> Column:
    if isinstance(value, bool | int):
        return Column(np.full((1, 1, 1), value))
    holder = np.empty((1, 1, 1), dtype=object)
    holder[0, 0, 0] = value
    return Column(holder)


def _attribute(node: Attribute, frame: Frame) -> Column:
    if node.of == "context":
        value: Any = frame.context
        for name in node.path:
            if not isinstance(value, Mapping) or name not in value:
                return Column(_NO, _YES)
            value = value[name]
        return _scalar(value)
    table = frame.users if node.of == "principal" else frame.children
    if table is None or node.path[0] not in table:
        return Column(_NO, _YES)
    return table[node.path[0]]


def _both(left: Column, right: Column) -> Column:
    holds = left.values.astype(np.bool_) & ~left.error
    return Column(holds & right.values.astype(np.bool_), left.error | (holds & right.error))


def _either(left: Column, right: Column) -> Column:
    fails = ~left.values.astype(np.bool_) & ~left.error
    holds = ~fails & ~left.error
    return Column(holds | (fails & right.values.astype(np.bool_)), left.error | (fails & right.error))


def _choice(test: Column, then: Column, other: Column) -> Column:
    holds = test.values.astype(np.bool_)
    return Column(np.where(holds, then.values, other.values), test.error | np.where(holds, then.error, other.error))


def _compared(operator: str, left: Column, right: Column) -> Column:
    error = left.error | right.error
    _insist_alike(left, {_kind(right)})
    if object in (left.values.dtype, right.values.dtype):
        # Missing values stand as None, which has no order; only equality is defined for what objects hold.
        same = np.asarray(left.values == right.values, dtype=np.bool_)
        return Column(same if operator == "==" else ~same, error)
    return Column(np.asarray(_COMPARE[operator](left.values, right.values), dtype=np.bool_), error)


def _insist_alike(column: Column, others: set[type | None]) -> None:
    """Cedar's validator lets only values of one type meet: otherwise the facts are not what the schema says."""
    kind = _kind(column)
    if not others <= {kind, None} and kind is not None:
        wanted = ", ".join(sorted(other.__name__ for other in others if other is not None))
        message = f"facts that are {kind.__name__} cannot be compared with {wanted}"
        raise UntranslatableError(message, "==")


def _kind(column: Column) -> type | None:
    """Type of the values; None where there is none."""
    if column.values.dtype != object:
        kind: type = bool if column.values.dtype == np.bool_ else int
        return None if column.error.all() else kind
    values, error = np.broadcast_arrays(column.values, column.error)
    sound = values[~error]
    return type(sound[0]) if sound.size else None


def _one_of(operand: Column, members: Sequence[bool | int | str | Entity]) -> Column:
    known = set(members)
    _insist_alike(operand, {type(member) for member in members})
    flat = [value in known for value in operand.values.ravel().tolist()]
    return Column(np.array(flat, dtype=np.bool_).reshape(operand.values.shape), operand.error)
