"""A policy as formulas over an open request: where each of its policies holds, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from overreach.model.errors import PolicyError
from overreach.model.terms import Duty
from overreach.policy.declared import declared_attributes
from overreach.policy.expression import Entity, UntranslatableError, walk
from overreach.policy.load import Policy
from overreach.policy.prove_encode import encode
from overreach.policy.prove_request import OpenRequest, Vocabulary
from overreach.policy.prove_solver import Z3, Effort, Solver, library
from overreach.policy.rules import ACTIONS, CHILD, SYSTEM, PolicyRule


@dataclass(frozen=True, slots=True)
class Holding:
    """Where one policy applies."""

    rule: PolicyRule
    holds: Z3
    """In scope, and the condition holds."""
    fails: Z3
    """In scope, and the condition cannot be evaluated."""


@dataclass(frozen=True, slots=True)
class Question:
    """All requests about a resource of one type, and what a policy says to them."""

    request: OpenRequest
    solver: Solver
    rules: tuple[Holding, ...]
    invariants: tuple[Holding, ...]

    def of(self, effect: str, but: str = "") -> list[Holding]:
        """The policies of one effect, without one of them."""
        return [holding for holding in self.rules if holding.rule.effect == effect and holding.rule.id != but]

    def allowed(self, but: str = "") -> Z3:
        """Where the policy, or the policy without one of its own, allows."""
        z3 = library()
        return z3.And(any_holds(self.of("permit", but)), z3.Not(any_holds(self.of("forbid", but))))

    def owed(self, duty: Duty, but: str = "") -> Z3:
        """Where an allowed request owes a duty."""
        return any_holds([holding for holding in self.of("permit", but) if duty in holding.rule.duties])


def any_holds(holdings: Iterable[Holding]) -> Z3:
    """Where at least one of them holds."""
    return library().Or([holding.holds for holding in holdings])


def questions(policy: Policy, effort: Effort, beside: Sequence[Policy] = ()) -> list[Question]:
    """One for each type of resource that anything can be asked of.

    Formulas of two policies may meet where each was asked for with the other `beside` it. PolicyError where the
    schema or an expression holds something that cannot be proven about.
    """
    words = _vocabulary([policy, *beside])
    found = []
    for kind in (CHILD, SYSTEM):
        request = OpenRequest(words, kind, [name for name in ACTIONS if kind in policy.subjects[name]])
        if request.actions:
            rules, invariants = (_holdings(request, each.values()) for each in (policy.rules, policy.invariants))
            found.append(Question(request, Solver(request.rules, effort), rules, invariants))
    return found


def _vocabulary(policies: Sequence[Policy]) -> Vocabulary:
    schema, switches = policies[0].schema, policies[0].switches
    rules = [rule for policy in policies for rule in (*policy.rules.values(), *policy.invariants.values())]
    return Vocabulary(
        declared=declared_attributes(schema),
        enumerations=schema.enumerations,
        switches={name: Entity(kind, switches[name]) for name, kind in schema.switches.items()},
        nodes=tuple(node for rule in rules for node in walk(rule.condition)),
    )


def _holdings(request: OpenRequest, rules: Iterable[PolicyRule]) -> tuple[Holding, ...]:
    """The policies whose scope takes in some request of this type."""
    return tuple(
        _holding(request, rule)
        for rule in rules
        if any(rule.covers(name, request.resource) for name in request.actions)
    )


def _holding(request: OpenRequest, rule: PolicyRule) -> Holding:
    z3 = library()
    try:
        term = encode(rule.condition, request)
    except UntranslatableError as error:
        message = f"`{rule.file}` line {rule.line}: policy `{rule.id}`: {error}"
        raise PolicyError(message, "see docs/reference/policy.md for what can be proven about") from error
    scope = request.is_any(_covered(request, rule))
    return Holding(rule, z3.And(scope, z3.Not(term.error), term.value), z3.And(scope, term.error))


def _covered(request: OpenRequest, rule: PolicyRule) -> list[str]:
    """The actions of the request that lie in the scope of a policy."""
    return [name for name in request.actions if rule.covers(name, request.resource)]
