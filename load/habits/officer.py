"""The officer: shields records of the area, lifts shields, gives records to other authorities and accepts theirs."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

LOOKS, LONGEST = 4, 16  # how often an officer looks after it has taken hold; and at all, while somebody must consent
OFTEN = 0.5  # seconds between two looks
KINDS = ("shield", "unshield", "move", "merge")


@habit("officer")
def officer(me: Me) -> Steps:
    """Do what is due and watch it take hold; the usual work while nothing is."""
    while True:
        due = me.due(*KINDS)
        if due is None:
            me.ask("view", me.near(), me.reason())
            yield me.think()
            continue
        me.ask("view", due.child, me.reason())
        yield me.pause(OFTEN)
        # Where a second officer is needed the first one clicks twice: one officer is one officer.
        me.take(due, beside=due.operation if due.waits else "view")
        left = LONGEST if due.waits else LOOKS
        while left and not me.is_awaited():
            yield me.pause(OFTEN)
            me.ask("view", due.child, me.reason() if left % 2 else None)
            left = min(left - 1, LOOKS) if me.is_over(due) else left - 1
