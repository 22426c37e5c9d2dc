"""Who may record and remove services, what a sensitive one rests on, and who brokers.

R2, R14  A sensitive service is read by the management team of the area only; contact is made through it.
R3       A sensitive service is stored with consent, or with a stated ground of significant harm; once withdrawn
         it comes back with a later consent only (that harm alone does not restore it is a modelling choice).
R7       Whoever works with a child's services, and reads them at this moment, records one; it is removed by
         whoever recorded it or by the management team of the area.
R10      Whoever is named as a threat to the child does neither for the management team.
"""

from __future__ import annotations

from datetime import date

from overreach.contactpoint import roles
from overreach.contactpoint.decisions.reading import in_area
from overreach.contactpoint.facts import Child, Service, User
from overreach.contactpoint.roles import role_of

#: The kinds of service that are coded; sensitive ones by their code.
KINDS = (
    "children's centre",
    "speech and language therapy",
    "educational support",
    "youth service",
    "family support",
)
SENSITIVE_KINDS = {
    "sexual_health": "sexual health",
    "mental_health": "mental health",
    "substance_abuse": "substance misuse",
}
CONSENTS = ("child", "parent")


def records_services(user: User) -> bool:
    """Whether the user's work is with services at all."""
    return roles.SERVICES in role_of(user.role).facets


def records_service(child: Child, readable: frozenset[str]) -> bool:
    """Whether a service may be recorded of this child by somebody who reads these facets of it."""
    return roles.SERVICES in readable and child.archive_year == 0


def grounded(service: Service, today: date) -> bool:
    """Whether a service has the basis that its kind needs (R3); an ordinary one needs none."""
    basis = service.basis
    if service.sensitive is None:
        return True
    return basis.harm is not None or (basis.consent is not None and basis.on is not None and basis.on <= today)


def comes_back(service: Service, withdrawn_on: date | None) -> bool:
    """Whether a service may stand although an entry of this provider was withdrawn on that day."""
    if service.sensitive is None or withdrawn_on is None:
        return True
    return service.basis.on is not None and service.basis.on > withdrawn_on


def removes_service(user: User, child: Child, recorded_by: int | None) -> bool:
    """Whether the user may remove an entry that somebody recorded; None was loaded with the population."""
    return recorded_by == user.user or brokers_for(user, child)


def brokers(user: User) -> bool:
    """Whether the user brokers contact at all (R14)."""
    return role_of(user.role).broker


def brokers_for(user: User, child: Child) -> bool:
    """Whether the user brokers contact with this child."""
    return role_of(user.role).broker and in_area(user, child) and child.archive_year == 0 and not child.threat
