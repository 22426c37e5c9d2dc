"""Who merges, splits and moves records.

R17      Data managers and the management team of the area keep its live records accurate: they merge and split them.
R18      One authority is responsible for a record. Its management team gives it to another one, whose management team
         accepts it.
R10      Whoever is named as a threat to a child does none of this to its record.
R15      An archived record stays as it is.
"""

from __future__ import annotations

from overreach.contactpoint.decisions.reading import in_area
from overreach.contactpoint.facts import Child, User
from overreach.contactpoint.roles import role_of

KEEPERS = frozenset({"data_manager", "management_team"})


def keeps_records(user: User) -> bool:
    """Whether the user may merge and split records at all."""
    return user.role in KEEPERS


def keeps_record(user: User, child: Child) -> bool:
    """Whether the user may merge and split this record."""
    return keeps_records(user) and in_area(user, child) and _is_open(child)


def moves_records(user: User) -> bool:
    """Whether the user may give records to another authority, and accept them, at all."""
    return role_of(user.role).broker


def moves_record(user: User, child: Child) -> bool:
    """Whether the user may give this record to another authority."""
    return moves_records(user) and in_area(user, child) and _is_open(child)


def accepts_record(user: User, child: Child, authority: int) -> bool:
    """Whether the user may accept this record for an authority."""
    return moves_records(user) and (user.national or authority in user.areas) and _is_open(child)


def _is_open(child: Child) -> bool:
    return child.archive_year == 0 and not child.threat
