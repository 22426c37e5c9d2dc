"""The posts that users hold, and the facets that each one's work needs (R7; a modelling choice)."""

from __future__ import annotations

from dataclasses import dataclass

EXISTENCE = "existence"
IDENTITY = "identity"
FORMER_NAMES = "former_names"
WHEREABOUTS = "whereabouts"
CARERS = "carers"
CONTACTS = "contacts"
EDUCATION = "education"
HEALTH = "health"
SERVICES = "services"
SENSITIVE_SERVICES = "sensitive_services"
INDICATORS = "indicators"
PROVENANCE = "provenance"
PROTECTION = "protection"

YEARS_KEPT = 6  # of an archived record (R16)

_SHORT = {
    "id": IDENTITY,
    "fo": FORMER_NAMES,
    "wh": WHEREABOUTS,
    "ca": CARERS,
    "co": CONTACTS,
    "ed": EDUCATION,
    "he": HEALTH,
    "se": SERVICES,
    "in": INDICATORS,
    "pr": PROVENANCE,
}


@dataclass(frozen=True, slots=True)
class Role:
    """What a post brings with it."""

    facets: frozenset[str] = frozenset()
    """Facets of live records that the work needs; without any, no live record is read at all."""
    override: bool = False
    """May break a shield (R13)."""
    broker: bool = False
    """Sees the hidden part in the own area and keeps the shields there (R14)."""
    reads_log: bool = False
    """May read the log and the alerts (R9)."""
    archive: range = range(0)
    """Archive years that are open to it (R15)."""

    operator: bool = False
    """Runs the registry or its accounts; given by the central team only (R4)."""
    national: bool = False
    """Works for every area; given by the central team only (R4)."""
    administers: bool = False
    """Keeps the accounts of users (R4, R5, R19)."""
    directs: bool = False
    """Keeps every account, the posts of operators and the accreditation of organisations (R4, R5)."""
    lends: frozenset[str] = frozenset()
    """Facets that it may read out to a caller who may read them too (R20); with any, it mediates."""

    @property
    def asks(self) -> bool:
        """Whether it may search and declare reasons."""
        return bool(self.facets or self.archive)


def _facets(text: str) -> frozenset[str]:
    return frozenset(_SHORT[short] for short in text.split())


_EVERYTHING = _facets("id fo wh ca co ed he se in pr")

ROLES = {
    "head_teacher": Role(_facets("id fo wh ca co ed se in pr")),
    "school_administrator": Role(_facets("id wh ca co ed")),
    "senco": Role(_facets("id wh ca co ed he se in pr")),
    "education_welfare_officer": Role(_facets("id fo wh ca co ed se in pr")),
    "educational_psychologist": Role(_facets("id wh ca co ed he se in pr")),
    "early_years_worker": Role(_facets("id wh ca co ed he se in")),
    "general_practitioner": Role(_facets("id fo wh ca co he se in pr")),
    "practice_administrator": Role(_facets("id wh ca co he")),
    "practice_nurse": Role(_facets("id wh ca co he se in")),
    "health_visitor": Role(_facets("id fo wh ca co ed he se in pr")),
    "school_nurse": Role(_facets("id fo wh ca co ed he se in pr")),
    "midwife": Role(_facets("id wh ca co he se in")),
    "camhs_practitioner": Role(_facets("id wh ca co ed he se in")),
    "social_worker": Role(_facets("id fo wh ca co ed he se in pr")),
    "child_protection_worker": Role(_facets("id fo wh ca co ed he se in pr"), override=True),
    "family_support_worker": Role(_facets("id wh ca co ed he se in")),
    "connexions_adviser": Role(_facets("id wh ca co ed se in")),
    "youth_offending_worker": Role(_facets("id fo wh ca co ed se in")),
    "police_child_protection_officer": Role(_facets("id fo wh ca co ed he se in pr"), override=True),
    "police_employee": Role(_facets("id wh ca in")),
    "probation_officer": Role(_facets("id wh ca se in")),
    "fire_strategy_officer": Role(_facets("id wh")),
    "national_partner_worker": Role(_facets("id wh ca co ed se in"), national=True),
    "management_team": Role(
        _EVERYTHING, broker=True, reads_log=True, operator=True, administers=True, lends=_EVERYTHING
    ),
    "data_manager": Role(_facets("id pr"), archive=range(1, 2), operator=True),
    "central_team": Role(reads_log=True, operator=True, national=True, administers=True, directs=True),
    "system_supplier": Role(archive=range(2, YEARS_KEPT + 1), operator=True, national=True),
    "helpdesk_mediator": Role(operator=True, national=True, lends=_facets("id wh ca co ed he se in")),
}
NO_ROLE = Role()


def role_of(name: str) -> Role:
    """The post of that name; one without any right for a name that is not known."""
    return ROLES.get(name, NO_ROLE)
