"""The run's own target as a stage, for requests that change nothing.

Its sessions are shared with the other parts of a run, one after another: what a session has stated or overridden
before is not known here. So each request carries its own reason, and whatever writes belongs into a world.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from overreach.model.errors import PackError
from overreach.probe.session import RunSession
from overreach.scenario.doors import Leases
from overreach.scenario.reply import Reply
from overreach.scenario.stage import Question, Stage
from overreach.target.identity import Session


class Target(Stage):
    """The running system."""

    def ask(self, session: Session, question: Question) -> Reply:
        """As of any stage; PackError for a request whose answer depends on what the session did before."""
        operation = question.operation
        changes = operation.writes or operation.raises is not None or operation.ends is not None
        unclear = not operation.by and question.child is not None and question.claims.reason is None
        if changes or unclear:
            message = f"`{operation.name}` on the shared target {'changes' if changes else 'depends on'} its state"
            raise PackError(message, "use `world()`" if changes else "state a reason, or use `world()`")
        return super().ask(session, question)


@contextlib.contextmanager
def live_target(session: RunSession) -> Iterator[Target]:
    """The target of a session, with a connection of its own."""
    with contextlib.closing(session.target()) as sender:
        yield Target(session.bench, sender, Leases(session.broker), "scenarios")
