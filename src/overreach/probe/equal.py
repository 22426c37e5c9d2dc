"""Equal answers: what may not be seen must answer like what does not exist (rules R7, R12).

A request about a hidden record is sent again with values that nobody has, and where the answers differ once more.
What differs between the two absent ones is noise and is masked; what differs between hidden and absent beyond it
tells the record's existence, or the hidden value that the query named, to somebody who may not know it: a
disclosure of grade `difference`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from overreach.model.canary import ALPHABET, LITERAL
from overreach.model.decision import RungContext
from overreach.model.probe import Answer, Disclosure, Observation, Probe, Violation
from overreach.model.terms import Facet, Grade, Kind, Verdict
from overreach.pack.config import Operation
from overreach.probe.absent import Absent
from overreach.probe.judge import place_of
from overreach.probe.prober import Prober
from overreach.probe.session import Bench
from overreach.target.identity import Session
from overreach.target.operations import needed

#: Headers whose value is the moment's or the request's, never the record's.
_MOMENT = frozenset({"date", "x-request-id", "content-length"})


Asked = tuple[Probe, Answer]


@dataclass(frozen=True, slots=True)
class Shape:
    """An answer without what the request itself put into it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Comparer:
    """Asks about hidden and absent records in turn and compares the answers."""

    def __init__(self, bench: Bench, prober: Prober) -> None:
        self._bench = bench
        self._prober = prober
        self._absent = Absent(bench.population)

    def compare(self, session: Session, operation: Operation, child: int, context: RungContext) -> None:
        """Ask about a child whose influence on the answer is forbidden; nothing where it lacks a field of the query."""
        fields = self._bench.population.child_fields(child)
        names = needed(operation, fields)
        if any(fields.get(name) is None for name in names):
            return
        twin = self._absent.like(child, names)
        hidden = self._prober.exchange(session, operation, child, context)
        absent = self._prober.exchange(session, operation, None, context, twin)
        if hidden is None or absent is None:
            return
        if _difference(shape_of(*hidden), shape_of(*absent), shape_of(*absent)):
            # Only where they differ is a second absent one needed, to tell noise from a leak.
            again = self._prober.exchange(session, operation, None, context, twin)
            absent_too = again or absent
        else:
            absent_too = absent
        self._prober.later(lambda: self._judged(operation, hidden, absent, absent_too))

    def _judged(self, operation: Operation, hidden: Asked, first: Asked, second: Asked) -> Observation:
        observation = self._prober.judge(operation, *hidden)
        broken = next((answer.error for _, answer in (hidden, first, second) if answer.error), "")
        if broken:
            return replace(observation, verdict=_worse(observation.verdict), why=observation.why or broken)
        if observation.verdict is not Verdict.HELD or observation.disclosures:
            # Records that may be found by the same query make the answers differ, and tell nothing of the hidden one.
            return observation
        difference = _difference(shape_of(*hidden), shape_of(*first), shape_of(*second))
        if not difference or any(self._names_somebody(operation, *each) for each in (first, second)):
            # A value made up may be somebody's after all, by a second carer for example: then nothing is absent.
            return observation
        return self._differs(observation, operation, difference)

    def _names_somebody(self, operation: Operation, asked: Probe, answer: Answer) -> bool:
        sent = f"{asked.request.path} {asked.request.body}"
        return bool(self._bench.judge.reader.read(answer, operation.facets, sent, None).disclosures)

    def _differs(self, observation: Observation, operation: Operation, difference: str) -> Observation:
        probe = observation.probe
        child = probe.child or 0
        allowed = self._bench.grid.facets(probe.user, child, probe.claims)
        wanted = (Facet.EXISTENCE, *operation.by)
        facet = next((each for each in reversed(wanted) if not allowed & each.bit), Facet.EXISTENCE)
        classes = self._bench.grid.classes_of(probe.user, child)
        violation = Violation(
            kind=Kind.INFERENCE,
            place=place_of(operation),
            subject=f"equal answer: {facet.value}",
            record_class=classes[0] if classes else "other",
            child=child,
            facet=facet,
            policies=self._bench.grid.decision(probe.user, child, facet, probe.claims).policies,
            detail=f"the answer differs from that for a record that does not exist: {difference}",
        )
        return replace(
            observation,
            verdict=Verdict.OVERREACH,
            why=violation.detail,
            violations=(violation,),
            disclosures=(*observation.disclosures, Disclosure(child, facet, Grade.DIFFERENCE, difference)),
        )


def _worse(verdict: Verdict) -> Verdict:
    """A held answer whose twin broke proves nothing; what leaked stays what it is."""
    return Verdict.UNPROVEN if verdict is Verdict.HELD else verdict


def shape_of(probe: Probe, answer: Answer) -> Shape:
    """What a user can see of an answer, without the moment and without what the request itself said."""
    body = answer.body
    # A value that was sent is masked where it comes back whole, never as a part of other words.
    for value in re.findall(r'"[^"]{3,}"', probe.request.body):
        body = body.replace(value.encode(), b'"?"')
    for number in re.findall(rf"{LITERAL}[{ALPHABET}]{{9}}", f"{probe.request.path} {probe.request.body}"):
        body = body.replace(number.encode(), b"?")
    headers = tuple((name.lower(), value) for name, value in answer.headers if name.lower() not in _MOMENT)
    return Shape(answer.status, headers, body)


def _difference(hidden: Shape, first: Shape, second: Shape) -> str:
    """What of the hidden record's answer differs, in words; parts in which the two absent ones differ are noise."""
    if first.status == second.status != hidden.status:
        return f"status {hidden.status} instead of {first.status}"
    noisy = {name for name, _ in set(first.headers) ^ set(second.headers)}
    hidden_headers, absent_headers = (
        [pair for pair in shape.headers if pair[0] not in noisy] for shape in (hidden, first)
    )
    if hidden_headers != absent_headers:
        names = sorted({name for name, _ in set(hidden_headers) ^ set(absent_headers)})
        return f"headers {', '.join(names)}" if names else "the order of headers"
    if first.body == second.body != hidden.body:
        seen, usual = (shape.body[:120].decode(errors="replace") for shape in (hidden, first))
        return f"body `{seen}` instead of `{usual}`"
    return ""
