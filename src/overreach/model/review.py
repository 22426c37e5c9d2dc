"""What a whole review concludes: the object that every report format is written from."""

from __future__ import annotations

from dataclasses import dataclass, field

from overreach.model.exact import ExactReach
from overreach.model.finding import Finding, Hazard, NotExamined
from overreach.model.terms import ExitCode, Facet, Part, Rung, Severity, Verdict
from overreach.model.underload import UnderLoad


@dataclass(frozen=True, slots=True)
class RoleSummary:
    """One row of the matrix."""

    role: str
    sector: str
    users: int
    """Head count in the population, whatever the state of the account."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Role x record class x facet x rung: a sum of cells."""

    role: str
    record_class: str
    facet: Facet
    rung: Rung
    pairs: int
    """Pairs first permitted at this rung by the policy; exact."""
    users: int
    """Distinct users in those pairs; exact."""
    children: int
    """Distinct children in those pairs; exact."""
    one_member: int
    """Most children that one member of the role can reach at this rung or below."""
    verdict: Verdict
    probes: int
    """Probes of pairs that the policy denies at this rung."""
    failures: int
    """Of those, how many disclosed the facet."""
    bound: float | None
    """Upper one-sided 95 % bound on the share of denied pairs that disclose; None where nothing was asked."""
    allowed_probes: int = 0
    """Probes of pairs that the policy permits at this rung."""
    why: str = ""
    """Reason where the verdict is `unproven`; `no reader` where nobody may read."""
    policies: tuple[str, ...] = ()
    """The policies behind the decision."""
    finding: str = ""
    """Key of the finding, where there is one."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How many users could open a facet of one child, over a group of children."""

    facet: Facet
    group: str
    """`all`, or a record class that is about the child alone."""
    counts: tuple[tuple[int, int], ...]
    """(users, children): how many children are open to exactly so many users; ascending."""


@dataclass(frozen=True, slots=True)
class Control:
    """A positive control: something that had to be seen for silence to mean anything."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class PartSummary:
    """What a part did."""

    part: Part
    ran: bool
    seconds: float
    figures: tuple[tuple[str, str], ...]
    """Label and figure with its unit, for the report."""


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """Everything that a part hands over when it is done, beside the observations it told of on the way."""

    summary: PartSummary
    findings: tuple[Finding, ...] = ()
    controls: tuple[Control, ...] = ()
    not_examined: tuple[NotExamined, ...] = ()
    hazards: tuple[Hazard, ...] = ()


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What it takes to see a run again."""

    run_id: str
    started: str
    """UTC, ISO 8601."""
    seconds: float
    command: str
    version: str
    versions: tuple[tuple[str, str], ...]
    """Libraries and their versions."""
    seed: int
    recipe: str
    as_of: str
    children: int
    users: int
    shielded: int
    authorities: int
    policy_digest: str
    population_digest: str
    switches: tuple[tuple[str, str], ...]
    target: str


@dataclass(frozen=True, slots=True)
class Review:
    """The whole result of one audit."""

    run: RunInfo
    sentence: str
    """The answer in a sentence, in numbers."""
    roles: tuple[RoleSummary, ...]
    classes: tuple[str, ...]
    entries: tuple[Entry, ...]
    exposure: tuple[Exposure, ...]
    findings: tuple[Finding, ...]
    hazards: tuple[Hazard, ...]
    not_examined: tuple[NotExamined, ...]
    controls: tuple[Control, ...]
    parts: tuple[PartSummary, ...]
    cells: int
    """How many cells the policy can tell apart."""
    cells_unproven: int
    underreach: int = 0
    """Answers refused though allowed; counted apart from findings."""
    fail_on: Severity = Severity.LOW
    notes: tuple[str, ...] = field(default_factory=tuple)
    """What a clean result does not prove, in words."""
    exact: ExactReach | None = None
    """What follows from the policy alone beyond matrix and exposure; null where it was not counted."""
    load: UnderLoad | None = None
    """What many users at once did and were told; null where there was no load."""

    @property
    def exit_code(self) -> int:
        """1 before 3 before 0 (docs/reference/exit-codes.md)."""
        if any(finding.severity.height >= self.fail_on.height for finding in self.findings):
            return ExitCode.FINDINGS
        too_many = self.cells > 0 and self.cells_unproven > self.cells / 100
        if too_many or any(gap.blocking for gap in self.not_examined):
            return ExitCode.UNPROVEN
        return ExitCode.CLEAN
