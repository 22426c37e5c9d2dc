"""Asking: one user's request for one child, sent, read and judged."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

from overreach.model.decision import RungContext
from overreach.model.probe import Answer, Observation, Probe, Request
from overreach.model.terms import Part
from overreach.pack.config import Operation
from overreach.probe.session import Bench
from overreach.target.identity import Sender, Session
from overreach.target.operations import render

Listener = Callable[[Observation], None]


class Prober:
    """Asks on behalf of users, one request at a time, and tells a listener of every observation."""

    def __init__(self, bench: Bench, sender: Sender, part: Part, listener: Listener) -> None:
        self._bench = bench
        self._sender = sender
        self._part = part
        self._listener = listener
        self._numbers = itertools.count(1)

    def ask(
        self,
        session: Session,
        operation: Operation,
        child: int,
        context: RungContext,
        fields: Mapping[str, str | None] | None = None,
    ) -> Observation | None:
        """Ask one operation about a child; None where the child has no value for a field that it needs."""
        answer_of = self.exchange(session, operation, child, context, fields)
        if answer_of is None:
            return None
        probe, answer = answer_of
        observation = self._bench.judge.observe(probe, operation, answer)
        self._listener(observation)
        return observation

    def exchange(
        self,
        session: Session,
        operation: Operation,
        child: int | None,
        context: RungContext,
        fields: Mapping[str, str | None] | None = None,
    ) -> tuple[Probe, Answer] | None:
        """Send the request of an operation and give it with its answer, unjudged."""
        population = self._bench.population
        values = fields if fields is not None else population.child_fields(child or 0)
        request = render(operation, values, context.claims, f"{self._part.value}-{next(self._numbers)}")
        if request is None:
            return None
        probe = Probe(
            part=self._part,
            operation=operation.name,
            user=session.user,
            role=str(population.user_fields(session.user)["role"]),
            child=child,
            rung=context.rung,
            claims=context.claims,
            request=request,
            by=operation.by,
        )
        return probe, send(self._sender, session, request)


def send(sender: Sender, session: Session, request: Request) -> Answer:
    """Send a request as a signed-in user, with its correlation id."""
    headers = (("Authorization", session.authorization), ("X-Request-ID", request.request_id))
    return sender.send(request.method, request.path, request.body.encode(), headers)
