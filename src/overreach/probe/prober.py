"""Asking: one user's request for one child, sent, read and judged.

One request is in flight at a time. Judging is done beside it, by one thread that judges in the order of asking, so
that it costs no time while the target is at work.
"""

from __future__ import annotations

import itertools
import sys
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from overreach.model.decision import RungContext
from overreach.model.probe import Answer, Observation, Probe, Request
from overreach.model.terms import Part
from overreach.pack.config import Operation
from overreach.probe.session import Bench
from overreach.target.identity import Sender, Session
from overreach.target.operations import render

Listener = Callable[[Observation], None]

BEHIND = 256  # answers that may wait to be judged
# Seconds after which a judging thread gives way to the one that waits for an answer: shorter than an answer takes.
_GIVE_WAY = 0.0002


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was answered, and is judged meanwhile."""

    status: int
    observation: Future[Observation]


class Prober:
    """Asks on behalf of users, one request at a time, and tells a listener of every observation.

    Use it as a context: on leaving, everything that was asked has been judged and told.
    """

    def __init__(self, bench: Bench, sender: Sender, part: Part, listener: Listener) -> None:
        self._bench = bench
        self._sender = sender
        self._part = part
        self._listener = listener
        self._numbers = itertools.count(1)
        self._worker = ThreadPoolExecutor(1, "judge")
        self._behind: deque[Future[Observation]] = deque()
        self._interval = sys.getswitchinterval()

    def __enter__(self) -> Self:
        sys.setswitchinterval(_GIVE_WAY)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._catch_up(0)
        finally:
            self._worker.shutdown(cancel_futures=True)
            sys.setswitchinterval(self._interval)

    def ask(self, session: Session, operation: Operation, child: int, context: RungContext) -> Asked | None:
        """Ask one operation about a child; None where the child has no value for a field that it needs.

        Whatever judging an earlier answer raised is raised here.
        """
        asked = self.exchange(session, operation, child, context)
        return None if asked is None else Asked(asked[1].status, self.later(lambda: self.judge(operation, *asked)))

    def judge(self, operation: Operation, probe: Probe, answer: Answer) -> Observation:
        """The observation of an answer, judged at once and told to nobody."""
        return self._bench.judge.observe(probe, operation, answer)

    def later(self, judging: Callable[[], Observation]) -> Future[Observation]:
        """Judge beside the next request, in order, and tell the listener."""

        def told() -> Observation:
            observation = judging()
            self._listener(observation)
            return observation

        future = self._worker.submit(told)
        self._behind.append(future)
        self._catch_up(BEHIND)
        return future

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

    def _catch_up(self, most: int) -> None:
        while len(self._behind) > most or (self._behind and self._behind[0].done()):
            self._behind.popleft().result()


def send(sender: Sender, session: Session, request: Request) -> Answer:
    """Send a request as a signed-in user, with its correlation id."""
    headers = (("Authorization", session.authorization), ("X-Request-ID", request.request_id))
    return sender.send(request.method, request.path, request.body.encode(), headers)
