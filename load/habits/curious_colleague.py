"""The curious colleague: looks up the children of those who work next door, with a reason that is made up."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

OFTEN = 15.0  # seconds


@habit("curious_colleague", misuse="looks up children of colleagues")
def curious_colleague(me: Me) -> Steps:
    """One colleague's child after the other."""
    while True:
        child = me.of_a_colleague()
        me.misuses()
        me.ask("search by name", child, me.reason())
        yield me.pause(OFTEN)
        me.ask("view", child, me.reason())
        yield me.pause(OFTEN)
