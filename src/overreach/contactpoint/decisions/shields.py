"""Who breaks, sets and lifts shields.

R10, R14 The management team of the area keeps the shields of its live records.
R13      Override is a right of its own.
"""

from __future__ import annotations

from overreach.contactpoint.decisions.reading import in_area
from overreach.contactpoint.facts import Child, User
from overreach.contactpoint.roles import role_of


def override(user: User) -> bool:
    """Whether the user has the override right."""
    return role_of(user.role).override


def keeps_shields(user: User) -> bool:
    """Whether the user has the right to shield and to unshield at all."""
    return role_of(user.role).broker


def keeps_shield(user: User, child: Child) -> bool:
    """Whether the user may shield and unshield this child."""
    return role_of(user.role).broker and in_area(user, child) and child.archive_year == 0
