"""Who may ask for an export, what it carries, who approves it, and who downloads it.

R1       Its columns are a closed list: neither former names nor carers, services or protection leave the registry.
R7, R12  A row carries what the asker may read of that child when it is downloaded, and a child whom the export's
         conditions may not be asked about has no row.
R10      Rows of shielded children are left out, unless the export states a ground.
R15      Archived records are left out.
R23      Only data managers and management teams ask, for their own areas; two others approve, neither of them the
         asker or the asker's manager (who they are is a modelling choice: the regulation's text was not seen).
"""

from __future__ import annotations

from overreach.contactpoint import roles
from overreach.contactpoint.decisions.reading import NOTHING
from overreach.contactpoint.facts import Child, Export, User

ASKERS = frozenset({"data_manager", "management_team"})
APPROVERS = frozenset({"management_team", "central_team"})
NEEDED = 2  # approvals

#: What an export may carry: column -> facet, and where it lies in a record.
COLUMNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "number": (roles.IDENTITY, ("number",)),
    "given_name": (roles.IDENTITY, ("name", "given")),
    "family_name": (roles.IDENTITY, ("name", "family")),
    "gender": (roles.IDENTITY, ("gender",)),
    "date_of_birth": (roles.IDENTITY, ("date_of_birth",)),
    "house": (roles.WHEREABOUTS, ("address", "house")),
    "street": (roles.WHEREABOUTS, ("address", "street")),
    "locality": (roles.WHEREABOUTS, ("address", "locality")),
    "postcode": (roles.WHEREABOUTS, ("address", "postcode")),
    "school": (roles.EDUCATION, ("education", "school")),
    "practice": (roles.HEALTH, ("health", "practice")),
    "caf_holder": (roles.INDICATORS, ("indicators", "caf", "holder")),
    "lead_professional": (roles.INDICATORS, ("indicators", "lead_professional", "holder")),
    "responsible": (roles.PROVENANCE, ("provenance", "responsible")),
    "updated": (roles.PROVENANCE, ("provenance", "updated")),
}
#: What an export may be narrowed by, and the facet that each belongs to.
CONDITIONS = {"responsible": roles.PROVENANCE, "school": roles.EDUCATION, "practice": roles.HEALTH}


def asks_exports(user: User) -> bool:
    """Whether the user may ask for exports at all."""
    return user.role in ASKERS


def exports_from(user: User, named: int | None) -> frozenset[int]:
    """The authorities whose records an export reaches, where it names one authority or none."""
    return user.areas if named is None else user.areas & {named}


def exports_row(child: Child, asked: Export, readable: frozenset[str]) -> frozenset[str]:
    """The facets of a child that an export may carry, of those that the asker reads; none leave the row out."""
    if child.archive_year or (child.shielded and asked.ground is None):
        return NOTHING
    by = {CONDITIONS[name] for name in asked.where}
    return readable if {roles.EXISTENCE, *by} <= readable else NOTHING


def approves_exports(user: User) -> bool:
    """Whether the user may approve exports at all."""
    return user.role in APPROVERS


def approves_export(user: User, asked: Export) -> bool:
    """Whether the user may approve this export."""
    own_area = user.national or bool(user.areas & asked.areas)
    return user.role in APPROVERS and own_area and user.user not in {asked.user, asked.manager, *asked.approvers}


def export_approved(asked: Export) -> bool:
    """Whether enough people have approved."""
    return len(asked.approvers) >= NEEDED


def downloads(user: User, asked: Export) -> bool:
    """Whether the user may download this export."""
    return user.user == asked.user
