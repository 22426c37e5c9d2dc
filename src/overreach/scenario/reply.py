"""One operation performed by one user: the answer as it came and as it was judged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from overreach.model.finding import BlastRadius, Finding, Witness
from overreach.model.probe import Answer, Observation, Probe, Violation
from overreach.model.terms import Action, Facet, Kind, Part
from overreach.pack.config import Operation
from overreach.probe.equal import shape_of
from overreach.probe.findings import Cause, curl, severity, title
from overreach.probe.judge import place_of
from overreach.probe.session import Bench

_WITHOUT_CHILD = frozenset({Action.SIGN_IN, Action.READ_LOG})
_SHOWN = 400  # characters of an answer that a witness shows
_SECRET = re.compile(r'("(?:token|totp_secret|password|code)"\s*:\s*)"[^"]*"')


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    bench: Bench = field(repr=False)
    operation: Operation
    answer: Answer
    observation: Observation

    @property
    def status(self) -> int:
        """HTTP status; 0 where no whole answer came."""
        return self.answer.status

    @property
    def ok(self) -> bool:
        """Whether the request was acknowledged."""
        return 200 <= self.answer.status < 300  # noqa: PLR2004 - acknowledged, in HTTP

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the system answers
        """The body as JSON; None where it is not."""
        try:
            return orjson.loads(self.answer.body)
        except orjson.JSONDecodeError:
            return None

    @property
    def facets(self) -> frozenset[Facet]:
        """The facets of the child asked about that the answer discloses."""
        child = self.observation.probe.child
        found = self.observation.disclosures
        return frozenset(each.facet for each in found if child in (each.child, *each.others))

    @property
    def found(self) -> tuple[int, ...]:
        """The children whose existence the answer discloses, ascending."""
        found = {each.child for each in self.observation.disclosures if each.facet is Facet.EXISTENCE}
        return tuple(sorted(found))

    @property
    def request_id(self) -> str:
        """The correlation id that the log should carry."""
        return self.observation.probe.request.request_id

    @property
    def visible(self) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """All that the user can see of the answer, without the moment and without what the request itself said."""
        shape = shape_of(self.observation.probe, self.answer)
        return shape.status, shape.headers, shape.body

    def difference(self, other: Reply) -> str:
        """What a user could tell this answer from another one by, in words; empty where there is nothing."""
        status, headers, body = self.visible
        other_status, other_headers, other_body = other.visible
        if status != other_status:
            return f"status {status} instead of {other_status}"
        if headers != other_headers:
            names = sorted({name for name, _ in set(headers) ^ set(other_headers)})
            return f"headers {', '.join(names)}" if names else "the order of headers"
        if body != other_body:
            return f"body `{_shortened(body)}` instead of `{_shortened(other_body)}`"
        return ""

    def violation(
        self, kind: Kind, subject: str, detail: str, facet: Facet | None, child: int | None = None
    ) -> Violation:
        """A violation that the scenario itself has seen in this answer."""
        probe = self.observation.probe
        about = probe.child if child is None else child
        grid = self.bench.grid
        denied = None if facet is None or about is None else grid.decision(probe.user, about, facet, probe.claims)
        classes = () if about is None else grid.classes_of(probe.user, about)
        return Violation(
            kind=kind,
            place=place_of(self.operation),
            subject=str(subject),
            record_class=classes[0] if classes else "",
            child=about,
            facet=facet,
            policies=() if denied is None or denied.allowed else denied.policies,
            detail=detail,
        )

    def finding(self, violation: Violation) -> Finding:
        """The finding that a violation in this answer amounts to; the scenario's rules where no policy names others."""
        probe = self.observation.probe
        facets = () if violation.facet is None else (violation.facet,)
        children = 0 if violation.child is None else 1
        cause = Cause(violation.kind, violation.place, violation.record_class, violation.subject, violation.cause)
        return Finding(
            key=f"{violation.kind.value}:{violation.subject}",
            kind=violation.kind,
            title=title(cause, facets),
            rule=self._rules(violation),
            severity=severity(cause, facets),
            roles=(probe.role,),
            facets=facets,
            subject=violation.subject.replace("_", " "),
            parts=(Part.SCENARIOS,),
            witness=self._witness(violation),
            blast=BlastRadius(1, children, 1, children),
            policies=violation.policies,
        )

    def _rules(self, violation: Violation) -> str:
        rules = [self.bench.policy.rules[policy].rule for policy in violation.policies]
        inference = ["R12"] if rules and violation.kind is Kind.INFERENCE else []
        return " ".join(dict.fromkeys(" ".join([*rules, *inference]).split()))

    def _witness(self, violation: Violation) -> Witness:
        probe, population = self.observation.probe, self.bench.population
        username = str(population.user_fields(probe.user)["username"])
        number = "" if violation.child is None else str(population.child_fields(violation.child)["number"])
        about = f" about record {number}" if number else ""
        return Witness(
            part=Part.SCENARIOS,
            summary=f"{username} ({probe.role.replace('_', ' ')}) asked `{probe.operation}`"
            f" at rung {probe.rung}{about}: {violation.detail}",
            request=curl(probe),
            answer=f"status {self.status}: {_shortened(self.answer.body)}",
            user=username,
            child=number,
        )


def judged(bench: Bench, operation: Operation, probe: Probe, answer: Answer) -> Reply:
    """The reply with its answer judged; SyntheticOnlyError where the answer could concern a real person."""
    watching = (operation.method, operation.path) in bench.pack.target.watching
    # Log and alerts repeat what users typed, and the record numbers in them are the log's own business: what counts
    # is that they were read.
    read = replace(answer, body=b"") if watching else answer
    # An action on a record that was never issued is one on nobody: the policy has nothing to say of it.
    nobody = probe.child is None and operation.action not in _WITHOUT_CHILD
    asked = replace(operation, action=None) if nobody else operation
    return Reply(bench, operation, answer, bench.judge.observe(probe, asked, read))


def _shortened(body: bytes) -> str:
    text = _SECRET.sub(r'\1"..."', body.decode(errors="replace"))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
