"""A practitioner's day: search, say why, view.

Most children they look for are near: in their area, or involved with them. Some are elsewhere and some are shielded,
so that the target has something to refuse.
"""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

SHIELDED, ELSEWHERE = 0.2, 0.2  # share of the children asked about; the others are near
BY_POSTCODE, WITH_REASON, DECLARES, STATES = 0.15, 0.5, 0.7, 0.5  # shares of what practitioners do


@habit("practitioner")
def practitioner(me: Me) -> Steps:
    """One child after the other."""
    while True:
        yield from case(me)


def case(me: Me) -> Steps:
    """One child: search, perhaps declare a reason, view."""
    child = someone(me)
    reason = me.reason()
    search = "search by postcode" if me.chance(BY_POSTCODE) else "search by name"
    found = me.ask(search, child, reason if me.chance(WITH_REASON) else None)
    yield me.think()
    if reason and me.chance(DECLARES):
        me.ask("declare", child, reason)
        yield me.think()
    if found is not None and found.shows(child):
        me.ask("open", child)
    elif reason and me.chance(STATES):
        me.ask("view", child, reason)
    else:
        me.ask("view", child)
    yield me.think()


def someone(me: Me) -> int:
    """Whom to ask about next."""
    if me.chance(SHIELDED):
        return me.in_class("shielded")
    return me.anywhere() if me.chance(ELSEWHERE / (1 - SHIELDED)) else me.near()
