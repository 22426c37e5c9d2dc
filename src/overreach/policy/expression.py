"""The part of Cedar's expression language that can be decided in columns, as a small tree.

Anything else is refused with its name: an expression that cannot be translated is never skipped. Attributes
of users and children are facts with one value each; sets of authorities and users are relations, and only the
two tests that the counting knows are taken: `principal.A.contains(resource.B)` (in area) and
`resource.C.contains(principal)` (involved).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

#: Cedar's JSON name of an operator -> how it is written in a policy, for messages.
_WRITTEN: Final = {"isEmpty": ".isEmpty(", "neg": "-", "Set": "["}
#: The same -> how a message calls what has no name of its own.
_CALLED: Final = {"neg": "`-` before a value", "Set": "a set outside of `in` and `contains`"}
_ORDERS: Final = ("==", "!=", "<", "<=", ">", ">=")


class UntranslatableError(Exception):
    """An expression outside the supported part; `written` is how it looks in a policy."""

    def __init__(self, reason: str, written: str) -> None:
        super().__init__(reason)
        self.written = written


@dataclass(frozen=True, slots=True)
class Entity:
    """A reference to an entity: `Role::"social_worker"`."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the policy."""

    value: bool | int | str | Entity


@dataclass(frozen=True, slots=True)
class Attribute:
    """`principal.NAME`, `resource.NAME`, or a path below `context`."""

    of: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """`X has NAME`."""

    attribute: Attribute


@dataclass(frozen=True, slots=True)
class InArea:
    """`principal.USER.contains(resource.CHILD)`."""

    user: str
    child: str


@dataclass(frozen=True, slots=True)
class Involved:
    """`resource.CHILD.contains(principal)`."""

    child: str


@dataclass(frozen=True, slots=True)
class Is:
    """`principal is TYPE` or `resource is TYPE`."""

    of: str
    type: str


@dataclass(frozen=True, slots=True)
class Not:
    """`!X`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class And:
    """`X && Y`; Y is evaluated only where X holds."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Or:
    """`X || Y`; Y is evaluated only where X does not hold."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class If:
    """`if X then Y else Z`."""

    test: Node
    then: Node
    other: Node


@dataclass(frozen=True, slots=True)
class Compare:
    """`X == Y` and the other comparisons."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class OneOf:
    """`X in [..]` and `[..].contains(X)`: entities here have no parents, so both mean membership."""

    operand: Node
    members: tuple[Literal, ...]


Node = Literal | Attribute | Has | InArea | Involved | Is | Not | And | Or | If | Compare | OneOf


def _refuse(written: str, reason: str) -> NoReturn:
    raise UntranslatableError(reason, written)


def translate(tree: Mapping[str, Any]) -> Node:  # noqa: C901, PLR0911 - one line an operator
    """The tree of an expression in Cedar's JSON format; UntranslatableError names what is not supported."""
    ((kind, body),) = tree.items()
    match kind:
        case "Value":
            return _literal(body)
        case ".":
            return _attribute(body)
        case "has":
            return Has(_attribute(body))
        case "is":
            return _is(body)
        case "!":
            return Not(translate(body["arg"]))
        case "&&":
            return And(translate(body["left"]), translate(body["right"]))
        case "||":
            return Or(translate(body["left"]), translate(body["right"]))
        case "if-then-else":
            return If(translate(body["if"]), translate(body["then"]), translate(body["else"]))
        case "contains":
            return _contains(body)
        case "in":
            return _in(body)
        case order if order in _ORDERS:
            return Compare(order, translate(body["left"]), translate(body["right"]))
    raise _unknown(kind, body)


def _unknown(kind: str, body: Any) -> UntranslatableError:  # noqa: ANN401 - whatever Cedar has there
    if kind == "Var":
        return UntranslatableError(f"`{body}` itself cannot be decided in columns, only its attributes can", body)
    if kind == "Record":
        return UntranslatableError("a record cannot be decided in columns", next(iter(body), "{"))
    called = _CALLED.get(kind, f"`{kind}`")
    return UntranslatableError(f"{called} cannot be decided in columns", _WRITTEN.get(kind, kind))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    match node:
        case Not(operand=one) | OneOf(operand=one):
            yield from walk(one)
        case And(left=one, right=two) | Or(left=one, right=two) | Compare(left=one, right=two):
            yield from walk(one)
            yield from walk(two)
        case If(test=one, then=two, other=three):
            for part in (one, two, three):
                yield from walk(part)
        case Has(attribute=attribute):
            yield attribute


def _literal(value: Any) -> Literal:  # noqa: ANN401 - a value as JSON has it
    if isinstance(value, bool | int | str):
        return Literal(value)
    if isinstance(value, dict) and "__entity" in value:
        return Literal(Entity(value["__entity"]["type"], value["__entity"]["id"]))
    _refuse(str(value), f"the value `{value}` cannot be decided in columns")


def _attribute(body: Mapping[str, Any]) -> Attribute:
    path: list[str] = [body["attr"]]
    holder = body["left"]
    while "." in holder:
        path.append(holder["."]["attr"])
        holder = holder["."]["left"]
    of = holder.get("Var", "")
    if of not in ("principal", "resource", "context") or (of != "context" and len(path) > 1):
        name = ".".join(reversed(path))
        _refuse(body["attr"], f"`{name}` is not an attribute of principal, resource or context")
    return Attribute(of, tuple(reversed(path)))


def _is(body: Mapping[str, Any]) -> Is:
    of = body["left"].get("Var")
    if of not in ("principal", "resource") or "in" in body:
        _refuse("is", "`is` is decided for principal and resource only")
    return Is(of, body["entity_type"])


def _contains(body: Mapping[str, Any]) -> Node:
    holder, element = body["left"], body["right"]
    if "Set" in holder:
        return OneOf(translate(element), _members(holder["Set"]))
    if "." in holder:
        owner = _attribute(holder["."])
        if owner.of == "resource" and element == {"Var": "principal"}:
            return Involved(owner.path[0])
        if owner.of == "principal" and "." in element:
            other = _attribute(element["."])
            if other.of == "resource":
                return InArea(owner.path[0], other.path[0])
    _refuse("contains", "`contains` is decided for literal sets, areas and involvement only")


def _in(body: Mapping[str, Any]) -> Node:
    if "." not in body["left"]:
        _refuse("in", "`in` is decided for an attribute in a set of entities only")
    right = body["right"]
    if "Set" in right:
        return OneOf(translate(body["left"]), _members(right["Set"]))
    return OneOf(translate(body["left"]), _members([right], "in"))


def _members(items: list[Mapping[str, Any]], written: str = "[") -> tuple[Literal, ...]:
    members = [translate(item) for item in items]
    if not all(isinstance(member, Literal) for member in members):
        _refuse(written, "a set of anything but written values cannot be decided in columns")
    return tuple(member for member in members if isinstance(member, Literal))
