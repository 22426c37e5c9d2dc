"""Adding observations up into matrix entries: role x record class x facet x rung, each with its bound.

Of the sweep, only answers that offer a facet count for it; of everything else, what was given away. A probe
counts for an entry when the policy denies the pair the facet at the probe's claims; then it is a failure if the
facet came. A probe of a permitted pair is a positive control. A refused override counts as a probe of what it would
have opened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from overreach.model.probe import Observation
from overreach.model.terms import Facet, Part, Rung, Verdict, facets_of, mask_of
from overreach.pack.config import Operation
from overreach.policy.grid import Grid
from overreach.probe.judge import acknowledged, offered

Key = tuple[str, str, Facet, Rung]


@dataclass(slots=True)
class Count:
    """What was asked of one entry."""

    denied: int = 0
    failures: int = 0
    allowed: int = 0
    refused: int = 0
    """Permitted pairs whose facet has a value and did not come."""
    unproven: int = 0
    why: Counter[str] = field(default_factory=Counter)
    finding: str = ""
    """Key of the finding that the first failure belongs to."""


class Tally:
    """Counts observations as they come; `counts` gives the entries."""

    def __init__(self, grid: Grid, operations: dict[str, Operation]) -> None:
        self._grid = grid
        self._offered = {name: offered(operation) for name, operation in operations.items() if not operation.by}
        everything = mask_of({facet for mask in self._offered.values() for facet in facets_of(mask)})
        self._raising = {
            name: everything for name, operation in operations.items() if operation.raises is Rung.OVERRIDE
        }
        self._groups: Counter[tuple[str, tuple[str, ...], Rung, int, int, int, int, str]] = Counter()
        self._told: dict[Key, Count] = defaultdict(Count)
        self.cells_asked: set[int] = set()
        self.cells_failed: set[int] = set()
        """Cells whose every answer so far was unproven."""

    def add(self, observation: Observation, value_mask: int) -> None:
        """Count one observation of a request about a child; `value_mask` holds the facets of which it has a value."""
        probe = observation.probe
        self._tell(observation)
        if probe.part is not Part.SWEEP or probe.child is None or probe.operation not in self._offered:
            return
        asked = self._offered[probe.operation]
        if probe.operation in self._raising and not acknowledged(observation.status):
            # The glass could not be broken: a refusal that stands for every facet it would have opened.
            asked, value_mask = self._raising[probe.operation], 0
        elif asked == Facet.EXISTENCE.bit:
            return
        cell = self._grid.cell(probe.user, probe.child)
        if observation.verdict is Verdict.UNPROVEN:
            if cell not in self.cells_asked:
                self.cells_failed.add(cell)
        else:
            self.cells_asked.add(cell)
            self.cells_failed.discard(cell)
        allowed = self._grid.facets(probe.user, probe.child, probe.claims) & asked
        got = mask_of({each.facet for each in observation.disclosures if probe.child in (each.child, *each.others)})
        classes = self._grid.classes_of(probe.user, probe.child)
        why = observation.why if observation.verdict is Verdict.UNPROVEN else ""
        # A value that came only through somebody who may be read is a hazard, never a failure.
        excused = mask_of({facet for facet, _ in observation.hazards})
        self._groups[
            (probe.role, classes, probe.rung, allowed, asked, got & asked & ~(excused & ~allowed), value_mask, why)
        ] += 1

    def _tell(self, observation: Observation) -> None:
        """Book what the reading of a record alone does not show: what a search, a load or the wire gave away."""
        probe = observation.probe
        reading = probe.part is Part.SWEEP and probe.operation in self._offered
        for violation in observation.violations:
            if violation.child is None or violation.facet is None:
                continue
            for record_class in self._grid.classes_of(probe.user, violation.child):
                entry = self._told[probe.role, record_class, violation.facet, probe.rung]
                entry.finding = entry.finding or violation.cause
                if not reading or violation.child != probe.child:
                    entry.denied += 1
                    entry.failures += 1

    def counts(self) -> dict[Key, Count]:
        """Every entry that was asked about."""
        entries: dict[Key, Count] = defaultdict(Count)
        for key, told in self._told.items():
            entries[key] = Count(denied=told.denied, failures=told.failures, finding=told.finding)
        for (role, classes, rung, allowed, asked, got, has, why), number in self._groups.items():
            for facet in facets_of(asked):
                for record_class in classes:
                    entry = entries[role, record_class, facet, rung]
                    _book(entry, facet.bit, (allowed, got, has), why, number)
        return entries


def _book(entry: Count, bit: int, masks: tuple[int, int, int], why: str, number: int) -> None:
    allowed, got, has = masks
    if why and not got & bit:
        entry.unproven += number
        entry.why[why] += number
    elif not allowed & bit:
        entry.denied += number
        entry.failures += number if got & bit else 0
    elif has & bit:
        entry.allowed += number if got & bit else 0
        entry.refused += 0 if got & bit else number
