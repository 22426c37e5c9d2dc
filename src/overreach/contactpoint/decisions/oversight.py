"""Who watches over the users, and who watches the watchers.

R9       Log and alerts are reviewed locally and centrally: a management team reads the rows of its own area's users,
         the central team those of all. An alert that names a child is for the areas of child and user alike, any
         other is for every team. Reading the log in full takes a case, and is the central team's.
R13, R19 An alert is answered by somebody else than the user whom it is about and that user's manager.
"""

from __future__ import annotations

from overreach.contactpoint.facts import User
from overreach.contactpoint.roles import role_of


def reads_log(user: User) -> bool:
    """Whether the user may read the log and the alerts."""
    return role_of(user.role).reads_log


def unmasks_log(user: User) -> bool:
    """Whether the user may read the log in full, for a stated case."""
    return reads_log(user) and user.national


def log_areas(user: User) -> frozenset[int] | None:
    """Areas whose users' rows somebody who reads the log may see; None for all."""
    return None if user.national else user.areas


def answers_alert(user: User, concerned: int | None, manager: int | None) -> bool:
    """Whether the user may answer an alert about a user with a manager, each by row."""
    return reads_log(user) and user.user not in (concerned, manager)
