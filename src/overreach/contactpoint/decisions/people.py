"""Who keeps whose account, and who is given which post.

R4, R5   The management team keeps the accounts of users who work in its area, the central team all of them. Nobody
         keeps the own account or that of the own manager (our recommendation).
R4       Posts of operators and national posts are given, and taken, by the central team alone: no other path leads
         to more rights. A management team gives posts to users all of whose areas are its own.
R5       The central team accredits organisations and withdraws it.
"""

from __future__ import annotations

from overreach.contactpoint.facts import Person, User
from overreach.contactpoint.roles import Role, role_of


def keeps_accounts(user: User) -> bool:
    """Whether the user has the right to keep accounts at all."""
    return role_of(user.role).administers


def keeps_account(officer: Person, person: Person) -> bool:
    """Whether the officer may see and change this account."""
    role = role_of(officer.user.role)
    if not role.administers or person.user.user in {officer.user.user, officer.manager}:
        return False
    return role.directs or bool(officer.user.areas & person.user.areas)


def appoints(officer: Person, person: Person, post: str) -> bool:
    """Whether the officer may give this person that post."""
    if not keeps_account(officer, person):
        return False
    if role_of(officer.user.role).directs:
        return True
    reserved = _reserved(role_of(person.user.role)) or _reserved(role_of(post))
    return not reserved and person.user.areas <= officer.user.areas


def accredits(user: User) -> bool:
    """Whether the user may accredit organisations."""
    return role_of(user.role).directs


def _reserved(role: Role) -> bool:
    return role.operator or role.national
