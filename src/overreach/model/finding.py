"""Findings, hazards and what was not examined."""

from __future__ import annotations

from dataclasses import dataclass, field

from overreach.model.terms import Facet, Kind, Part, Severity


@dataclass(frozen=True, slots=True)
class Witness:
    """The smallest thing that shows a defect, and how to see it again."""

    part: Part
    summary: str
    """One sentence: who asked what and got which facet of whom."""
    request: str
    """A command that repeats it (curl with `$TOKEN` for the session), or the place in a file."""
    answer: str
    """The part of the answer that shows it, shortened; synthetic values only."""
    user: str = ""
    """Username of the synthetic user."""
    child: str = ""
    """Record number of the synthetic child."""


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """How far a defect goes; children and users are never added up."""

    seen_users: int = 0
    seen_children: int = 0
    upto_users: int = 0
    """Users in the cells concerned: the exact size, not an estimate."""
    upto_children: int = 0
    share_at_least: float | None = None
    """Lower 95 % bound of the share of pairs concerned; None where it does not apply."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect: every overreach, breach or leak with one cause."""

    key: str
    """Stable identity over runs: kind, operation, subject and record class; nothing of one run."""
    kind: Kind
    title: str
    """A sentence without figures."""
    rule: str
    """The rules it breaks, for example `R12`; several with spaces between."""
    severity: Severity
    roles: tuple[str, ...]
    facets: tuple[Facet, ...]
    subject: str
    """The facet, action or duty concerned, in words."""
    parts: tuple[Part, ...]
    """Which parts of the audit saw it."""
    witness: Witness
    blast: BlastRadius = field(default_factory=BlastRadius)
    policies: tuple[str, ...] = ()
    """The policies that deny it, or owe the duty."""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Hazard:
    """Permitted by the policy and harmful all the same: listed and counted, never a failure."""

    key: str
    title: str
    rule: str
    children: int
    users: int
    example: str
    """One synthetic case in words."""


@dataclass(frozen=True, slots=True)
class NotExamined:
    """Something that was not proven, with its reason."""

    part: Part
    what: str
    reason: str
    count: int
    """How many entries, cells or answers it stands for."""
    blocking: bool = False
    """Whether it alone makes the run exit 3."""
