"""Asking: one user's request for one child, sent, read and judged.

One request is in flight at a time. An answer is judged while the target is at work on the next request, in the
order of asking: judging costs no time of its own, and needs no second thread that would hold up the asking.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
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
REMEMBERED = 4096  # users, and as many children, who are often asked for again soon


class Waiting:
    """An answer that waits to be judged."""

    def __init__(self, judging: Callable[[], Observation], catch_up: Callable[[], None]) -> None:
        self._judging = judging
        self._catch_up = catch_up
        self._observation: Observation | None = None

    def judge(self) -> Observation:
        """Judge it; whatever judging raises leaves."""
        self._observation = self._judging()
        return self._observation

    def result(self) -> Observation:
        """The observation; whatever waits before it is judged first."""
        if self._observation is None:
            self._catch_up()
        assert self._observation is not None  # noqa: S101 - all that waited was judged
        return self._observation


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was answered, and is judged with the next one."""

    status: int
    observation: Waiting


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
        self._waiting: deque[Waiting] = deque()
        self._fields_of = lru_cache(REMEMBERED)(bench.population.child_fields)
        self._role_of = lru_cache(REMEMBERED)(lambda user: str(bench.population.user_fields(user)["role"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.catch_up()

    def ask(self, session: Session, operation: Operation, child: int, context: RungContext) -> Asked | None:
        """Ask one operation about a child; None where the child has no value for a field that it needs.

        Whatever judging an earlier answer raises is raised here.
        """
        asked = self.exchange(session, operation, child, context)
        return None if asked is None else Asked(asked[1].status, self.later(lambda: self.judge(operation, *asked)))

    def judge(self, operation: Operation, probe: Probe, answer: Answer) -> Observation:
        """The observation of an answer, judged at once and told to nobody."""
        return self._bench.judge.observe(probe, operation, answer)

    def later(self, judging: Callable[[], Observation]) -> Waiting:
        """Judge while the target is at work on the next request, in order, and tell the listener."""
        waiting = Waiting(judging, self.catch_up)
        self._waiting.append(waiting)
        return waiting

    def catch_up(self) -> None:
        """Judge all that waits and tell the listener; whatever judging raises leaves, now and at every further call."""
        while self._waiting:
            self._listener(self._waiting[0].judge())
            self._waiting.popleft()

    def exchange(
        self,
        session: Session,
        operation: Operation,
        child: int | None,
        context: RungContext,
        fields: Mapping[str, str | None] | None = None,
    ) -> tuple[Probe, Answer] | None:
        """Send the request of an operation and give it with its answer, unjudged."""
        values = fields if fields is not None else self._fields_of(child or 0)
        request = render(operation, values, context.claims, f"{self._part.value}-{next(self._numbers)}")
        if request is None:
            return None
        probe = Probe(
            part=self._part,
            operation=operation.name,
            user=session.user,
            role=self._role_of(session.user),
            child=child,
            rung=context.rung,
            claims=context.claims,
            request=request,
            by=operation.by,
        )
        return probe, send(self._sender, session, request, self.catch_up)


def send(sender: Sender, session: Session, request: Request, meanwhile: Callable[[], None] | None = None) -> Answer:
    """Send a request as a signed-in user, with its correlation id; `meanwhile` is done while the target is at work."""
    headers = (("Authorization", session.authorization), ("X-Request-ID", request.request_id))
    return sender.send(request.method, request.path, request.body.encode(), headers, meanwhile)
