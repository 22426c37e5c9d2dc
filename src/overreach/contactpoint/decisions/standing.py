"""Whether somebody may use the registry at all.

R4, R5   A leaver, somebody suspended, unvetted (renewed within three years), untrained, without the signed
         agreement or from an organisation that is not accredited does nothing at all. Accredited is who is so both
         in the own account and by the employer.
R6       A session that nobody uses ends after half an hour (a modelling choice).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from overreach.contactpoint.facts import User

VETTING_DAYS = 1096  # three years (R5)
IDLE = timedelta(minutes=30)


def account(user: User, today: date) -> bool:
    """Whether the conditions of access are met today."""
    return next(unmet(user, today), None) is None


def unmet(user: User, today: date) -> Iterator[str]:
    """The conditions of access that are not met today, in words."""
    if user.leaves_on is not None and user.leaves_on <= today:
        yield "left"
    if user.suspended:
        yield "suspended"
    if user.vetted_on is None or (today - user.vetted_on).days > VETTING_DAYS:
        yield "not vetted"
    if not user.trained:
        yield "not trained"
    if not user.agreed:
        yield "agreement not signed"
    if not user.accredited:
        yield "not accredited"
    if not user.employer_accredited:
        yield "employer not accredited"


def awake(used: datetime, now: datetime) -> bool:
    """Whether a session that was last used at a moment is still open."""
    return now - used < IDLE
