"""Who may write what of a record.

R1       What can be written is a closed list of fields; case information is not among them, nor is anything that
         decides who may read: number, shield, responsible authority, archive.
R7       The data manager of the area corrects identity; the management team of the area and the data manager keep
         address, school and practice (a modelling choice). A practitioner writes the own indicators.
R8       Writing needs a stated reason, as reading does.
R10, R11 Of a shielded record only what the user may read can be written by that user.
R15, R18 Nothing of an archived record, and nothing from another area than the responsible authority's.
"""

from __future__ import annotations

from overreach.contactpoint import roles
from overreach.contactpoint.decisions.reading import in_area, view
from overreach.contactpoint.facts import Child, Claims, Switches, User
from overreach.contactpoint.roles import role_of

#: The closed list (R1), and the facet that each field belongs to.
FACET_OF = {
    "given_name": roles.IDENTITY,
    "middle_name": roles.IDENTITY,
    "family_name": roles.IDENTITY,
    "gender": roles.IDENTITY,
    "date_of_birth": roles.IDENTITY,
    "address": roles.WHEREABOUTS,
    "school": roles.EDUCATION,
    "practice": roles.HEALTH,
}
_NOTHING: frozenset[str] = frozenset()
_BY_ROLE = {"data_manager": frozenset(FACET_OF), "management_team": frozenset({"address", "school", "practice"})}


def amends(user: User) -> frozenset[str]:
    """The fields that the user may write at all."""
    return _BY_ROLE.get(user.role, _NOTHING)


def amends_record(switches: Switches, user: User, child: Child, claims: Claims, fields: frozenset[str]) -> bool:
    """Whether the user may write these fields of this child's record now."""
    if child.archive_year or claims.reason is None or not in_area(user, child) or not fields <= amends(user):
        return False
    return not child.shielded or {FACET_OF[field] for field in fields} <= view(switches, user, child, claims)


def ends(user: User) -> bool:
    """Whether the user may end indicators at all: whoever's work needs them."""
    return roles.INDICATORS in role_of(user.role).facets


def holds(user: User) -> bool:
    """Whether the user may hold indicators at all: a practitioner whose work needs them."""
    return ends(user) and not role_of(user.role).broker


def holds_here(switches: Switches, user: User, child: Child, claims: Claims) -> bool:
    """Whether the user may hold an indicator of this child now: whoever reads the indicators of a live record."""
    return holds(user) and child.archive_year == 0 and roles.INDICATORS in view(switches, user, child, claims)


def releases(user: User, child: Child, claims: Claims) -> bool:
    """Whether the user may end an indicator that somebody else holds: the management team of the area.

    Not who is named as a threat, where a shield hides it.
    """
    broker = role_of(user.role).broker and in_area(user, child) and not (child.shielded and child.threat)
    return broker and child.archive_year == 0 and claims.reason is not None
