"""What one process writes down of its answers: counts, latencies, the journal, and in full what is not plainly held."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from overreach.load import record
from overreach.load.histogram import Histogram, bucket_of
from overreach.load.journal import Journal, Row
from overreach.load.sightings import Neighbour, noted
from overreach.load.timeline import Timeline
from overreach.model.probe import Answer, Observation, Probe
from overreach.model.terms import Facet, Verdict
from overreach.pack.config import Operation
from overreach.probe.record import to_line

_HELD = Verdict.HELD
_EXISTENCE = Facet.EXISTENCE

REMEMBERED = 512
"""Answers looked back at for those that were under way together with an overreach."""


class Sent(NamedTuple):
    """A request on its way."""

    probe: Probe
    operation: Operation
    role: str
    carried: bool
    """Whether it states its reason itself."""
    time: float
    """Seconds since the epoch."""


class Book:
    """The notes of one process; `close` completes them."""

    def __init__(self, folder: Path, part: int, operations: list[str], reasons: list[str]) -> None:
        self.summary = record.Summary(part)
        self.timeline = Timeline()
        self.latency: dict[tuple[str, str], Histogram] = {}
        self._folder = folder
        self._lines = (folder / record.OBSERVATIONS.format(part)).open("wb")
        self._neighbours = (folder / record.NEIGHBOURS.format(part)).open("wb")
        self._journal = Journal(folder / record.ANSWERS.format(part), operations, reasons)
        self._under_way: dict[str, Sent] = {}
        self._ended: deque[tuple[Sent, float]] = deque(maxlen=REMEMBERED)

    def begins(self, sent: Sent) -> None:
        """Note that a request is sent."""
        self.summary.asked += 1
        self._under_way[sent.probe.request.request_id] = sent

    def ends(self, sent: Sent, answer: Answer, observation: Observation | None, *, later: bool) -> None:
        """Note an answer and how it was judged; `later` where its judgement is still to come."""
        now = time.time()
        self._under_way.pop(sent.probe.request.request_id, None)
        self.summary.requests += 1
        self._count(sent, answer, observation, now, later=later)
        plain = observation is None or _is_plain(observation)
        if observation is not None:
            self._journal.add(_row(sent, answer, observation, plain=plain and not later))
            if not plain and not later:
                self._lines.write(to_line(observation))
                self._lines.flush()  # a kill takes what is only in memory, and these are few
            if observation.violations and not later:
                self._neighbours.write(noted(observation, sent.time, self._beside(sent)))
                self._neighbours.flush()
        self._ended.append((sent, now))

    def flush(self) -> None:
        """Write what was noted so far, so that others may read it."""
        self._journal.flush()
        self._lines.flush()
        self._neighbours.flush()

    def close(self) -> None:
        """Write what is left."""
        self.summary.timeline = self.timeline.to_json()
        for (role, operation), histogram in sorted(self.latency.items()):
            self.summary.latency.setdefault(role, {})[operation] = histogram.to_json()
        self._journal.close()
        self._lines.close()
        self._neighbours.close()

    def _count(self, sent: Sent, answer: Answer, observation: Observation | None, now: float, *, later: bool) -> None:
        moment = self.timeline.at(now)
        moment.answers += 1
        bucket = bucket_of(answer.seconds)
        moment.latency.count(bucket)
        key = sent.role, sent.operation.name
        histogram = self.latency.get(key)
        if histogram is None:
            histogram = self.latency[key] = Histogram()
        histogram.count(bucket)
        if observation is None:
            return
        verdict = observation.verdict
        self.summary.permitted += verdict is _HELD and bool(observation.disclosures)
        if not later:
            verdicts, name = self.summary.verdicts, verdict.value
            verdicts[name] = verdicts.get(name, 0) + 1
            moment.judged(verdict)

    def _beside(self, sent: Sent) -> Iterator[Neighbour]:
        """What was under way at the same moment."""
        others = [each for each, ended in self._ended if ended >= sent.time]
        for each in (*others, *self._under_way.values()):
            probe = each.probe
            yield Neighbour(probe.request.request_id, each.operation.name, probe.user, probe.child, each.time)


def _is_plain(observation: Observation) -> bool:
    return observation.verdict is _HELD and not observation.violations and not observation.hazards


def _row(sent: Sent, answer: Answer, observation: Observation, *, plain: bool) -> Row:
    probe = sent.probe
    return Row(
        time=sent.time,
        seconds=answer.seconds,
        user=probe.user,
        number=int(probe.request.request_id.rpartition("-")[2]),
        child=probe.child,
        operation=probe.operation,
        reason=probe.claims.reason,
        carried=sent.carried,
        status=answer.status,
        verdict=observation.verdict if plain else None,
        permitted=observation.verdict is _HELD and bool(observation.disclosures),
        found=[each.child for each in observation.disclosures if each.facet is _EXISTENCE],
    )
