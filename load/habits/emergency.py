"""The emergency: a shielded record is opened by the override right, read, closed, and looked at again."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

SOON = 0.5  # seconds between two steps of one emergency


@habit("emergency")
def emergency(me: Me) -> Steps:
    """One record after the other, with time to think in between."""
    while True:
        child, reason = me.at_rest("shielded"), me.reason()
        if child is not None:
            for operation in ("override", "view", "end override", "view"):
                me.ask(operation, child, reason)
                yield me.pause(SOON)
        yield me.think()
