"""Judging one answer: what it disclosed against what the policy permits, from bytes and decision, never a status.

The rules (docs/explanation/verdicts.md):

- A facet found in an answer is overreach where the user may read it, at the claims of the request, of none of the
  children who share the value; of some but not of the one asked about, it is a hazard.
- Claims are made for the record asked about. Any other record in the answer is judged without claims; the records
  that a search returns share the claims of the search.
- A record in the answer of a search is overreach where `existence` or a facet that the query names is not readable.
- An action acknowledged though denied is overreach.
- A facet that is permitted, has a value and did not come is underreach, if the target gave a whole, orderly answer.
- Whatever went wrong is `unproven`, never `held`; what leaked all the same is overreach first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import orjson

from overreach.model.decision import Claims, Decision
from overreach.model.probe import Answer, Disclosure, Observation, Probe, Violation
from overreach.model.terms import Action, Facet, Kind, Verdict, facets_of
from overreach.pack.config import Operation
from overreach.probe.anchors import nodes
from overreach.probe.disclosure import Reader, Reading
from overreach.target.guard import Guard

_BITS = {facet: facet.bit for facet in Facet}
_UNCLAIMED = Claims()
_EXISTENCE = Facet.EXISTENCE

#: Statuses that say nothing about rights: too many requests, server errors.
_DISORDER = frozenset({0, 408, 429, *range(500, 600)})
_SIGNED_OUT = 401


class Entitlements(Protocol):
    """What the judge needs of the policy; `policy.grid.Grid` gives it."""

    def facets(self, user: int, child: int, claims: Claims) -> int:
        """Mask of the facets of a child that a user may read at some claims."""
        ...

    def allows(self, user: int, child: int | None, action: Action, claims: Claims) -> bool:
        """Whether a user may do something."""
        ...

    def decision(self, user: int, child: int | None, what: Facet | Action, claims: Claims) -> Decision:
        """The same with the policies that decided."""
        ...

    def classes_of(self, user: int, child: int) -> tuple[str, ...]:
        """Record classes of a pair, in the order of the policy's file."""
        ...


