"""Equal answers: what may not be seen must answer like what does not exist (rules R7, R12).

For a request about a hidden record the same request is sent twice about records that nobody has. What differs
between those two is noise and is masked; what differs between hidden and absent beyond it tells the record's
existence, or the hidden value that the query named, to somebody who may not know it: a disclosure of grade
`difference`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from overreach.model.canary import TokenKind
from overreach.model.decision import RungContext
from overreach.model.probe import Answer, Disclosure, Observation, Probe, Violation
from overreach.model.terms import Facet, Grade, Kind, Verdict
from overreach.pack.config import Operation
from overreach.population.store import Population
from overreach.probe.judge import place_of
from overreach.probe.prober import Prober
from overreach.probe.session import Bench
from overreach.target.identity import Session
from overreach.target.operations import needed

#: Headers whose value is the moment's or the request's, never the record's.
_MOMENT = frozenset({"date", "x-request-id", "content-length"})


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TRIES = 200
ABSENT_VALUES = 16  # values that nobody has, made for each field and length


Asked = tuple[Probe, Answer]


@dataclass(frozen=True, slots=True)
class Shape:
    """An answer without what the request itself put into it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Comparer:
    """Asks about hidden and absent records in turn and compares the answers."""

    def __init__(self, bench: Bench, prober: Prober, seed: int) -> None:
        self._bench = bench
        self._prober = prober
        self._absent = AbsentValues(bench.population, seed)

    def compare(self, session: Session, operation: Operation, child: int, context: RungContext) -> None:
        """Ask about a child whose influence on the answer is forbidden; nothing where it lacks a field of the query."""
        fields = self._bench.population.child_fields(child)
        names = needed(operation, fields)
        if any(fields[name] is None for name in names):
            return
        hidden = self._prober.exchange(session, operation, child, context)
        absent = self._prober.exchange(session, operation, None, context, self._absent.like(fields, names))
        if hidden is None or absent is None:
            return
        if _difference(_shape(hidden), _shape(absent), _shape(absent)):
            # Only where they differ is a second absent one needed, to tell noise from a leak.
            again = self._prober.exchange(session, operation, None, context, self._absent.like(fields, names))
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
        difference = _difference(_shape(hidden), _shape(first), _shape(second))
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


class AbsentValues:
    """Makes values that no record has, in the form of those that records have."""

    def __init__(self, population: Population, seed: int) -> None:
        self._population = population
        self._random = np.random.default_rng([seed, 0xAB5E])
        self._known: dict[str, frozenset[str]] = {}
        self._made: dict[tuple[str, int], list[str]] = {}
        self._next_row = population.children_count + 1_000_000

    def like(self, fields: Mapping[str, str | None], names: Sequence[str]) -> dict[str, str | None]:
        """The fields of a child that does not exist: as the given one, except that the named values are nobody's."""
        changed = dict(fields)
        for name in names:
            value = fields[name]
            if value is not None and self._population.child_by_number(value) is not None:
                self._next_row += 1
                changed[name] = self._population.minter.mint(TokenKind.RECORD, self._next_row)
            elif value is not None and not _DATE.fullmatch(value):
                changed[name] = self._like_value(name, value)
        return changed

    def _like_value(self, name: str, value: str) -> str:
        """One of a few values of that length which nobody has."""
        key = (name, len(value))
        if key not in self._made:
            self._made[key] = [self._make(name, value) for _ in range(ABSENT_VALUES)]
        made = self._made[key]
        return made[int(self._random.integers(len(made)))]

    def _make(self, name: str, value: str) -> str:
        """Characters at each place from values that records have there, until nobody has the whole."""
        known = self._values(name)
        same = sorted(other for other in known if len(other) == len(value)) or [value]
        for _ in range(_TRIES):
            donors = self._random.integers(0, len(same), size=len(value))
            made = "".join(same[donor][place] for place, donor in enumerate(donors))
            if made.lower() not in known:
                return made
        # Every combination is somebody's: telephone numbers kept for drama are few. A longer one is nobody's.
        return f"{value}0"

    def _values(self, name: str) -> frozenset[str]:
        if name not in self._known:
            self._known[name] = frozenset(
                str(value).lower()
                for child in range(self._population.children_count)
                if (value := self._population.child_fields(child)[name]) is not None
            )
        return self._known[name]


def _worse(verdict: Verdict) -> Verdict:
    """A held answer whose twin broke proves nothing; what leaked stays what it is."""
    return Verdict.UNPROVEN if verdict is Verdict.HELD else verdict


def _shape(asked: Asked) -> Shape:
    probe, answer = asked
    body = answer.body
    for value in re.findall(r'"([^"]{3,})"', probe.request.body) + re.findall(r"/([^/]{6,})", probe.request.path):
        body = body.replace(value.encode(), b"?")
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
