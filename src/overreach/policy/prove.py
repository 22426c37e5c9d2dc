"""Invariants for every possible request: what an invariant forbids, the policy must not allow.

A request is any user, child, relation, action and claims that the schema lets be; switches have their configured
values. What fails is shown by the smallest request there is: the one that differs in the fewest attributes from a
plain one, which is the request with the fewest attributes set that the policy allows and no invariant forbids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from overreach.model.terms import Facet
from overreach.policy.load import Policy
from overreach.policy.prove_policy import Holding, Question, any_holds
from overreach.policy.prove_request import Raw
from overreach.policy.prove_solver import Z3, library
from overreach.policy.prove_witness import Witness, decide, forbidden_by, insist, make_witness


class Verdict(StrEnum):
    """What was found of an invariant."""

    FOLLOWS = "follows"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A request that the policy allows and an invariant forbids."""

    witness: Witness
    policies: tuple[str, ...]
    """The policies that allow it, by cedarpy."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of one invariant."""

    invariant: str
    """Its `@id`."""
    rule: str
    """Its `@rule`."""
    verdict: Verdict
    counterexamples: tuple[Counterexample, ...]
    """The smallest for each facet or action that shows it, smallest of all first."""
    empty: bool
    """It forbids no request at all at these switches: that it follows says nothing."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A policy that cannot be evaluated on some request: Cedar would skip it."""

    policy: str
    """Its `@id`."""
    file: str
    verdict: Verdict
    """`fails`, or `unknown`."""
    witness: Witness | None


def prove(
    policy: Policy, asked: Sequence[Question], plain: Mapping[str, Raw | None] | None = None
) -> tuple[Proof, ...]:
    """Every invariant, in the order of the file; PolicyError where cedarpy contradicts the solver.

    `plain` has the request of each type of resource that examples are to be close to: `plain_request` without.
    """
    plain = plain or {question.request.resource: plain_request(question) for question in asked}
    return tuple(_prove(policy, asked, name, plain) for name in policy.invariants)


def errors(asked: Sequence[Question]) -> tuple[Failing, ...]:
    """Policies and invariants that some request makes fail; none can where the schema has validated them."""
    found: dict[tuple[str, str], Failing] = {}
    for question in asked:
        every = [*question.rules, *question.invariants]
        possible = question.solver.possible(library().Or([holding.fails for holding in every]))
        for holding in every if possible is not False else ():
            failing = _failing(question, holding)
            if failing is not None:
                found.setdefault((failing.file, failing.policy), failing)
    return tuple(found.values())


def plain_request(question: Question) -> Raw | None:
    """The plainest request that is allowed and that no invariant forbids, else the plainest there is.

    None where the solver gave up.
    """
    z3 = library()
    fine = [question.allowed(), z3.Not(any_holds(question.invariants))]
    reading = [question.request.is_any(Facet)] if set(question.request.actions) & set(Facet) else []
    for wanted in ([*fine, *reading], fine, []):
        if question.solver.possible(*wanted):
            model = question.solver.smallest(wanted, question.request.wishes())
            return None if model is None else question.request.raw(model)
    return None


def example(question: Question, formulas: Sequence[Z3], plain: Raw | None) -> Witness | None:
    """The smallest request of which all of these hold; None where the solver found none."""
    model = question.solver.smallest(formulas, question.request.wishes(plain))
    return None if model is None else make_witness(question.request, question.request.raw(model), plain)


def _prove(policy: Policy, asked: Sequence[Question], name: str, plain: Mapping[str, Raw | None]) -> Proof:
    found: list[Counterexample] = []
    unknown, empty = False, True
    for question in asked:
        for holding in question.invariants:
            if holding.rule.id == name:
                examples, sure = _counterexamples(policy, question, holding, plain[question.request.resource])
                found += examples
                unknown |= not sure
                empty = empty and question.solver.possible(holding.holds) is False
    found.sort(key=lambda one: len(one.witness.away))
    verdict = Verdict.FAILS if found else Verdict.UNKNOWN if unknown else Verdict.FOLLOWS
    return Proof(name, policy.invariants[name].rule, verdict, tuple(found), empty)


def _counterexamples(
    policy: Policy, question: Question, invariant: Holding, plain: Raw | None
) -> tuple[list[Counterexample], bool]:
    """One for each action that shows it, and whether the solver has answered to the end."""
    z3 = library()
    found: list[Counterexample] = []
    wrong = [question.allowed(), invariant.holds]
    while True:
        possible = question.solver.possible(*wrong)
        if not possible:
            return found, possible is False
        witness = example(question, wrong, plain)
        if witness is None:
            return found, False
        found.append(_checked(policy, invariant, witness))
        wrong.append(z3.Not(question.request.is_any([witness.what.value])))


def _checked(policy: Policy, invariant: Holding, witness: Witness) -> Counterexample:
    decision = decide(policy, witness)
    insist(decision.allowed, witness, "is allowed")
    insist(forbidden_by(policy, invariant.rule, witness), witness, f"is forbidden by `{invariant.rule.id}`")
    return Counterexample(witness, decision.policies)


def _failing(question: Question, holding: Holding) -> Failing | None:
    possible = question.solver.possible(holding.fails)
    if possible is False:
        return None
    witness = example(question, [holding.fails], None) if possible else None
    return Failing(holding.rule.id, holding.rule.file, Verdict.FAILS if witness else Verdict.UNKNOWN, witness)
