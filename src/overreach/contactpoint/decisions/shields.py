"""Who breaks, sets and lifts shields.

R10, R14 The management team of the area keeps the shields of its live records.
R13      Override is a right of its own, and ends where the user is named as a threat to the child.
R10      Whoever sees that a live child exists, in a post that reads records, may request a shield. Whether it stays is
         decided by the management team of the area, and by nobody who requested it. Whoever is named as a threat to
         the child neither keeps nor decides.
"""

from __future__ import annotations

from overreach.contactpoint import roles
from overreach.contactpoint.decisions.reading import in_area
from overreach.contactpoint.facts import Child, User
from overreach.contactpoint.roles import role_of


def override(user: User) -> bool:
    """Whether the user has the override right."""
    return role_of(user.role).override


def overrides(user: User, child: Child) -> bool:
    """Whether the override right reaches this child."""
    return role_of(user.role).override and not child.threat


def keeps_shields(user: User) -> bool:
    """Whether the user has the right to shield and to unshield at all."""
    return role_of(user.role).broker


def keeps_shield(user: User, child: Child) -> bool:
    """Whether the user may shield and unshield this child."""
    return role_of(user.role).broker and in_area(user, child) and child.archive_year == 0 and not child.threat


def requests_shields(user: User) -> bool:
    """Whether the post is one that may request shields."""
    return bool(role_of(user.role).facets)


def requests_shield(child: Child, readable: frozenset[str]) -> bool:
    """Whether somebody who reads these facets of a child may request a shield for it."""
    return roles.EXISTENCE in readable and child.archive_year == 0


def decides_shield(user: User, child: Child, requesters: frozenset[int]) -> bool:
    """Whether the user may decide on a shield that these users requested."""
    return keeps_shield(user, child) and user.user not in requesters
