"""The family tester: searches one family name again and again, to see who bears it."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

OFTEN = 5.0  # seconds


@habit("family_tester", misuse="searches one family name again and again")
def family_tester(me: Me) -> Steps:
    """The same name with every given name that goes with it, and from the beginning."""
    children = me.namesakes()
    me.misuses()
    while True:
        for child in children:
            me.ask("search by name", child, me.reason())
            yield me.pause(OFTEN)
