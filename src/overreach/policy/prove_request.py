"""A request of which everything is open: all that a schema lets a user, a child and a context be, as Z3 terms.

Strings and entities are only ever compared for equality, so each is a number: the values written in policies
come first, the values that no policy names after them, as many as there are attributes to hold them. Longs are
64-bit: bounded integers, exact because the supported part of Cedar has no arithmetic. Of the sets there are only
the two relations, one truth value for each test that a policy makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from overreach.policy.declared import BOOL, LONG, STRING, Declared
from overreach.policy.expression import Entity, InArea, Involved, Literal, Node, OneOf
from overreach.policy.prove_solver import Z3, Wish, library
from overreach.policy.rules import CHILD

Value = bool | int | str | Entity
Relation = InArea | Involved

#: What tells one request from another, as plain numbers and truth values; None for a missing attribute.
Raw = Mapping[str, bool | int | None]

_LONGEST: Final = 2**63 - 1
_CLAIMS: Final = ("reason", "override", "approvals")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What requests are made of."""

    declared: Mapping[str, Mapping[str, Declared]]
    """`principal`, `resource` and `context` -> attribute -> what the schema declares."""
    enumerations: Mapping[str, Sequence[str]]
    switches: Mapping[str, Entity]
    nodes: Sequence[Node]
    """Every expression's every node: its literals get numbers, its tests of relations truth values."""

    def codes(self, kind: str) -> tuple[str, ...]:
        """The values of a kind that have a number of their own, in order."""
        if kind in self.enumerations:
            return tuple(self.enumerations[kind])
        return tuple(sorted({value for value in map(_text, self._literals(kind)) if value is not None}))

    def _literals(self, kind: str) -> Iterable[Value]:
        for node in self.nodes:
            found: tuple[Node, ...] = ()
            if isinstance(node, Literal):
                found = (node,)
            elif isinstance(node, OneOf):
                found = node.members
            for literal in found:
                if isinstance(literal, Literal) and kind_of(literal.value) == kind:
                    yield literal.value


@dataclass(frozen=True, slots=True)
class Symbol:
    """An attribute with an open value."""

    key: str
    """`principal.role`; relations are written as the policy tests them."""
    kind: str
    value: Z3
    present: Z3
    """Whether it is there; the constant true where the schema wants it."""


