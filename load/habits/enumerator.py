"""The enumerator: walks through record numbers that nobody was given."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

OFTEN = 1.0  # seconds


@habit("enumerator", misuse="walks through record numbers that nobody was given")
def enumerator(me: Me) -> Steps:
    """One number after the other, from a place of one's own."""
    place = me.anywhere()
    me.misuses()
    while True:
        me.ask_number_of_nobody("open", place)
        place += 1
        yield me.pause(OFTEN)
