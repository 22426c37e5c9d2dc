"""Whether somebody may use the registry at all.

R4, R5   A leaver, somebody suspended, unvetted (renewed within three years), untrained, without the signed
         agreement or from an organisation that is not accredited does nothing at all. Accredited is who is so both
         in the own account and by the employer.
R6       A session that nobody uses ends after half an hour (a modelling choice).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from overreach.contactpoint.facts import User

VETTING_DAYS = 1096  # three years (R5)
IDLE = timedelta(minutes=30)


def account(user: User, today: date) -> bool:
    """Whether the conditions of access are met today."""
    return (
        (user.leaves_on is None or user.leaves_on > today)
        and not user.suspended
        and user.vetted_on is not None
        and (today - user.vetted_on).days <= VETTING_DAYS
        and user.trained
        and user.agreed
        and user.accredited
        and user.employer_accredited
    )


def awake(used: datetime, now: datetime) -> bool:
    """Whether a session that was last used at a moment is still open."""
    return now - used < IDLE
