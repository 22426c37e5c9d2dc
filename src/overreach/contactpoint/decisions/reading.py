"""What may be read of a record, and which records may be found.

R7       A role reads the facets that its work needs, of children within its distance (switch G3).
R8       Whatever goes beyond existence and identity needs a stated reason.
R2       Sensitive services are for the management team that brokers in its own area.
R10, R11 Under a shield only existence and identity are left (carers' names: G1; former names: G2). A carer
         who also cares for a shielded child has protected contacts on every record.
R12      A child is found only by facets that the asker may read.
R13      The override right opens a shielded record for somebody who states a reason.
R14      The management team of the area sees the hidden part; whoever is named as a threat to the child, or to another
         child of its carers, sees behind no shield, neither so nor by an override.
R15      An archived record is closed, but for the data manager in its first year and the system supplier after
         it; the shield survives archiving.
"""

from __future__ import annotations

from overreach.contactpoint import roles
from overreach.contactpoint.facts import Child, Claims, Switches, User
from overreach.contactpoint.roles import ROLES, Role, role_of

SUPPLIER_REASONS = frozenset({"section_47", "serious_case_review", "child_death_review"})

NOTHING: frozenset[str] = frozenset()
VISIBLE = frozenset({roles.EXISTENCE, roles.IDENTITY})
ARCHIVED = VISIBLE | ROLES["social_worker"].facets


def search(switches: Switches, user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
    """Whether this child may influence the answer to a search that names the facets `by`."""
    readable = view(switches, user, child, claims)
    return roles.EXISTENCE in readable and by <= readable


def view(switches: Switches, user: User, child: Child, claims: Claims) -> frozenset[str]:
    """The facets that may be read."""
    return view_as(switches, role_of(user.role), user, child, claims)


def view_as(switches: Switches, role: Role, user: User, child: Child, claims: Claims) -> frozenset[str]:
    """The facets that the user might read in that post."""
    if child.archive_year:
        return _archived(role, user, child, claims)
    if not role.facets or not _within_distance(switches, user, child, claims):
        return NOTHING
    if claims.reason is None:
        return VISIBLE
    brokers = role.broker and in_area(user, child) and not child.threat
    opened = brokers or (role.override and claims.override and not child.threat)
    readable = role.facets | VISIBLE
    if brokers:
        readable |= {roles.SENSITIVE_SERVICES}
    if opened:
        readable |= {roles.PROTECTION}
    elif child.shielded:
        readable &= _left_by_shield(switches)
    elif child.contacts_protected:
        readable -= {roles.CONTACTS}
    return readable


def in_area(user: User, child: Child) -> bool:
    """Whether the authority responsible for the child is one of the user's."""
    return user.national or child.responsible in user.areas


def _archived(role: Role, user: User, child: Child, claims: Claims) -> frozenset[str]:
    if child.archive_year not in role.archive:
        return NOTHING
    if child.archive_year == 1:
        open_now = in_area(user, child) and claims.reason is not None
    else:
        open_now = claims.reason in SUPPLIER_REASONS
    if not open_now:
        return NOTHING
    if child.shielded:
        return VISIBLE
    return ARCHIVED - {roles.CONTACTS} if child.contacts_protected else ARCHIVED


def _left_by_shield(switches: Switches) -> frozenset[str]:
    names = {roles.CARERS} if switches.G1 == "yes" else set()
    former = {roles.FORMER_NAMES} if switches.G2 == "yes" else set()
    return VISIBLE | names | former


def _within_distance(switches: Switches, user: User, child: Child, claims: Claims) -> bool:
    if in_area(user, child) or child.involved or switches.G3 == "national":
        return True
    return switches.G3 == "declared" and claims.reason is not None
