"""Asking: one request of one user, sent, read and judged."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from overreach.load.agenda import Due
from overreach.load.book import Book, Sent
from overreach.load.changes import Change, Held, Unsettled
from overreach.load.line import Line
from overreach.load.me import Me
from overreach.load.reply import Reply
from overreach.load.second_oracle import SecondOracle
from overreach.model.canary import TokenKind
from overreach.model.decision import Claims
from overreach.model.errors import OverreachError
from overreach.model.probe import Answer, Observation, Probe, Request, Violation
from overreach.model.terms import Kind, Part, Rung, Verdict
from overreach.pack.config import Operation
from overreach.probe.judge import acknowledged, place_of
from overreach.probe.session import Bench
from overreach.target.operations import fields_of, needed, render

if TYPE_CHECKING:
    from overreach.load.shift import Shift

CHECK_EVERY = 1000  # answers between two whose decision cedarpy makes again
PATIENCE = 10.0  # seconds that a target may make a user wait with Retry-After
MEANWHILE = 0.05  # seconds by which one of two requests at the same moment is later, at most
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
    due: Due | None = None
    """The event that it is part of."""


class Asking:
    """Sends what users ask; made for cooperative threads, one at a time in here but for waiting."""

    def __init__(self, shift: Shift, book: Book, unsettled: Unsettled, tell: Tell) -> None:
        self._shift = shift
        self._bench: Bench = shift.bench
        self._book = book
        self._agenda = shift.agenda
        self._unsettled = unsettled
        self._told: dict[tuple[int, int], tuple[float, float]] = {}
        """(user, child whose facts may change) -> when a reason was declared."""
        self._opened: dict[int, int] = {}
        """User -> child whose record an override opened in the session."""
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
        stated = reason if reason is not None else earlier
        opened = not operation.by and self._still_open(me.user, child) and operation.action is None
        claims = Claims(reason=stated, override=True) if opened else _stated(stated)
        fields = self._bench.population.child_fields(child, self._needed[operation.name])
        return self._put(me, _Question(operation, child, claims, reason is not None, fields))

    def _still_open(self, user: int, child: int | None) -> bool:
        """Whether an override holds for a child; whoever turns to another one ends it."""
        if self._opened.get(user, child) != child:
            del self._opened[user]
        return user in self._opened

    def take(self, me: Me, due: Due, beside: str | None = None) -> Reply | None:
        """Ask for what is due, and at the same moment another operation; None where a value for it is lacking."""
        population = self._bench.population
        fields = dict(population.child_fields(due.child))
        if due.other is not None:
            fields |= fields_of("other", population.user_fields(due.other))
        if due.what.into is not None:
            fields |= fields_of("into", population.child_fields(due.what.into))
        claims = Claims(approvals=due.approvals)
        operation = self._shift.operation(due.operation)
        question = _Question(operation, due.child, claims, carried=True, fields=fields, due=due)
        if beside is None:
            return self._put(me, question)
        if beside == due.operation:  # nobody is asked for consent twice
            other = question._replace(due=replace(due, other=None))
        else:
            other = _Question(
                self._shift.operation(beside), due.child, Claims(me.reason()), carried=True, fields=fields
            )
        ready = threading.Event()
        # A look may come before or after the change is asked for; a double click at once.
        apart = 0.0 if beside == due.operation else random.uniform(-MEANWHILE, MEANWHILE)  # noqa: S311 - a moment
        meanwhile = threading.Thread(target=self._beside, args=(me, other, ready, max(0.0, -apart)), daemon=True)
        meanwhile.start()
        ready.wait()
        time.sleep(max(0.0, apart))
        reply = self._put(me, question)
        meanwhile.join()
        return reply

    def _beside(self, me: Me, question: _Question, ready: threading.Event, wait: float) -> None:
        line = Line(self._shift.order.address)
        line.open()
        ready.set()
        time.sleep(wait)
        with contextlib.suppress(OverError):
            self._put(me, question, line)
        line.close()

    def ask_absent(self, me: Me, name: str, place: int) -> Reply | None:
        """Ask an operation about a record number that was never issued."""
        population = self._bench.population
        self._still_open(me.user, None)
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

    def _put(self, me: Me, question: _Question, beside: Line | None = None) -> Reply | None:
        line = beside or me.line
        if not self._shift.may_ask() or line is None:
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
        if question.due is not None:
            self._note_change(self._agenda.asked(me.user, question.due, sent.time))
        answer = line.exchange(request, me.session.authorization, me.agent)
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
            later = not me.left and self._agenda.concerns(observation)
            if me.left:
                observation = after_leaving(observation, place_of(sent.operation))
            elif later:
                told = self._told.get((me.user, sent.probe.child or 0), (None, None))
                self._unsettled.hold(Held(observation, answer, sent.time, time.time(), sent.carried, *told))
            else:
                self._check_again(sent.probe)
        except OverreachError as error:
            self._shift.stop(error)
            raise OverError from error
        self._book.ends(sent, answer, observation, later=later)
        return observation

    def _check_again(self, probe: Probe) -> None:
        summary, oracle = self._book.summary, self._oracle
        if summary.requests >= oracle.taken * CHECK_EVERY and probe.child is not None:
            summary.checked += oracle.take(probe.user, probe.child, probe.claims)

    def finish(self) -> None:
        """Decide again what still waits for it."""
        try:
            self._book.summary.checked += self._oracle.decide()
        except OverreachError as error:
            self._shift.stop(error)

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
        # Without an answer nobody knows: then nothing is held against the target.
        taken = acknowledged(answer.status) or not answer.status
        if question.operation.raises is Rung.DECLARED and reason and taken:
            me.declared = {**(me.declared or {}), child: reason}
            if child in self._agenda.touched:
                self._told[me.user, child] = sent.time, time.time()
        if question.operation.raises is Rung.OVERRIDE and taken:
            self._opened[me.user] = child
        if question.operation.ends is Rung.OVERRIDE and acknowledged(answer.status):
            self._opened.pop(me.user, None)
        if question.due is not None:
            done = time.time()
            self._note_change(self._agenda.answered(me.user, question.due, answer.status, sent.time, done))

    def _note_change(self, change: Change | None) -> None:
        if change is not None:
            self._unsettled.note(change)


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
    rung = Rung.DECLARED if question.claims.reason else Rung.OPEN
    return Probe(
        part=Part.LOAD,
        operation=question.operation.name,
        user=me.user,
        role=me.role,
        child=question.child,
        rung=Rung.OVERRIDE if question.claims.override else rung,
        claims=question.claims,
        request=request,
        by=question.operation.by,
    )
