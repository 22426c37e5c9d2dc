"""What a mediator may read out to a caller.

R20      Caller and mediator are both known; what is read out is what both may read: the intersection.
R14      A mediator lends what it would read as an ordinary user. The hidden part, sensitive services and the
         archive are never lent, whoever asks: the hidden part is for brokering.
"""

from __future__ import annotations

from overreach.contactpoint import roles
from overreach.contactpoint.decisions.reading import NOTHING, view_as
from overreach.contactpoint.facts import Child, Claims, Switches, User
from overreach.contactpoint.roles import Role, role_of


def mediates(user: User) -> bool:
    """Whether the user may mediate at all."""
    return bool(role_of(user.role).lends)


def lends(switches: Switches, mediator: User, child: Child, claims: Claims) -> frozenset[str]:
    """The facets that a mediator may read out; `child.involved` is the caller's, and does not count here."""
    post = Role(role_of(mediator.role).lends)
    if not post.facets or child.archive_year:
        return NOTHING
    return view_as(switches, post, mediator, child._replace(involved=False), claims._replace(override=False))


def both(caller: frozenset[str], mediator: frozenset[str]) -> frozenset[str]:
    """What is left where two must agree; nothing without existence."""
    shared = caller & mediator
    return shared if roles.EXISTENCE in shared else NOTHING