@dataclass(slots=True)
class OpenRequest:
    """One request about a resource of one type, with everything open that the schema leaves open."""

    vocabulary: Vocabulary
    resource: str
    """`Child` or `System`."""
    actions: Sequence[str]
    """What may be asked."""
    action: Z3 = field(init=False)
    """Place in `actions`."""
    symbols: dict[tuple[str, str], Symbol] = field(init=False, default_factory=dict)
    """(`principal`, `resource` or `context`, attribute) -> its symbol; sets left out."""
    sets: dict[tuple[str, str], Z3] = field(init=False, default_factory=dict)
    """The same for sets -> whether it is there."""
    relations: dict[Relation, Z3] = field(init=False, default_factory=dict)
    """Test of a relation -> whether it holds."""
    rules: list[Z3] = field(init=False, default_factory=list)
    """What the schema says of the symbols."""
    _codes: dict[str, tuple[str, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        z3 = library()
        self.action = z3.Int("action")
        self.rules += [self.action >= 0, self.action < len(self.actions)]
        for of, attributes in self.vocabulary.declared.items():
            if of == "resource" and self.resource != CHILD:
                continue
            for name, declared in attributes.items():
                if of != "context" or name in _CLAIMS:
                    self._declare(of, name, declared)
        self._relate()

    def codes(self, kind: str) -> tuple[str, ...]:
        """As `Vocabulary.codes`, found once."""
        if kind not in self._codes:
            self._codes[kind] = self.vocabulary.codes(kind)
        return self._codes[kind]

    def number(self, value: Value) -> Z3:
        """A value written in a policy, as a term."""
        z3 = library()
        kind = kind_of(value)
        if kind == BOOL:
            return z3.BoolVal(value)
        return z3.IntVal(value if kind == LONG else self.codes(kind).index(str(_text(value))))

    def is_any(self, actions: Iterable[str]) -> Z3:
        """The formula that one of these is asked."""
        z3 = library()
        asked = frozenset(actions)
        return z3.Or([self.action == place for place, name in enumerate(self.actions) if name in asked])

    def raw(self, model: Z3) -> dict[str, bool | int | None]:
        """A model's request, with what it leaves open filled in."""
        found: dict[str, bool | int | None] = {"action": _number(model, self.action)}
        for symbol in self.symbols.values():
            there = _truth(model, symbol.present)
            number = _truth(model, symbol.value) if symbol.kind == BOOL else _number(model, symbol.value)
            found[symbol.key] = number if there else None
        for (of, name), present in self.sets.items():
            found[f"{of}.{name}"] = True if _truth(model, present) else None
        for test, term in self.relations.items():
            found[written(test)] = _truth(model, term)
        return found

    def value(self, symbol: Symbol, number: bool | int) -> Value:  # noqa: FBT001 - a value of either type
        """What a number of this symbol stands for; a value of its own where no policy names one."""
        if symbol.kind in (BOOL, LONG):
            return number
        codes = self.codes(symbol.kind)
        name = codes[number] if number < len(codes) else _unnamed(codes, number - len(codes))
        return name if symbol.kind == STRING else Entity(symbol.kind, name)

    def wishes(self, plain: Raw | None = None) -> list[Wish]:
        """What makes a request small: being like `plain`, else with nothing set and in area."""
        z3 = library()
        found = [Wish(z3.BoolVal(val=True), 1, self.action)]
        found += [Wish(_like(symbol, plain), 2, self._order(symbol)) for symbol in self.symbols.values()]
        for test, term in self.relations.items():
            usual = isinstance(test, InArea) if plain is None else plain.get(written(test), False)
            found.append(Wish(term == z3.BoolVal(val=bool(usual)), 2 if plain or not usual else 1))
        found += [Wish(present, 2) for present in self.sets.values()]
        return found

    def _order(self, symbol: Symbol) -> Z3:
        """Which values to take first: small numbers, texts that no policy names; a reason, if any, is a coded one."""
        z3 = library()
        if symbol.kind == BOOL:
            return None
        if symbol.kind == LONG:
            return z3.If(symbol.value >= 0, symbol.value, -symbol.value)
        if symbol.kind in self.vocabulary.enumerations or not z3.is_true(symbol.present):
            return symbol.value
        named = len(self.codes(symbol.kind))
        return z3.If(symbol.value >= named, symbol.value - named, symbol.value + 1)

    def _declare(self, of: str, name: str, declared: Declared) -> None:
        z3 = library()
        key = f"{of}.{name}"
        present = z3.Bool(f"{key}?") if declared.optional else z3.BoolVal(val=True)
        if declared.is_set:
            self.sets[of, name] = present
            return
        value = z3.Bool(key) if declared.kind == BOOL else z3.Int(key)
        self.symbols[of, name] = Symbol(key, declared.kind, value, present)
        if declared.kind == LONG:
            # The one number that is claimed counts approvals: there are never fewer than none.
            self.rules += [value >= (0 if of == "context" else -_LONGEST - 1), value <= _LONGEST]
        elif declared.kind != BOOL:
            self.rules += [value >= 0, value < self._many(declared.kind)]

    def _many(self, kind: str) -> int:
        """How many values of a kind tell all requests apart: an unnamed one for each attribute that may hold it."""
        named = len(self.codes(kind))
        if kind in self.vocabulary.enumerations:
            return named
        every = [one for attributes in self.vocabulary.declared.values() for one in attributes.values()]
        return named + sum(one.kind == kind and not one.is_set for one in every)

    def _relate(self) -> None:
        """Truth values for the relations; equal authorities are both in an area or neither is."""
        z3 = library()
        tests = [node for node in self.vocabulary.nodes if isinstance(node, InArea | Involved)]
        for test in tests if self.resource == CHILD else ():
            if test in self.relations or (isinstance(test, InArea) and ("resource", test.child) not in self.symbols):
                continue
            self.relations[test] = z3.Bool(written(test))
            for other in self.relations:
                if isinstance(test, InArea) and isinstance(other, InArea) and test.user == other.user:
                    one, two = (self.symbols["resource", each.child] for each in (test, other))
                    if one.kind == two.kind:
                        agree = self.relations[test] == self.relations[other]
                        self.rules.append(z3.Implies(one.value == two.value, agree))


def kind_of(value: Value) -> str:
    """The kind of a value written in a policy."""
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return LONG
    return STRING if isinstance(value, str) else value.type


def written(test: Relation) -> str:
    """A test of a relation as it stands in a policy."""
    if isinstance(test, InArea):
        return f"principal.{test.user}.contains(resource.{test.child})"
    return f"resource.{test.child}.contains(principal)"


def _text(value: Value) -> str | None:
    if isinstance(value, Entity):
        return value.id
    return value if isinstance(value, str) else None


def _unnamed(codes: Sequence[str], place: int) -> str:
    name = f"other-{place + 1}"
    while name in codes:
        name += "-"
    return name


def _like(symbol: Symbol, plain: Raw | None) -> Z3:
    """The formula that a symbol is as in a plain request; without one: false, zero, missing, or any text."""
    z3 = library()
    required = z3.is_true(symbol.present)
    if plain is None and required and symbol.kind not in (BOOL, LONG):
        return z3.BoolVal(val=True)
    usual = (0 if required else None) if plain is None else plain[symbol.key]
    if usual is None:
        return z3.Not(symbol.present)
    same = symbol.value == (z3.BoolVal(bool(usual)) if symbol.kind == BOOL else z3.IntVal(int(usual)))
    return z3.And(symbol.present, same)


def _truth(model: Z3, term: Z3) -> bool:
    return bool(library().is_true(model.eval(term, model_completion=True)))


def _number(model: Z3, term: Z3) -> int:
    return int(model.eval(term, model_completion=True).as_long())
