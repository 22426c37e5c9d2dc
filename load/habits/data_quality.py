"""The keeper of data: has two records of one child merged, together with an officer of the area, while others read."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

LOOKS, OFTEN = 8, 0.25  # how often the keeper looks whether it has taken hold; seconds between two looks


@habit("data_quality")
def data_quality(me: Me) -> Steps:
    """Look at a record, have it merged, look at what its number gives; search while nothing is due."""
    while True:
        due = me.due("merge")
        if due is None:
            me.ask("search by name", me.near(), me.reason())
            yield me.think()
            continue
        me.ask("view", due.child, me.reason())
        yield me.pause(OFTEN)
        me.take(due, beside="view")
        for _ in range(LOOKS):
            yield me.pause(OFTEN)
            me.ask("view", due.child, me.reason())
