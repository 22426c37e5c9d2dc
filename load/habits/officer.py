"""The officer: shields children of the area while others are reading them, and reads in between."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

OFTEN = 2.0  # seconds


@habit("officer")
def officer(me: Me) -> Steps:
    """Look at a child, shield it, look again; the usual work once nobody is left to be shielded."""
    me.ask("search by name", me.near(), me.reason())
    yield me.think()
    while (child := me.to_shield()) is not None:
        me.ask("view", child, me.reason())
        yield me.pause(OFTEN)
        me.ask("shield", child)
        yield me.pause(OFTEN)
        me.ask("view", child, me.reason())
        yield me.pause(OFTEN)
    while True:
        child = me.near()
        me.ask("search by name", child, me.reason())
        yield me.think()
        me.ask("view", child, me.reason())
        yield me.think()
