"""The closed vocabularies: facets, rungs, verdicts, grades, kinds and severities."""

from __future__ import annotations

from enum import StrEnum


class Facet(StrEnum):
    """A group of fields that policy speaks of; the order is the order of the report's columns."""

    EXISTENCE = "existence"  # that there is a record at all
    IDENTITY = "identity"  # current name, gender, date of birth, number
    FORMER_NAMES = "former_names"
    WHEREABOUTS = "whereabouts"  # address
    CARERS = "carers"  # their names
    CONTACTS = "contacts"  # their telephone and e-mail
    EDUCATION = "education"
    HEALTH = "health"
    SERVICES = "services"
    SENSITIVE_SERVICES = "sensitive_services"
    INDICATORS = "indicators"  # who holds an assessment, who is lead professional
    PROVENANCE = "provenance"  # responsible authority, last updated
    PROTECTION = "protection"  # that and since when it is shielded

    @property
    def bit(self) -> int:
        """The facet's bit in a mask: 1 for the first, 2 for the second and so on."""
        return _BITS[self]


_BITS = {facet: 1 << place for place, facet in enumerate(Facet)}

#: The facets that let somebody find a child; their entries decide whether enough was proven.
LOCATING = frozenset({Facet.WHEREABOUTS, Facet.CONTACTS})


def facets_of(mask: int) -> tuple[Facet, ...]:
    """The facets in a mask, in report order."""
    return tuple(facet for place, facet in enumerate(Facet) if mask >> place & 1)


def mask_of(facets: frozenset[Facet] | tuple[Facet, ...] | set[Facet]) -> int:
    """The mask of some facets."""
    return sum(facet.bit for facet in set(facets))


class Action(StrEnum):
    """What a user may do besides reading a facet."""

    SIGN_IN = "sign_in"
    SEARCH = "search"
    DECLARE = "declare"
    OVERRIDE = "override"
    SHIELD = "shield"
    UNSHIELD = "unshield"
    MERGE = "merge"
    MOVE = "move"
    EXPORT = "export"
    READ_LOG = "read_log"
    ADMINISTER = "administer"


class Rung(StrEnum):
    """How far a role must go; ascending order."""

    OPEN = "open"  # just asks
    DECLARED = "declared"  # an unverified claim
    OVERRIDE = "override"  # breaks the glass
    GRANTED = "granted"  # someone else must approve
    CHAINED = "chained"  # several steps, each permitted
    OUTSIDE = "outside"  # database, backup, archive, export

    @property
    def height(self) -> int:
        """Place in the ascending order, 0 for `open`."""
        return list(Rung).index(self)


class Verdict(StrEnum):
    """What an observation, or a set of them, amounts to."""

    HELD = "held"
    OVERREACH = "overreach"  # disclosed or done though denied
    UNDERREACH = "underreach"  # refused though allowed
    BREACH = "breach"  # allowed, but a duty was not met
    UNPROVEN = "unproven"  # error, no positive control, not asked


class Grade(StrEnum):
    """How a disclosure is proven."""

    TOKEN = "token"  # noqa: S105 - a canary token, not a credential
    ANCHORED = "anchored"
    DIFFERENCE = "difference"
    LEAD = "lead"  # a shared value on its own: never a finding


class Kind(StrEnum):
    """What sort of defect a finding is."""

    ACCESS = "access"
    ACTION = "action"
    INFERENCE = "inference"
    DUTY = "duty"
    WIRE = "wire"
    SOURCE = "source"


class Severity(StrEnum):
    """How bad; ascending order."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def height(self) -> int:
        """Place in the ascending order, 0 for `low`."""
        return list(Severity).index(self)


class Duty(StrEnum):
    """What an allowed request still owes."""

    LOG = "log"
    ALERT = "alert"
    EQUAL_ANSWER = "equal_answer"  # forbidden and absent are answered alike


class Part(StrEnum):
    """A part of an audit that produces observations."""

    REACH = "reach"
    SWEEP = "sweep"
    SCENARIOS = "scenarios"
    LOAD = "load"
    WIRE = "wire"
    OUTSIDE = "outside"
    SCAN = "scan"
    LOG = "log"


class ExitCode:
    """What the process says to a pipeline (docs/reference/exit-codes.md)."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    UNPROVEN = 3
    INTERRUPTED = 130
