"""What listens to observations: the tally, the findings, the memory for the log, the evidence, the hazards seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from overreach.model.probe import Observation
from overreach.model.terms import Part, Verdict
from overreach.probe.findings import Gatherer
from overreach.probe.logbook import Sent, found_in, owes_alert
from overreach.probe.record import to_line
from overreach.probe.session import Bench
from overreach.probe.tally import Tally

REMEMBERED = 4096  # users, and as many children, who are often met again soon
# What the users of a load sent is compared with the log from their journal (`load.comparing`).
_IN_COLUMNS = frozenset({Part.LOAD, Part.WIRE})
Writer = Callable[[bytes], None]
"""Takes one observation as a line of JSON."""


class Listener:
    """Hears every observation of a run once, whichever part made it."""

    def __init__(self, bench: Bench, gatherer: Gatherer, write: Writer, parts: frozenset[Part]) -> None:
        self._bench = bench
        # What crosses the wire is the load's own traffic: it is counted once.
        self._remembered = parts - {Part.WIRE} if Part.LOAD in parts else parts
        self._gatherer = gatherer
        self._write = write
        people = bench.population
        self._username = lru_cache(REMEMBERED)(lambda user: str(people.user_fields(user)["username"]))
        self._number = lru_cache(REMEMBERED)(lambda child: str(people.child_fields(child)["number"]))
        self.tally = Tally(bench.grid, dict(bench.pack.target.operations))
        self.sent: list[Sent] = []
        self.verdicts: Counter[tuple[Part, Verdict]] = Counter()
        self.reasons: Counter[tuple[Part, str]] = Counter()
        """Why observations were unproven."""
        self.permitted: Counter[str] = Counter()
        """Role -> answers that gave its members something permitted: the control of the session."""

    def hear(self, observation: Observation) -> None:
        """Take one observation."""
        probe = observation.probe
        self._write(to_line(observation))
        self._gatherer.add(observation)
        self.verdicts[probe.part, observation.verdict] += 1
        if observation.verdict is Verdict.UNPROVEN:
            self.reasons[probe.part, observation.why] += 1
        elif observation.disclosures and not observation.violations:
            self.permitted[probe.role] += 1
        if probe.part in self._remembered:
            sent = f"{probe.request.path} {probe.request.body}"
            has = 0 if probe.child is None else self._bench.judge.reader.telling_facets(probe.child, sent)
            self.tally.add(observation, has)
        operation = self._bench.pack.target.operations.get(probe.operation)
        if operation is not None and observation.status and probe.part not in _IN_COLUMNS:
            self.sent.append(
                Sent(
                    probe=probe,
                    username=self._username(probe.user),
                    found=found_in(observation.disclosures, self._number),
                    alert_owed=owes_alert(operation, observation.status),
                )
            )

    @property
    def underreach(self) -> int:
        """Answers that refused what the policy permits."""
        return sum(number for (_, verdict), number in self.verdicts.items() if verdict is Verdict.UNDERREACH)

    @property
    def judged(self) -> int:
        """Different answers judged: what crossed the wire was the load's own traffic, judged at its other end."""
        twice = self.count(Part.WIRE) if Part.LOAD in self._remembered else 0
        return sum(self.verdicts.values()) - twice

    def count(self, part: Part) -> int:
        """Observations of a part."""
        return sum(number for (each, _), number in self.verdicts.items() if each is part)