@dataclass(frozen=True, slots=True)
class Judge:
    """Reads and judges answers; holds no state of its own."""

    grid: Entitlements
    reader: Reader
    guard: Guard

    def observe(self, probe: Probe, operation: Operation, answer: Answer) -> Observation:
        """The observation of a probe; SyntheticOnlyError where the answer could concern a real person."""
        sent = f"{probe.request.path} {probe.request.body}"
        reading = self.reader.read(answer, operation.facets, sent, probe.child)
        self.guard.check(answer, *reading.opened, sent=sent)
        readable = _Readable(self.grid, probe)
        violations, hazards = self._violations(probe, operation, answer, reading, readable)
        verdict, why = self._verdict(probe, operation, answer, reading, violations, readable)
        return Observation(
            probe=probe,
            status=answer.status,
            seconds=answer.seconds,
            disclosures=reading.disclosures,
            verdict=verdict,
            why=why,
            violations=tuple(violations),
            hazards=tuple(hazards),
        )

    def _violations(
        self, probe: Probe, operation: Operation, answer: Answer, reading: Reading, readable: _Readable
    ) -> tuple[list[Violation], list[tuple[Facet, int]]]:
        violations: list[Violation] = []
        hazards: list[tuple[Facet, int]] = []
        for disclosure in reading.disclosures:
            facet = disclosure.facet
            may = readable[disclosure.child] & _BITS[facet] != 0
            if disclosure.others:
                owners = (disclosure.child, *disclosure.others)
                those = [child for child in owners if readable[child] & _BITS[facet]]
                may = bool(those)
                if may and probe.child in owners and probe.child not in those:
                    hazards.append((facet, disclosure.child))
            if not may:
                violations.append(self._access(probe, operation, disclosure))
            if may and operation.by and facet is _EXISTENCE:
                violations += self._inference(probe, operation, disclosure, readable[disclosure.child])
        if operation.action is not None and acknowledged(answer.status):
            violations += self._action(probe, operation, operation.action)
        return violations, hazards

    def _access(self, probe: Probe, operation: Operation, disclosure: Disclosure) -> Violation:
        decision = self.grid.decision(probe.user, disclosure.child, disclosure.facet, probe.claims)
        return Violation(
            kind=Kind.ACCESS,
            place=place_of(operation),
            subject=disclosure.facet.value,
            record_class=self._record_class(probe.user, disclosure.child),
            child=disclosure.child,
            facet=disclosure.facet,
            policies=decision.policies if not decision.allowed else (),
            detail=f"{disclosure.facet.value} at {disclosure.where} ({disclosure.grade.value})",
        )

    def _inference(self, probe: Probe, operation: Operation, disclosure: Disclosure, readable: int) -> list[Violation]:
        """The query itself named facets that the user may not read of a child that it found (rule R12)."""
        child = disclosure.child
        hidden = [facet for facet in operation.by if not readable & facet.bit]
        return [
            Violation(
                kind=Kind.INFERENCE,
                place=place_of(operation),
                subject=facet.value,
                record_class=self._record_class(probe.user, child),
                child=child,
                facet=facet,
                policies=self.grid.decision(probe.user, child, facet, probe.claims).policies,
                detail=f"{operation.name} found the record by {facet.value}",
            )
            for facet in hidden
        ]

    def _action(self, probe: Probe, operation: Operation, action: Action) -> list[Violation]:
        decision = self.grid.decision(probe.user, probe.child, action, probe.claims)
        if decision.allowed:
            return []
        return [
            Violation(
                kind=Kind.ACTION,
                place=place_of(operation),
                subject=action.value,
                record_class="" if probe.child is None else self._record_class(probe.user, probe.child),
                child=probe.child,
                facet=None,
                policies=decision.policies,
                detail=f"{action.value} was acknowledged",
            )
        ]

    def _verdict(  # noqa: PLR0911, PLR0913, PLR0917 - the order of the rules is the point, and each has its own grounds
        self,
        probe: Probe,
        operation: Operation,
        answer: Answer,
        reading: Reading,
        violations: list[Violation],
        readable: _Readable,
    ) -> tuple[Verdict, str]:
        if violations:
            return Verdict.OVERREACH, violations[0].detail
        if answer.error:
            return Verdict.UNPROVEN, answer.error
        if reading.cut:
            return Verdict.UNPROVEN, reading.cut
        if answer.status in _DISORDER:
            return Verdict.UNPROVEN, f"status {answer.status}"
        if answer.status == _SIGNED_OUT:
            return Verdict.UNPROVEN, "the session was not accepted"
        missing = self._missing(probe, operation, answer, reading, readable)
        if missing:
            return Verdict.UNDERREACH, f"refused though allowed: {missing}"
        return Verdict.HELD, ""

    def _missing(
        self, probe: Probe, operation: Operation, answer: Answer, reading: Reading, readable: _Readable
    ) -> str:
        """What the policy permits of the child asked about and the answer lacks, in words; empty for nothing."""
        if operation.action is not None:
            allowed = self.grid.allows(probe.user, probe.child, operation.action, probe.claims)
            refused = answer.status >= 400  # noqa: PLR2004 - refused, in HTTP
            return operation.action.value if allowed and refused else ""
        if probe.child is None or not (operation.facets or operation.by):
            return ""
        allowed_mask = readable[probe.child]
        if operation.by:
            if any(not allowed_mask & _BITS[facet] for facet in (*operation.by, _EXISTENCE)):
                return ""
            found = any(disclosure.child == probe.child for disclosure in reading.disclosures)
            return "" if found or not is_whole(operation, answer) else operation.name
        absent = allowed_mask & offered(operation) & ~reading.asked
        if not absent:
            return ""
        telling = self.reader.telling_facets(probe.child, f"{probe.request.path} {probe.request.body}", absent)
        return ", ".join(facet.value for facet in facets_of(absent & telling))

    def _record_class(self, user: int, child: int) -> str:
        classes = self.grid.classes_of(user, child)
        return classes[0] if classes else "other"


class _Readable(dict[int, int]):
    """Child -> mask readable of it in this answer; most disclosures of an answer are of the same few children.

    The claims hold for the record asked about, or for a search.
    """

    def __init__(self, grid: Entitlements, probe: Probe) -> None:
        self._grid = grid
        self._probe = probe

    def __missing__(self, child: int) -> int:
        probe = self._probe
        stated = probe.claims if child == probe.child or probe.by else _UNCLAIMED
        mask = self[child] = self._grid.facets(probe.user, child, stated)
        return mask


def acknowledged(status: int) -> bool:
    """Whether a status says that something was done; 202 says that it was only taken in."""
    return status in {200, 201, 204}


def place_of(operation: Operation) -> str:
    """The endpoint of an operation: method and path template."""
    return f"{operation.method} {operation.path.replace('{child.', '{')}"


def offered(operation: Operation) -> int:
    """Mask of the facets that an operation's answer may carry; existence shows whenever anything does."""
    mask = _BITS[_EXISTENCE]
    for facet in operation.facets:
        mask |= _BITS[facet]
    return mask


def is_whole(operation: Operation, answer: Answer) -> bool:
    """Whether a search gave all that it found: further pages are not asked for, and may hold who is missing here."""
    if not operation.pages:
        return True
    try:
        told = nodes(orjson.loads(answer.body), operation.pages)
    except orjson.JSONDecodeError:
        return True
    return not any(isinstance(pages, int) and pages > 1 for pages in told)
