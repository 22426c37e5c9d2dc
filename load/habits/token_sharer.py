"""The sharer of a token: a colleague works in the same session, at another desk and at the same time."""

from __future__ import annotations

from overreach.load.habit import Steps, habit
from overreach.load.me import Me

DESKS = ("Mozilla/5.0 (desk 1)", "Mozilla/5.0 (desk 2)")  # what the two browsers call themselves
OFTEN = 10.0  # seconds


@habit("token_sharer", misuse="two people work in one session")
def token_sharer(me: Me) -> Steps:
    """Two desks in turn, each with a child of its own."""
    children = [me.near(), me.near()]
    me.misuses()
    while True:
        for number, agent in enumerate(DESKS):
            me.agent = agent
            me.ask("search by name", children[number], me.reason())
            me.ask("view", children[number], me.reason())
            children[number] = me.near()
            yield me.pause(OFTEN)
