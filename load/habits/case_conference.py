"""The case conference: several people look at the same record at the same time, and just while it is changed."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

LOOKS, FASTER = 4, 8.0  # at one record; than those who have a day before them


@habit("case_conference")
def case_conference(me: Me) -> Steps:
    """A record to which something happens, again and again: as it stands open first, then with a reason."""
    while True:
        child = me.in_flux()
        for look in range(LOOKS):
            me.ask("view", child, me.reason() if look else None)
            yield me.think() / FASTER
