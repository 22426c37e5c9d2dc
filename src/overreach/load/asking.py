"""Asking: one request of one user, sent, read and judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from overreach.load.book import Book, Sent
from overreach.load.changes import Change, Held, Unsettled
from overreach.load.me import Me
from overreach.load.reply import Reply
from overreach.load.second_oracle import SecondOracle
from overreach.model.canary import TokenKind
from overreach.model.decision import Claims
from overreach.model.errors import OverreachError
from overreach.model.probe import Answer, Observation, Probe, Request, Violation
from overreach.model.terms import Action, Kind, Part, Rung, Verdict
from overreach.pack.config import Operation
from overreach.probe.judge import acknowledged, place_of
from overreach.probe.session import Bench
from overreach.target.operations import needed, render

if TYPE_CHECKING:
    from overreach.load.shift import Shift

CHECK_EVERY = 1000  # answers between two whose decision cedarpy makes again
PATIENCE = 10.0  # seconds that a target may make a user wait with Retry-After
FIRST_ABSENT = 2_000_000  # after the last child: places of numbers that are never issued
_SIGNED_OUT = 401
_PATIENCE = (429, 503)

Tell = Callable[[str, Answer], None]
"""Told of every answer: name of the operation and the answer."""


class OverError(Exception):
    """The shift is over: whoever would ask goes home."""


class _Question(NamedTuple):
    """What a request is about."""

    operation: Operation
    child: int | None
    claims: Claims
    carried: bool
    fields: Mapping[str, str | None]


class Asking:
    """Sends what users ask; made for cooperative threads, one at a time in here but for waiting."""

    def __init__(self, shift: Shift, book: Book, unsettled: Unsettled, tell: Tell) -> None:
        self._shift = shift
        self._bench: Bench = shift.bench
        self._book = book
        self._unsettled = unsettled
        self._tell = tell
        self._oracle = SecondOracle(self._bench)
        known = self._bench.population.child_fields(0)
        self._needed = {
            operation.name: frozenset({"number", *needed(operation, known)})
            for operation in self._bench.pack.target.operations.values()
        }

    def ask(self, me: Me, name: str, child: int, reason: str | None) -> Reply | None:
        """Ask an operation about a child; None where the child lacks a value that it needs."""
        operation = self._shift.operation(name)
        earlier = me.declared.get(child) if me.declared and not operation.by else None
        claims = _stated(reason if reason is not None else earlier)
        fields = self._bench.population.child_fields(child, self._needed[operation.name])
        return self._put(me, _Question(operation, child, claims, reason is not None, fields))

    def ask_absent(self, me: Me, name: str, place: int) -> Reply | None:
        """Ask an operation about a record number that was never issued."""
        population = self._bench.population
        number = population.minter.mint(TokenKind.RECORD, population.children_count + FIRST_ABSENT + place)
        fields = {**population.child_fields(place % population.children_count), "number": number}
        return self._put(me, _Question(self._shift.operation(name), None, _stated(None), carried=False, fields=fields))

    def sign_out(self, me: Me) -> None:
        """End the session of a user, where the pack says how."""
        way = self._bench.pack.load.sign_out
        if way is None or me.line is None:
            return
        me.asked += 1
        request = Request(*way, "", f"load-{me.user}-{me.asked}")
        me.left = acknowledged(me.line.exchange(request, me.session.authorization, me.agent).status)

    def _put(self, me: Me, question: _Question) -> Reply | None:
        if not self._shift.may_ask() or me.line is None:
            raise OverError
        request = render(
            question.operation,
            question.fields,
            question.claims if question.carried else _stated(None),
            f"load-{me.user}-{me.asked + 1}",
        )
        if request is None:
            return None
        me.asked += 1
        sent = Sent(_probe(me, question, request), question.operation, me.role, question.carried, time.time())
        self._book.begins(sent)
        answer = me.line.exchange(request, me.session.authorization, me.agent)
        observation = self._judged(me, sent, answer)
        self._tell(question.operation.name, answer)
        self._note(me, question, sent, answer)
        number = str(question.fields.get("number") or "").encode()
        return Reply(answer.status, observation, number, answer.body if observation is None else b"")

    def _judged(self, me: Me, sent: Sent, answer: Answer) -> Observation | None:
        if not self._shift.order.judged:
            self._book.ends(sent, answer, None, later=False)
            return None
        try:
            observation = self._bench.judge.observe(sent.probe, sent.operation, answer)
            later = not me.left and self._unsettled.concerns(observation)
            if me.left:
                observation = after_leaving(observation, place_of(sent.operation))
            elif later:
                self._unsettled.hold(Held(observation, answer, sent.time, time.time()))
            else:
                self._check_again(sent.probe)
        except OverreachError as error:
            self._shift.stop(error)
            raise OverError from error
        self._book.ends(sent, answer, observation, later=later)
        return observation

    def _check_again(self, probe: Probe) -> None:
        summary = self._book.summary
        if summary.requests >= summary.checked * CHECK_EVERY and probe.child is not None:
            self._oracle.check(probe.user, probe.child, probe.claims)
            summary.checked += 1

    def _note(self, me: Me, question: _Question, sent: Sent, answer: Answer) -> None:
        """What follows from an answer for those who ask on."""
        if not answer.error and not me.answered:
            me.answered = True
            self._shift.first_answer()
        told = answer.header("retry-after")
        if answer.status in _PATIENCE and told:
            # A load that ignores Retry-After is an attack.
            me.wait_until = time.time() + (min(float(told), PATIENCE) if told.isdigit() else PATIENCE)
            self._shift.throttled()
        child, reason = question.child, question.claims.reason
        if child is None:
            return
        if question.operation.raises is Rung.DECLARED and reason and acknowledged(answer.status):
            me.declared = {**(me.declared or {}), child: reason}
        if question.operation.action is Action.SHIELD and (acknowledged(answer.status) or not answer.status):
            self._unsettled.note(Change(child, sent.time, time.time() if answer.status else None))


def after_leaving(observation: Observation, place: str) -> Observation:
    """An observation of somebody whose session has ended: nothing is permitted, and a refusal is as it should be."""
    probe = observation.probe
    if not observation.disclosures and not observation.violations:
        refused = observation.status == _SIGNED_OUT
        return replace(observation, verdict=Verdict.HELD, why="") if refused else observation
    told = tuple(
        Violation(
            kind=Kind.ACCESS,
            place=place,
            subject=each.facet.value,
            record_class="signed_out",
            child=each.child,
            facet=each.facet,
            policies=(),
            detail=f"{each.facet.value} at {each.where}, after signing out",
        )
        for each in observation.disclosures
    )
    why = f"answered after signing out: {probe.operation}"
    violations = (*told, *observation.violations)
    return replace(observation, verdict=Verdict.OVERREACH, why=why, violations=violations)


@lru_cache(maxsize=256)
def _stated(reason: str | None) -> Claims:
    """The claims of whoever states a reason, or none; the same object each time, which is quickly told."""
    return Claims(reason=reason)


def _probe(me: Me, question: _Question, request: Request) -> Probe:
    return Probe(
        part=Part.LOAD,
        operation=question.operation.name,
        user=me.user,
        role=me.role,
        child=question.child,
        rung=Rung.DECLARED if question.claims.reason else Rung.OPEN,
        claims=question.claims,
        request=request,
        by=question.operation.by,
    )
