"""Whether somebody may use the registry at all.

R4, R5   A leaver, somebody suspended, unvetted (renewed within three years), untrained, without the signed
         agreement or from an organisation that is not accredited does nothing at all.
"""

from __future__ import annotations

from datetime import date

from overreach.contactpoint.facts import User

VETTING_DAYS = 1096  # three years (R5)


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
    )
