"""Counterexamples of `prove`, asked of a running system: does it make the policy's mistake, too.

A refusal counts only where somebody who may read the value got it: otherwise nothing says that there is one
(docs/explanation/verdicts.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet
from overreach.pack.config import Operation
from overreach.policy.columns import RELATIONS
from overreach.policy.prove import Proof
from overreach.policy.prove_witness import Witness
from overreach.policy.rules import CHILD, SYSTEM, PolicyRule
from overreach.probe.live.asking import Asker, CannotAskError, Reply, asking
from overreach.probe.live.likeness import Like, Likeness
from overreach.probe.session import Bench

_TRIES = 3  # people asked as, each of another cell, before a refusal is believed
_CHECKED, _SEED = 500, 2007  # decisions about real people that cedarpy takes again, and which
_NOBODY = "nobody like this in the population"


class Outcome(StrEnum):
    """What the running system made of a counterexample; in order of weight."""

    REACHES = "reaches"
    """It does what the invariant forbids: the defect is real."""
    UNPROVEN = "unproven"
    REFUSES = "refuses"
    """The policy would allow it and the system does not: the defect is on paper only."""


#: What is told where several people were tried, most telling first.
_TOLD = (Outcome.REACHES, Outcome.REFUSES, Outcome.UNPROVEN)


@dataclass(frozen=True, slots=True)
class Tried:
    """One counterexample and what the running system made of it."""

    what: Facet | Action
    outcome: Outcome
    why: str
    """In words; why it is unproven where it is."""
    like: Like | None
    """Whom it was asked as, about whom and with which claims; None where nobody is like it."""
    username: str
    number: str
    """Record number of the child; empty where none is asked about."""
    replies: tuple[Reply, ...]
    """Every request that led there, in order."""
    tries: int
    """How many people it was asked as."""


def try_proofs(bench: Bench, proofs: Sequence[Proof], faults: Sequence[str] = ()) -> dict[str, tuple[Tried, ...]]:
    """Invariant -> its counterexamples, tried on a target over the bench's population.

    Readings share one target; each action, which may change records, has one of its own. PolicyError where cedarpy
    decides otherwise than the classes by which people are found.
    """
    bench.grid.check(_CHECKED, _SEED)
    asked = [(proof.invariant, one.witness) for proof in proofs for one in proof.counterexamples]
    found: dict[tuple[str, str], Tried] = {}
    readings = [(name, witness) for name, witness in asked if isinstance(witness.what, Facet)]
    if readings:
        with asking(bench, faults) as asker:
            for name, witness in readings:
                found[name, witness.what] = _tried(asker, bench.policy.invariants[name], witness)
    for name, witness in asked:
        if not isinstance(witness.what, Facet):
            with asking(bench, faults) as asker:
                found[name, witness.what] = _tried(asker, bench.policy.invariants[name], witness)
    return {
        proof.invariant: tuple(found[proof.invariant, one.witness.what] for one in proof.counterexamples)
        for proof in proofs
        if proof.counterexamples
    }


def overall(tried: Sequence[Tried]) -> Outcome:
    """What an invariant comes to: real where anything of it is, unproven where anything is left open."""
    return min((one.outcome for one in tried), key=list(Outcome).index)


def _tried(asker: Asker, invariant: PolicyRule, witness: Witness) -> Tried:
    likeness = Likeness(asker.bench.grid, invariant, witness)
    best: Tried | None = None
    people = likeness.nearest(lambda child: _has(asker.bench, child, witness.what), _TRIES)
    for tries, like in enumerate(people, start=1):
        tried = _ask(asker, witness.what, like)
        # The first refusal, by the people most like it, stays until somebody reaches it.
        kept = best is not None and _TOLD.index(best.outcome) <= _TOLD.index(tried.outcome)
        best = replace(best if best is not None and kept else tried, tries=tries)
        if tried.outcome is Outcome.REACHES:
            break
    if best is None:
        return Tried(witness.what, Outcome.UNPROVEN, f"{_NOBODY}: {likeness.lacking()}", None, "", "", (), 0)
    return best


def _has(bench: Bench, child: int, what: Facet | Action) -> bool:
    """Whether a child has a value of a facet; for an action any child will do."""
    return not isinstance(what, Facet) or bool(bench.judge.reader.value_facets(child) & what.bit)


def _ask(asker: Asker, what: Facet | Action, like: Like) -> Tried:
    try:
        if isinstance(what, Facet):
            outcome, why, replies = _reading(asker, what, like)
        else:
            outcome, why, replies = _doing(asker, what, like)
    except CannotAskError as error:
        outcome, why, replies = Outcome.UNPROVEN, str(error), []
    population = asker.bench.population
    number = "" if like.child is None else str(population.child_fields(like.child)["number"])
    username = str(population.user_fields(like.user)["username"])
    return Tried(what, outcome, why, like, username, number, tuple(replies), 1)


def _reading(asker: Asker, what: Facet, like: Like) -> tuple[Outcome, str, list[Reply]]:
    child = like.child or 0
    # Somebody entitled first: the control, and what a shared cache would give away afterwards.
    shown = _control(asker, what, child)
    replies = asker.read(like.user, child, like.claims, what.bit)
    last = replies[-1]
    if last.opened & what.bit:
        return Outcome.REACHES, f"{last.operation} shows {what.value}", replies
    if last.unusable:
        return Outcome.UNPROVEN, last.unusable, replies
    refused = f"{last.operation} answers {last.status} without it"
    if shown or not last.request.startswith("curl"):
        return Outcome.REFUSES, refused, replies
    return Outcome.UNPROVEN, f"{refused}, and nobody entitled got it", replies


def _doing(asker: Asker, what: Action, like: Like) -> tuple[Outcome, str, list[Reply]]:
    if what is Action.SIGN_IN:
        session = asker.session(like.user)
        if not isinstance(session, Reply):
            return Outcome.REACHES, "a session was opened", []
        return (Outcome.UNPROVEN, session.unusable, [session]) if session.unusable else _refusal(session, [session])
    replies: list[Reply] = []
    other = _colleague(asker.bench, like)
    further = asker.further(other, None, {})
    operation = _fitting(asker, what, like, further)
    for user in (*_approving(asker.bench, like), like.user):
        replies += asker.ask(user, operation, like.child, like.claims, further)
    last = replies[-1]
    if last.unusable:
        return Outcome.UNPROVEN, last.unusable, replies
    if last.done and last.operation == operation.name:
        return Outcome.REACHES, f"{last.operation} was acknowledged by {last.status}", replies
    return _refusal(last, replies)


def _refusal(last: Reply, replies: list[Reply]) -> tuple[Outcome, str, list[Reply]]:
    waits = ", and waits for somebody else" if last.noted else ""
    return Outcome.REFUSES, f"{last.operation} answers {last.status}{waits}", replies


def _fitting(asker: Asker, what: Action, like: Like, further: Mapping[str, str | None]) -> Operation:
    """The first operation of an action that these people have all values for."""
    for operation in _operations(asker.bench, what):
        if asker.fits(operation, like.child, further):
            return operation
    message = f"the pack has no operation for {what.value} that needs no more than user and child"
    raise CannotAskError(message)


def _operations(bench: Bench, what: Action) -> Iterator[Operation]:
    target = bench.pack.target
    if what is Action.READ_LOG:
        method, path = target.log
        yield Operation("read the log", method, path, {}, {}, {}, (), what, None, None, writes=False)
    for operation in target.operations.values():
        if operation.action is what or (what is Action.SEARCH and operation.by):
            yield operation


def _approving(bench: Bench, like: Like) -> list[int]:
    """As many others as the claims name, of the same class and in the same relation: they may do the same."""
    wanted = like.claims.approvals
    if not wanted:
        return []
    users = np.flatnonzero(bench.grid.users.of == bench.grid.users.of[like.user])
    if like.child is not None:
        relation = bench.grid.relations.number(like.user, like.child)
        users = users[bench.grid.relations.numbers(users, np.array([like.child])) == relation]
    others = [user for user in users.tolist() if user != like.user]
    if len(others) < wanted:
        message = f"{wanted} approvals are needed, and {len(others)} others could give one"
        raise CannotAskError(message)
    return others[:wanted]


def _colleague(bench: Bench, like: Like) -> int | None:
    """Somebody else whom an action concerns; None where there is nobody.

    For what is done to an account it is one who shares an area, for what is done with a child's record one elsewhere.
    """
    relations = bench.grid.relations
    if like.child is None:
        fits = relations.has_area @ relations.has_area[like.user]
    else:
        fits = ~relations.has_area[:, relations.area_of[like.child]]
    others = [user for user in np.flatnonzero(fits).tolist() if user != like.user]
    return others[0] if others else None


def _control(asker: Asker, what: Facet, child: int) -> bool:
    """Whether somebody who may read it, by the policy and by every invariant, gets it."""
    bench = asker.bench
    grid, users = bench.grid, np.arange(bench.population.users_count)
    enterable = np.broadcast_to(grid.allowed(Action.SIGN_IN, Claims(), SYSTEM)[:, 0, 0], (len(grid.users),))
    relations = grid.relations.numbers(users, np.array([child]))
    for context in bench.pack.rungs:
        forbidden = np.zeros((1, 1, 1), dtype=np.bool_)
        for rule in bench.policy.invariants.values():
            if rule.covers(what.value, CHILD):
                forbidden = forbidden | grid.conditions([rule], context.claims)[rule.id]
        shape = (len(grid.users), len(grid.children), len(RELATIONS))
        wrong = np.broadcast_to(forbidden, shape)[grid.users.of, grid.children.of[child], relations]
        masks = grid.facets_many(users, np.full(len(users), child), context.claims)
        able = users[(masks & what.bit > 0) & ~wrong & enterable[grid.users.of]]
        if len(able):
            return bool(asker.read(int(able[0]), child, context.claims, what.bit)[-1].opened & what.bit)
    return False
