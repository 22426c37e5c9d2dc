"""The supplier's administrator: an account for looking after the system, which should read nothing."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me


@habit("supplier", misuse="reads records with an account that is for looking after the system")
def supplier(me: Me) -> Steps:
    """A search and a view, as a practitioner would."""
    me.misuses()
    while True:
        child = me.anywhere()
        me.ask("search by name", child, me.reason())
        yield me.think()
        me.ask("view", child, me.reason())
        yield me.think()
