"""What the policies of a file do to each other: which never matter, which meet, and where two files differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from overreach.model.decision import Decision
from overreach.model.errors import PolicyError
from overreach.model.terms import Duty
from overreach.policy.load import Policy
from overreach.policy.prove import example, plain_request
from overreach.policy.prove_policy import Holding, Question, any_holds, questions
from overreach.policy.prove_request import Raw
from overreach.policy.prove_solver import Z3, Effort, library
from overreach.policy.prove_witness import Witness, decide, insist
from overreach.policy.rules import PolicyRule


class Why(StrEnum):
    """Why a policy never matters."""

    VACUOUS = "vacuous"  # its condition never holds
    OVERRIDDEN = "overridden"  # wherever the permit holds, a forbid does
    NOTHING_TO_FORBID = "nothing to forbid"  # wherever the forbid holds, no permit does
    SHADOWED = "shadowed"  # others of its effect decide the same
    UNKNOWN = "unknown"  # the solver gave up


@dataclass(frozen=True, slots=True)
class Idle:
    """A policy without which every decision and every duty would be the same."""

    policy: str
    """Its `@id`."""
    effect: str
    why: Why


@dataclass(frozen=True, slots=True)
class Overlap:
    """A permit and a forbid that both hold for some request."""

    permit: str
    forbid: str
    meet: bool | None
    """True where they meet; None where the solver gave up."""


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Every pair of a permit and a forbid that meet."""

    pairs: tuple[Overlap, ...]
    example: Witness | None
    """The smallest request on which the first pair meets."""


class Change(StrEnum):
    """How a decision differs."""

    GAINED = "gained"  # denied before, allowed by the other policy
    LOST = "lost"
    DUTIES = "duties"  # allowed by both, with other duties


@dataclass(frozen=True, slots=True)
class Difference:
    """The smallest request about one facet or action on which two policies differ in one way."""

    change: Change
    witness: Witness
    before: Decision
    after: Decision


def idle_rules(policy: Policy, asked: Sequence[Question]) -> tuple[Idle, ...]:
    """The policies that never matter, in the order of the file; whatever the solver gave up on is among them."""
    reasons = ((rule, _why_idle(asked, rule)) for rule in policy.rules.values())
    return tuple(Idle(rule.id, rule.effect, why) for rule, why in reasons if why is not None)


def overlaps(asked: Sequence[Question]) -> Overlaps:
    """The pairs of a permit and a forbid that meet somewhere, in the order of the file, and an example."""
    found: dict[tuple[str, str], Overlap] = {}
    shown: Witness | None = None
    for question in asked:
        for permit, forbid in product(question.of("permit"), question.of("forbid")):
            key = (permit.rule.id, forbid.rule.id)
            if key in found and found[key].meet:
                continue
            meet = question.solver.possible(permit.holds, forbid.holds)
            if meet is not False:
                found[key] = Overlap(*key, meet)
            if meet and shown is None:
                shown = example(question, [permit.holds, forbid.holds], plain_request(question))
    return Overlaps(tuple(found.values()), shown)


def differences(one: Policy, two: Policy, effort: Effort) -> tuple[tuple[Difference, ...], bool]:
    """Where two policies over one schema decide differently, and whether the solver answered to the end.

    PolicyError where their schemas are not the same, or cedarpy contradicts the solver.
    """
    if one.schema.text != two.schema.text:
        message = f"`{one.schema.file}` is not the same for both policies"
        raise PolicyError(message, "compare policies over one schema")
    found: list[Difference] = []
    gave_up = effort.gave_up
    for before, after in zip(questions(one, effort, [two]), questions(two, effort, [one]), strict=True):
        plain = plain_request(before)
        for change, formula in _changes(before, after):
            found += _differences((one, two), before, plain, (change, formula))
    return tuple(found), effort.gave_up == gave_up


def _why_idle(asked: Sequence[Question], rule: PolicyRule) -> Why | None:
    """Why a policy never matters, or None where it does."""
    z3 = library()
    places = [(question, holding) for question in asked for holding in question.rules if holding.rule == rule]
    meeting = [(question, z3.And(holding.holds, _facing(question, rule.effect))) for question, holding in places]
    changing = [
        (question, z3.And(meets, z3.Not(_stood_in_for(question, holding))))
        for (question, meets), (_, holding) in zip(meeting, places, strict=True)
    ]
    holding_at_all = [(question, holding.holds) for question, holding in places]
    faced = Why.OVERRIDDEN if rule.effect == "permit" else Why.NOTHING_TO_FORBID
    for formulas, why in ((changing, None), (meeting, Why.SHADOWED), (holding_at_all, faced)):
        answers = [question.solver.possible(formula) for question, formula in formulas]
        if any(answers):
            return why
        if None in answers:
            return Why.UNKNOWN
    return Why.VACUOUS


def _facing(question: Question, effect: str) -> Z3:
    """Where the policies of the other effect leave one of this effect something to do."""
    if effect == "permit":
        return library().Not(any_holds(question.of("forbid")))
    return any_holds(question.of("permit"))


def _stood_in_for(question: Question, holding: Holding) -> Z3:
    """Where others of its effect hold, and owe every duty that it does."""
    rule = holding.rule
    others = [any_holds(question.of(rule.effect, rule.id))]
    if rule.effect == "permit":
        others += [question.owed(duty, rule.id) for duty in sorted(rule.duties)]
    return library().And(others)


def _changes(before: Question, after: Question) -> Iterator[tuple[Change, Z3]]:
    z3 = library()
    one, two = before.allowed(), after.allowed()
    yield Change.GAINED, z3.And(two, z3.Not(one))
    yield Change.LOST, z3.And(one, z3.Not(two))
    yield Change.DUTIES, z3.And(one, two, z3.Or([before.owed(duty) != after.owed(duty) for duty in Duty]))


def _differences(
    policies: tuple[Policy, Policy], question: Question, plain: Raw | None, change: tuple[Change, Z3]
) -> Iterator[Difference]:
    """The smallest example for each facet or action."""
    z3 = library()
    wanted = [change[1]]
    while question.solver.possible(*wanted):
        witness = example(question, wanted, plain)
        if witness is None:
            return
        before, after = (decide(policy, witness) for policy in policies)
        insist(_change(before, after) is change[0], witness, f"is {change[0]}")
        yield Difference(change[0], witness, before, after)
        wanted.append(z3.Not(question.request.is_any([witness.what.value])))


def _change(before: Decision, after: Decision) -> Change | None:
    if before.allowed != after.allowed:
        return Change.GAINED if after.allowed else Change.LOST
    return Change.DUTIES if before.duties != after.duties else None
