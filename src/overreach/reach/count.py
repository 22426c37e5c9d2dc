"""Reach: how many pairs of a user and a child, by role x record class x facet x rung, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from overreach.model.errors import UnknownNameError
from overreach.model.review import Exposure
from overreach.model.terms import Facet, Rung
from overreach.policy.facts import People
from overreach.policy.grid import Grid
from overreach.policy.threads import in_threads
from overreach.reach.exposure import ALL, child_classes, distributions, exposure_of
from overreach.reach.outcomes import Ints, Outcomes, outcomes, rungs_of
from overreach.reach.tally import Floats, Tally, distinct

SHIELDED = "shielded"


@dataclass(frozen=True, slots=True)
class ReachEntry:
    """One entry of the matrix, from the policy alone."""

    role: str
    record_class: str
    facet: Facet
    rung: Rung
    pairs: int
    """Pairs first permitted at this rung."""
    users: int
    """Distinct users in those pairs."""
    children: int
    """Distinct children in those pairs."""
    one_member: int
    """Most children that one member of the role can reach at this rung or below."""
    one_member_min: int
    """Fewest; of the members whom the policy lets read anything of anybody at all."""
    one_member_median: int
    """As many as half of those members reach at least: the lower of two in the middle."""


class Reach:
    """The counts over one population. Make it with `reach`."""

    def __init__(
        self,
        grid: Grid,
        found: Outcomes,
        tally: Tally,
        entries: Sequence[ReachEntry],
        totals: dict[tuple[str, str], int],
    ) -> None:
        self.entries = tuple(entries)
        """By role, record class, facet, rung; zeros included wherever role and class have a pair at all."""
        self._grid = grid
        self._outcomes = found
        self._tally = tally
        self._totals = totals
        self._by_key = {(e.role, e.record_class, e.facet, e.rung): e for e in self.entries}

    def entry(self, role: str, record_class: str, facet: Facet, rung: Rung) -> ReachEntry:
        """One entry; UnknownNameError where the population has no pair of that role and class."""
        key = (role, record_class, facet, rung)
        if key not in self._by_key:
            known = [" ".join(name) for name in self._totals]
            raise UnknownNameError("entry", f"{role} {record_class} {facet} {rung}", known)
        return self._by_key[key]

    @property
    def cells(self) -> int:
        """How many cells the policy can tell apart."""
        return int(np.count_nonzero(self._tally.pairs))

    def check(self, sample: int, seed: int) -> int:
        """As `Grid.check`, without counting the pairs again."""
        return self._grid.check(sample, seed, self._tally.pairs)

    @property
    def child_classes(self) -> tuple[str, ...]:
        """The record classes that are about the child alone, whoever asks."""
        return tuple(child_classes(self._grid))

    def pairs(self, role: str, record_class: str) -> int:
        """All pairs of a user of the role and a child, that are of the record class."""
        return self._totals.get((role, record_class), 0)

    def denied_pairs(self, role: str, record_class: str, facet: Facet, rung: Rung) -> int:
        """Pairs of the role and class that may not read the facet at this rung or below."""
        permitted = sum(
            self._by_key[role, record_class, facet, lower].pairs
            for lower in rungs_of(self._grid)
            if lower.height <= rung.height and (role, record_class, facet, lower) in self._by_key
        )
        return self.pairs(role, record_class) - permitted

    def exposure(self, facet: Facet, rung: Rung = Rung.OUTSIDE) -> Ints:
        """Child -> distinct users who could open the facet at this rung or below (any rung if not given)."""
        return exposure_of(self._grid, self._outcomes, self._tally, facet, rung)

    def exposures(self, facets: Iterable[Facet], groups: Sequence[str] = (ALL, SHIELDED)) -> tuple[Exposure, ...]:
        """Exposure at any rung, over all children and over the record classes named, where the policy has them.

        Only the classes of `child_classes` can be named; UnknownNameError for another one.
        """
        return tuple(distributions(self._grid, self._outcomes, self._tally, facets, groups))


def reach(grid: Grid, population: People) -> Reach:
    """Count the grid's population; ValueError where the grid was built over another one."""
    if grid.people is not population:
        message = "the grid was built over another population"
        raise ValueError(message)
    outcome = outcomes(grid)
    tally = Tally(grid, outcome.of)
    classes = tuple(grid.policy.classes)
    of_class = grid.class_members()
    sizes = np.array([(tally.pairs * each).sum(axis=(1, 2)) for each in of_class]).reshape(len(classes), -1)
    totals: dict[tuple[str, str], int] = {}
    for role, user_classes in grid.roles.items():
        of_role = sizes[:, user_classes].sum(axis=1)
        totals |= {(role, name): int(n) for name, n in zip(classes, of_role, strict=True) if n}
    count = _Entries(grid, outcome, tally)
    found = in_threads(lambda role: list(count.of_role(role)), grid.roles)
    entries = [entry for part in found for entry in part if (entry.role, entry.record_class) in totals]
    return Reach(grid, outcome, tally, entries, totals)


class _Entries:
    """Makes the entries of one role after another."""

    def __init__(self, grid: Grid, found: Outcomes, tally: Tally) -> None:
        self._grid = grid
        self._outcomes = found
        self._tally = tally
        booked = found.booked()[:, :-1]
        self._counted = np.stack([booked, booked.cumsum(axis=3, dtype=np.bool_)], axis=1)
        """(outcome, here or below, record class, facet, rung)"""
        self._active = found.active()

    def of_role(self, role: str) -> Iterator[ReachEntry]:
        """By record class, facet and rung; all of them."""
        user_classes = self._grid.roles[role]
        columns, (here, below) = distinct(self._counted, np.unique(self._outcomes.of[user_classes]))
        totals = self._tally.totals(user_classes, columns)
        active = self._active[self._grid.users.of[self._tally.users(user_classes)]]
        least, median, most = _spread(totals.members[:, active])
        classes = tuple(self._grid.policy.classes)
        for record_class, facet, rung in np.ndindex(*here.shape):
            place, member = here[record_class, facet, rung], below[record_class, facet, rung]
            yield ReachEntry(
                role,
                classes[record_class],
                tuple(Facet)[facet],
                self._outcomes.rungs[rung],
                pairs=int(totals.pairs[place]),
                users=int(totals.users[place]),
                children=int(totals.children[place]),
                one_member=int(most[member]),
                one_member_min=int(least[member]),
                one_member_median=int(median[member]),
            )


def _spread(members: Floats) -> tuple[Ints, Ints, Ints]:
    """(what is counted, user) -> fewest, middle (of two, the lower one) and most; 0 where there is no user."""
    spread = members.astype(np.int64)
    if not spread.shape[1]:
        spread = np.zeros((len(spread), 1), dtype=np.int64)
    middle = (spread.shape[1] - 1) // 2
    spread.partition(middle, axis=1)
    return spread.min(axis=1), spread[:, middle], spread.max(axis=1)
