"""From violations to findings: one finding a cause, with its smallest witness and its blast radius."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from overreach.model.finding import BlastRadius, Finding, Witness
from overreach.model.probe import Observation, Probe, Violation
from overreach.model.terms import LOCATING, Action, Duty, Facet, Kind, Part, Severity
from overreach.policy.cells import extent
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.probe import bounds
from overreach.probe.logbook import ROW
from overreach.probe.tally import Count, Key

#: What a violation rests on where no policy forbids it: the default deny (least privilege).
DEFAULT_RULE = {
    Kind.ACCESS: "R7",
    Kind.INFERENCE: "R12",
    Kind.ACTION: "R4",
    Kind.DUTY: "R9",
}
_DUTY_RULE = {Duty.LOG.value: "R9", Duty.ALERT.value: "R13"}
_WORDS = {facet.value: facet.value.replace("_", " ") for facet in Facet}


@dataclass(slots=True)
class Cause:
    """Everything that was seen of one cause."""

    kind: Kind
    place: str
    record_class: str
    subject: str
    key: str
    """Identity over runs."""
    roles: set[str] = field(default_factory=set)
    facets: set[Facet] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)
    parts: set[Part] = field(default_factory=set)
    users: set[int] = field(default_factory=set)
    children: set[int] = field(default_factory=set)
    cells: set[int] = field(default_factory=set)
    best: tuple[tuple[int, ...], Probe, Violation] | None = None


class Gatherer:
    """Takes violations as they come and gives the findings at the end."""

    def __init__(self, population: Population, policy: Policy, grid: Grid) -> None:
        self._population = population
        self._policy = policy
        self._grid = grid
        self._causes: dict[str, Cause] = {}

    def add(self, observation: Observation) -> None:
        """Take the violations of one observation."""
        for violation in observation.violations:
            self.take(observation.probe, violation)

    def take(self, probe: Probe, violation: Violation) -> None:
        """Take one violation."""
        subject = "" if violation.kind is Kind.ACCESS else violation.subject
        cause = self._causes.setdefault(
            violation.cause,
            Cause(violation.kind, violation.place, violation.record_class, subject, violation.cause),
        )
        cause.roles.add(probe.role)
        cause.policies.update(violation.policies)
        cause.parts.add(probe.part)
        cause.users.add(probe.user)
        if violation.facet is not None:
            cause.facets.add(violation.facet)
        if violation.child is not None:
            cause.children.add(violation.child)
            cause.cells.add(self._grid.cell(probe.user, violation.child))
        # The smallest witness: the most telling facet first, then the fewest claims, then the lowest rows.
        weight = 0 if violation.facet in LOCATING else 1
        rank = (weight, probe.rung.height, len(probe.request.body), probe.user, violation.child or 0)
        if cause.best is None or rank < cause.best[0]:
            cause.best = (rank, probe, violation)

    def findings(self, counts: Mapping[Key, Count]) -> list[Finding]:
        """The findings, worst first; `counts` is what the sweep asked of each matrix entry."""
        made = [self._finding(cause, counts) for cause in self._causes.values()]
        return sorted(made, key=lambda finding: (-finding.severity.height, -finding.blast.seen_children, finding.key))

    def _finding(self, cause: Cause, counts: Mapping[Key, Count]) -> Finding:
        if cause.best is None:
            message = "a cause always has a witness"
            raise AssertionError(message)
        _, probe, violation = cause.best
        facets = tuple(facet for facet in Facet if facet in cause.facets)
        users, children = extent(self._grid, sorted(cause.cells)) if cause.cells else (len(cause.users), 0)
        return Finding(
            key=cause.key,
            kind=cause.kind,
            title=title(cause, facets),
            rule=self._rule(cause),
            severity=severity(cause, facets),
            roles=tuple(sorted(cause.roles)),
            facets=facets,
            subject=cause.subject or ", ".join(_WORDS[facet.value] for facet in facets),
            parts=tuple(part for part in Part if part in cause.parts),
            witness=self._witness(probe, violation),
            blast=BlastRadius(len(cause.users), len(cause.children), users, children, share(cause, facets, counts)),
            policies=tuple(sorted(cause.policies)),
            remedy=_REMEDY[cause.kind],
        )

    def _rule(self, cause: Cause) -> str:
        rules: dict[str, None] = {}
        for policy in sorted(cause.policies):
            rules.update(dict.fromkeys(self._policy.rules[policy].rule.split()))
        if not rules:
            rules[_DUTY_RULE.get(cause.subject, DEFAULT_RULE.get(cause.kind, "R7"))] = None
        if cause.kind is Kind.INFERENCE:
            rules["R12"] = None
        return " ".join(rules)

    def _witness(self, probe: Probe, violation: Violation) -> Witness:
        user = self._population.user_fields(probe.user)
        number = "" if violation.child is None else str(self._population.child_fields(violation.child)["number"])
        whom = f" of record {number}" if number else ""
        if number and probe.child is not None and probe.child != violation.child and probe.operation != ROW:
            wanted = self._population.child_fields(probe.child)["number"]
            whom = f" of record {wanted} and was told of record {number}"
        who = f"{user['username']} ({probe.role.replace('_', ' ')})"
        asked = f"{who} asked `{probe.operation}` at rung {probe.rung.value}{whom}"
        return Witness(
            part=probe.part,
            summary=f"{f'in the log, of {who}{whom}' if probe.operation == ROW else asked}: {violation.detail}",
            request=curl(probe),
            answer=violation.detail,
            user=str(user["username"]),
            child=number,
        )


_REMEDY = {
    Kind.ACCESS: "apply the rule where the answer is made, for every operation that gives these fields",
    Kind.ACTION: "check the right before the action, on the server, for every role and account state",
    Kind.INFERENCE: "leave out what may not be read before matching, counting, ordering and answering",
    Kind.DUTY: "meet the duty before the answer leaves, and refuse to answer where it cannot be met",
    Kind.WIRE: "keep it off the wire",
    Kind.SOURCE: "mend the line",
}


def _covers(found: Finding, told: Finding) -> bool:
    """Whether what a scenario tells of is a part of what was found already."""
    if told.parts != (Part.SCENARIOS,) or found.parts == (Part.OUTSIDE,):
        return False
    seen = {Kind.ACCESS, Kind.INFERENCE}
    alike = found.kind is told.kind or {found.kind, told.kind} <= seen
    subjects = {each.subject.replace("_", " ") for each in (found, told)}
    return alike and (len(subjects) == 1 or bool(set(found.facets) & set(told.facets)))


def title(cause: Cause, facets: Sequence[Facet]) -> str:
    """A sentence without figures."""
    whose = f"{cause.record_class.replace('_', ' ')} records" if cause.record_class else "records"
    what = ", ".join(_WORDS[facet.value] for facet in facets)
    if cause.kind is Kind.ACCESS:
        return f"{cause.place} gives {what} of {whose} to users who may not read them"
    if cause.kind is Kind.INFERENCE:
        return f"{cause.place} lets {what} of {whose} be inferred"
    if cause.kind is Kind.ACTION:
        action = cause.subject.replace("_", " ")
        return f"{cause.place} allows {action} to users who may not"
    return f"{cause.place} does not meet the duty to {cause.subject.replace('_', ' ')}"


def share(cause: Cause, facets: Sequence[Facet], counts: Mapping[Key, Count]) -> float | None:
    """Lower 95 % bound on the share of denied pairs that disclose, over the roles and the most telling facet.

    Pairs are counted at the rungs at which any of them did; None where the cause is not one of reading a record.
    """
    if cause.kind is not Kind.ACCESS or not facets:
        return None
    telling = next((facet for facet in facets if facet in LOCATING), facets[0])
    entries = [
        count
        for (role, record_class, facet, _), count in counts.items()
        if role in cause.roles and record_class == cause.record_class and facet is telling and count.failures
    ]
    probes = sum(entry.denied for entry in entries)
    return bounds.lower(sum(entry.failures for entry in entries), probes) if probes else None


def severity(cause: Cause, facets: Sequence[Facet]) -> Severity:
    """How bad: what locates a shielded child is critical."""
    guarded = cause.record_class in {"shielded", "archived", "contacts_protected"}
    if LOCATING & set(facets):
        return Severity.CRITICAL if guarded else Severity.HIGH
    if cause.kind is Kind.ACTION:
        return (
            Severity.CRITICAL if cause.subject in {Action.OVERRIDE, Action.UNSHIELD, Action.SIGN_IN} else Severity.HIGH
        )
    if cause.kind is Kind.DUTY or guarded:
        return Severity.HIGH
    return Severity.MEDIUM


def curl(probe: Probe) -> str:
    """A command that repeats a request; `$TARGET` stands for the target's address, `$TOKEN` for the user's session.

    The report says how to get both.
    """
    request = probe.request
    # Double quotes, so that the shell fills the two in.
    words = ["curl", "-X", request.method, f'"$TARGET"{shlex.quote(request.path)}']
    words += ["-H", '"Authorization: Bearer $TOKEN"']
    if request.body:
        words += ["-H", shlex.quote("Content-Type: application/json"), "-d", shlex.quote(request.body)]
    return " ".join(words)


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of several parts, one a cause, worst first.

    A scenario cannot tell how far a defect goes: where another part saw the same (reading or inferring the same
    facet, the same action or duty), the scenario is named as a further part that saw it.
    """
    kept: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda each: each.parts == (Part.SCENARIOS,)):
        same = next((key for key, other in kept.items() if key == finding.key or _covers(other, finding)), None)
        if same is None:
            kept[finding.key] = finding
        else:
            parts = {*kept[same].parts, *finding.parts}
            worse = max(kept[same].severity, finding.severity, key=lambda severity: severity.height)
            kept[same] = replace(kept[same], severity=worse, parts=tuple(part for part in Part if part in parts))
    return sorted(
        kept.values(), key=lambda finding: (-finding.severity.height, -finding.blast.seen_children, finding.key)
    )
