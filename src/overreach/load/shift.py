"""One shift of many users in one process: who works it, when all are up, how it ends.

Runs inside the loading process; the content of `load/` gives the users their habits. What all processes share is made
before they part, so that their memory is the same; `begin` makes what is each one's own.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Self

from overreach.load import record
from overreach.load.agenda import Agenda
from overreach.load.asking import Asking, Tell
from overreach.load.befalling import draw
from overreach.load.book import Book
from overreach.load.changes import Unsettled
from overreach.load.habit import Habit, assigned, habits_of
from overreach.load.journal import write_people
from overreach.load.lease import Lease
from overreach.load.me import Me
from overreach.load.members import Caseload, enough, members
from overreach.model.errors import OverreachError, SyntheticOnlyError
from overreach.model.terms import Rung
from overreach.pack.config import Operation, Pack
from overreach.population.store import Population
from overreach.probe.session import Bench, SessionFile
from overreach.target.identity import Session

TELL_EVERY = 1.0  # seconds between two words of how it goes
# Newcomers after whom the collector is told that everything stays until the end. Looking through all users again and
# again takes longer than a heartbeat may.
SETTLED_AT = 2000
COLLECTS_AFTER = 5_000, 20, 100  # new objects, and collections of the younger generation


class Shift:
    """What the users of one loading process share; made for cooperative threads, one at a time in here."""

    def __init__(self, file: SessionFile, bench: Bench, order: record.Order) -> None:
        self.file = file
        self.bench = bench
        self.order = order
        self.folder = record.folder_of(file.results)
        self.reasons = sorted(
            {
                context.claims.reason
                for context in bench.pack.rungs
                if context.rung is Rung.DECLARED and context.claims.reason is not None
            }
        )
        self.up = threading.Event()
        """Set when every user of every process has had an answer."""
        self.over = threading.Event()
        """Set when nobody shall ask anything more."""
        self.answered = 0
        """Users who have had a whole answer."""
        self.caseload = Caseload(bench, file.seed)
        self.part = 0
        self._lease = None if order.part is None else Lease(self.folder / record.LEASE)
        self.people: list[Me] = []
        self.on_throttle: Callable[[], None] = _nobody
        self._habits: tuple[Habit, ...] = habits_of(bench.pack)
        everybody = range(bench.population.users_count)
        self._roles = [str(bench.population.user_fields(user)["role"]) for user in everybody]
        self._habit_of = assigned(bench.pack.load.habits, self._roles, file.seed)
        self._members = members(bench, file.seed)
        enough(len(self._members), order.users)
        drawn = draw(bench, file.seed, self._members[: order.users]) if order.changes else ()
        self.agenda = Agenda.of(bench, drawn)
        self._finished = threading.Event()
        self._up_at = self._since = 0.0
        self._warm()

    @classmethod
    def open(cls, session_file: Path) -> Self:
        """The shift that the driver ordered; OverreachError where it cannot be worked."""
        file = SessionFile.read(session_file)
        order = record.Order.read(record.folder_of(file.results))
        population = Population.open(Path(file.population), Path(file.lookups) if file.lookups else None)
        return cls(file, Bench.build(Pack.read(Path(file.pack)), population, file.switches), order)

    def begin(self, part: int, tell: Tell) -> list[int]:
        """Be one of the processes that share the work; its members, in the order in which they come."""
        self.part = part
        self.folder.mkdir(parents=True, exist_ok=True)
        self.book = Book(self.folder, part, list(self.bench.pack.target.operations), self.reasons)
        self.agenda.share(part, self.order.parts)
        unsettled = Unsettled(self.folder, part, self.order.slack)
        self.asking = Asking(self, self.book, unsettled, tell)
        # Rubbish of single requests is young; all that lasts is not to be looked through again and again.
        gc.set_threshold(*COLLECTS_AFTER)
        self.book.summary.bytes_before = proportional_set_size()
        self._since = perf_counter()
        threading.Thread(target=self._say, daemon=True).start()
        return self._members[part :: self.order.parts]

    def operation(self, name: str) -> Operation:
        """The operation of that name; UnknownNameError lists the known ones."""
        return self.bench.pack.target.operation(name)

    def employ(self, session: Session, first: int = 0) -> Me:
        """A member who is signed in, with its habit; `first` is the number before that of its first request."""
        me = Me(self, session, self._roles[session.user], self._habits[self._habit_of[session.user]])
        me.asked = first
        self.people.append(me)
        if len(self.people) % SETTLED_AT == 0:
            gc.freeze()
        return me

    def may_ask(self) -> bool:
        """Whether anybody may still ask something: the shift is not over, and this worker is not given up."""
        if self.over.is_set():
            return False
        if self._lease is None or self._lease.holds():
            return True
        self.fail("nothing was heard of the master for too long")
        self.over.set()
        return False

    def first_answer(self) -> None:
        """Count somebody who has had an answer."""
        self.answered += 1

    def throttled(self) -> None:
        """The target asks for patience."""
        self.book.summary.throttled += 1
        self.book.timeline.at(time.time()).throttled += 1
        self.on_throttle()

    def everybody_is_up(self) -> None:
        """Begin the time that was ordered."""
        if self.up.is_set():
            return
        self._up_at = perf_counter()
        summary = self.book.summary
        summary.spawn_seconds = self._up_at - self._since
        summary.up_at = time.time()
        summary.since_up = -summary.requests
        summary.bytes_after = proportional_set_size()
        gc.freeze()
        self.up.set()

    def elapsed(self) -> float:
        """Which share of the ordered time is over, from 0 to 1; 0 until everybody is there."""
        return min((perf_counter() - self._up_at) / self.order.seconds, 1.0) if self._up_at else 0.0

    def stop(self, error: OverreachError) -> None:
        """Note why the run must stop."""
        summary = self.book.summary
        if not summary.stopped:
            summary.stopped, summary.remedy = error.message, error.remedy
            summary.real_person = isinstance(error, SyntheticOnlyError)

    def fail(self, reason: str) -> None:
        """Count an error of the loading process itself."""
        failures = self.book.summary.failures
        failures[reason] = failures.get(reason, 0) + 1

    def finish(self) -> None:
        """Report; nothing more is asked after this."""
        self._finished.set()
        summary = self.book.summary
        summary.users = self.answered
        if self._up_at:
            summary.seconds = perf_counter() - self._up_at
            summary.since_up += summary.requests
        for me in self.people:
            habits = summary.people.setdefault(me.role, {})
            people, asked, misusing = habits.get(me.habit.name, (0, 0, 0))
            own = me.asked % record.LATER  # without what another worker had asked for this user
            habits[me.habit.name] = (people + 1, asked + own, misusing + (me.misuses_since is not None))
        self.asking.finish()
        self.book.close()
        rows = [(me.user, me.habit.name, me.misuses_since, me.asked) for me in self.people]
        write_people(self.folder / record.PEOPLE.format(self.part), rows)
        summary.write(self.folder)

    def _say(self) -> None:
        """Say once a second how it goes, until the end."""
        while not self._finished.wait(TELL_EVERY):
            recent = self.book.timeline.recent(time.time(), 3)
            summary = self.book.summary
            flushed = time.time()
            if self._lease is not None:
                self.book.flush()
            value = {
                "flushed": flushed,
                "users": self.answered,
                "requests": summary.requests,
                "rate": recent.answers / 3,
                "p95": recent.latency.under(0.95),
                "overreach": summary.verdicts.get("overreach", 0),
                "unproven": summary.verdicts.get("unproven", 0),
                "passed": perf_counter() - self._up_at if self._up_at else 0.0,
            }
            record.replace_json(self.folder / record.LIVE.format(self.part), value)

    def _warm(self) -> None:
        """Load what judging reads: once for all processes, and not as memory of the users."""
        self.bench.prepare()
        for context in self.bench.pack.rungs:
            self.bench.grid.facets(0, 0, context.claims)
        self.bench.population.close()


def _nobody() -> None:
    """Nobody listens."""


def proportional_set_size() -> int:
    """Bytes of memory of this process: pages shared with others in part, those of mapped files not at all."""
    gc.collect()
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) * 1024
    return 0
