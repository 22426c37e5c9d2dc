"""The leaver: works for a while, signs out for good, and goes on asking with the old session."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

BEFORE = 4  # requests while still employed
OFTEN = 3.0  # seconds


@habit("leaver", misuse="goes on asking after the session has ended")
def leaver(me: Me) -> Steps:
    """Honest work, the end of it, and the same questions again."""
    children = [me.near() for _ in range(BEFORE)]
    for child in children:
        me.ask("view", child, me.reason())
        yield me.pause(OFTEN)
    me.sign_out()
    yield me.pause(OFTEN)
    me.misuses()
    while True:
        me.ask("view", me.one_of(children), me.reason())
        yield me.pause(OFTEN)
