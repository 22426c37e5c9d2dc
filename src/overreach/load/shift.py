"""One shift of many users: who works it, when all are up, what they asked, and how every answer was judged.

Runs inside the loading process; the content of `load/` gives the users their habits and does the asking.
"""

from __future__ import annotations

import gc
import threading
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Self

import numpy as np

from overreach.load import record
from overreach.load.members import Caseload, enough, members
from overreach.load.second_oracle import SecondOracle
from overreach.model.decision import Claims, RungContext
from overreach.model.errors import OverreachError, SyntheticOnlyError, TargetError
from overreach.model.probe import Answer, Observation, Probe
from overreach.model.terms import Facet, Part, Rung, Verdict
from overreach.pack.config import Operation
from overreach.probe.record import to_line
from overreach.probe.session import RunSession
from overreach.target.identity import Session
from overreach.target.operations import render

CHECK_EVERY = 1000  # answers between two whose decision cedarpy makes again
_PATIENCE = (429, 503)


@dataclass(slots=True)
class Worker:
    """One member at work."""

    session: Session
    role: str
    asked: int = 0
    declared: dict[int, str] = field(default_factory=dict)
    """Child -> reason declared in this session."""


class Shift:
    """What the users of one loading process share; made for cooperative threads, one at a time in here."""

    def __init__(self, session: RunSession, order: record.Order) -> None:
        self.session = session
        self.bench = session.bench
        self.order = order
        self.reasons = [
            context.claims.reason
            for context in self.bench.pack.rungs
            if context.rung is Rung.DECLARED and context.claims.reason is not None
        ]
        self.caseload = Caseload(self.bench, session.file.seed)
        self.summary = record.Summary()
        self.up = threading.Event()
        """Set when every user has had an answer."""
        self.over = threading.Event()
        """Set when nobody shall ask anything more."""
        self._folder = record.folder_of(session.file.results)
        available = members(self.bench, session.file.seed, order.part, order.parts)
        enough(len(available), order.users)
        self._waiting = iter(available)
        self._signing_in = threading.Lock()
        self._answered: set[int] = set()
        self._since_up = 0
        self._latency: dict[str, array[float]] = defaultdict(lambda: array("d"))
        self._oracle = SecondOracle(self.bench)
        self._lines = (self._folder / record.OBSERVATIONS).open("wb")
        self._warm()
        self.summary.bytes_before = proportional_set_size()
        self._began = perf_counter()
        self._up_at = 0.0

    @classmethod
    def open(cls) -> Self:
        """The shift that the driver ordered; OverreachError where it cannot be worked."""
        session = RunSession.open()
        return cls(session, record.Order.read(record.folder_of(session.file.results)))

    @property
    def heard(self) -> bool:
        """Whether any user has had a whole answer."""
        return bool(self._answered)

    def operation(self, name: str) -> Operation:
        """The operation of that name; UnknownNameError lists the known ones."""
        return self.bench.pack.target.operation(name)

    def arrive(self) -> Worker | None:
        """The next member, signed in; None where nobody is left."""
        with self._signing_in:
            for user in self._waiting:
                try:
                    session = self.session.broker.lease(user, Part.LOAD)
                except TargetError:
                    continue  # another part works with this user
                if session is None:
                    self.summary.refused += 1
                    continue
                return Worker(session, str(self.bench.population.user_fields(user)["role"]))
        self.fail("no member left to take part")
        return None

    def probe(
        self, worker: Worker, operation: Operation, child: int, stated: str | None, *, carried: bool
    ) -> Probe | None:
        """The next request of a worker; None where the child lacks a field that it needs.

        `stated` is the reason that holds for it; `carried` says whether the request itself states it, rather than
        one made before.
        """
        claims = Claims(reason=stated)
        number = f"load-{worker.session.user}-{worker.asked + 1}"
        fields = self.bench.population.child_fields(child)
        request = render(operation, fields, claims if carried else Claims(), number)
        if request is None:
            return None
        worker.asked += 1
        self.summary.asked += 1
        context = RungContext(Rung.DECLARED if stated else Rung.OPEN, claims)
        return Probe(
            part=Part.LOAD,
            operation=operation.name,
            user=worker.session.user,
            role=worker.role,
            child=child,
            rung=context.rung,
            claims=claims,
            request=request,
            by=operation.by,
        )

    def judge(self, probe: Probe, operation: Operation, answer: Answer) -> Observation | None:
        """Judge an answer and report it; None where the run must stop instead."""
        try:
            observation = self.bench.judge.observe(probe, operation, answer)
            self.summary.requests += 1
            if self.summary.requests % CHECK_EVERY == 1 and probe.child is not None:
                self._oracle.check(probe.user, probe.child, probe.claims)
                self.summary.checked += 1
        except OverreachError as error:
            self.stop(error)
            return None
        self._lines.write(to_line(observation))
        self._latency[operation.name].append(answer.seconds)
        self.summary.permitted += observation.verdict is Verdict.HELD and bool(observation.disclosures)
        self._count(probe.user, answer)
        return observation

    def stop(self, error: OverreachError) -> None:
        """Note why the run must stop."""
        if not self.summary.stopped:
            self.summary.stopped, self.summary.remedy = error.message, error.remedy
            self.summary.real_person = isinstance(error, SyntheticOnlyError)

    def fail(self, reason: str) -> None:
        """Count an error of the loading process itself."""
        self.summary.failures[reason] = self.summary.failures.get(reason, 0) + 1

    def finish(self) -> None:
        """Report; nothing more is asked after this."""
        ended = perf_counter()
        summary = self.summary
        summary.users = len(self._answered)
        if self._up_at:
            summary.seconds = ended - self._up_at
            summary.rate = self._since_up / summary.seconds if summary.seconds else 0.0
        summary.latency = {
            name: (float(p50), float(p95), float(p99))
            for name, seconds in sorted(self._latency.items())
            for p50, p95, p99 in [np.percentile(seconds, [50, 95, 99])]
        }
        self._lines.close()
        summary.write(self._folder)

    def _count(self, user: int, answer: Answer) -> None:
        self.summary.throttled += answer.status in _PATIENCE and bool(answer.header("retry-after"))
        self._since_up += self.up.is_set()
        if self.up.is_set() or answer.error:
            return
        self._answered.add(user)
        if len(self._answered) == self.order.users:
            self._up_at = perf_counter()
            self.summary.spawn_seconds = self._up_at - self._began
            self.summary.bytes_after = proportional_set_size()
            self.up.set()

    def _warm(self) -> None:
        """Load what judging reads, so that it does not count as memory of the users."""
        self.bench.population.child_fields(0)
        self.bench.population.user_fields(0)
        for facet in Facet:
            self.bench.population.facet_values(0, facet)
        for context in self.bench.pack.rungs:
            self.bench.grid.facets(0, 0, context.claims)


def proportional_set_size() -> int:
    """Bytes of memory of this process, pages shared with others counted in part."""
    gc.collect()
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
