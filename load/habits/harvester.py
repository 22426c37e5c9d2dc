"""The harvester: opens as many records as the rights allow, each by number and date of birth."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

OFTEN = 2.0  # seconds


@habit("harvester", misuse="opens as many records as the rights allow")
def harvester(me: Me) -> Steps:
    """The next record, always with a reason."""
    me.misuses()
    while True:
        me.ask("view", me.near(), me.reason())
        yield me.pause(OFTEN)
