"""Who is what: every patient in one stratum of cohort, status and restriction, each with an exact number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np

from overreach.population.sampling import Flags, Ints, quota
from overreach.population.wards.judgement import Judgement
from overreach.population.wards.rows import Shuffle


class Status(IntEnum):
    """Where an admission stands."""

    INPATIENT = 0
    DISCHARGED = 1  # went home, comes back to the ward
    CLOSED = 2  # an old admission
    DECEASED = 3


class Cohort(StrEnum):
    """Patients who show one trap each; the name is that of the table `cohorts`."""

    COLLEAGUE = "colleague"  # works here: the restricted record of a member of staff
    EX_PARTNER = "ex_partner"  # in hiding from a nurse of the very ward
    OFF_SHIFT = "bank_nurse_off_shift"  # on the ward of a bank nurse whose shift it is not
    WELL_KNOWN = "well_known"  # everybody would like to look
    LATE = "restricted_after_death"
    HIDDEN_SIBLING = "restricted_sibling"  # shares home, next of kin and ward with ...
    OPEN_SIBLING = "unrestricted_sibling"  # ... this one
    HOMONYM = "homonym"  # has the names and date of birth of ...
    NAMESAKE = "namesake"  # ... this one
    MOVED = "moved_today"  # from one ward to another
    HOSTILE = "hostile_name"
    NONE = ""


LEADS = {Cohort.OPEN_SIBLING: Cohort.HIDDEN_SIBLING, Cohort.NAMESAKE: Cohort.HOMONYM}
"""The second of a pair -> the first, who has the same place within its stratum."""
TIED = (Cohort.COLLEAGUE, Cohort.EX_PARTNER, Cohort.OFF_SHIFT)
"""Cohorts of a patient and a member of staff."""
_RESTRICTED = (Cohort.COLLEAGUE, Cohort.EX_PARTNER, Cohort.WELL_KNOWN, Cohort.LATE, Cohort.HIDDEN_SIBLING)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Patients alike in these three."""

    cohort: Cohort
    status: Status
    restricted: bool
    count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of some rows, one entry each."""

    cohort: Ints
    """Place of the cohort in `Cohort`."""
    status: Ints
    restricted: Flags
    index: Ints
    """Place within the stratum."""
    lead: Ints
    """Row of the first of the pair; the row itself where there is none."""

    def of(self, *cohorts: Cohort) -> Flags:
        """Which rows are of one of these cohorts."""
        return np.isin(self.cohort, [list(Cohort).index(cohort) for cohort in cohorts])


class Strata:
    """The strata of one hospital, over the rows of its patients."""

    def __init__(self, judgement: Judgement, patients: int, shuffle: Shuffle) -> None:
        self.all = tuple(_strata(judgement, patients))
        self._shuffle = shuffle
        self._bounds = np.cumsum([stratum.count for stratum in self.all])

    def standing(self, rows: Ints) -> Standing:
        """How each of these rows stands."""
        places = self._shuffle.places(rows)
        number = np.searchsorted(self._bounds, places, side="right")
        starts = np.r_[0, self._bounds[:-1]]
        index = places - starts[number]
        # The start of the stratum that leads: a stratum's own where it has no other.
        cohorts = [stratum.cohort for stratum in self.all]
        leading = [cohorts.index(LEADS[each]) if each in LEADS else at for at, each in enumerate(cohorts)]
        first = np.array([list(Cohort).index(cohort) for cohort in cohorts], dtype=np.int64)
        return Standing(
            cohort=first[number],
            status=np.array([stratum.status for stratum in self.all], dtype=np.int64)[number],
            restricted=np.array([stratum.restricted for stratum in self.all], dtype=np.bool_)[number],
            index=index,
            lead=self._shuffle.rows(starts[np.array(leading)][number] + index),
        )


def _strata(judgement: Judgement, patients: int) -> Iterator[Stratum]:
    """The cohorts first; what they take is taken from the numbers of their status and of the restricted."""
    closed, deceased = judgement.closed.of(patients), judgement.deceased.of(patients)
    discharged = judgement.discharged.of(patients)
    left = np.array([patients - discharged - closed - deceased, discharged, closed, deceased], dtype=np.int64)
    restricted = judgement.restricted.of(patients)
    for cohort in Cohort:
        if cohort is Cohort.NONE:
            continue
        count = len(judgement.hostile_names) if cohort is Cohort.HOSTILE else judgement.cohort.of(patients)
        status = Status.DECEASED if cohort is Cohort.LATE else Status.INPATIENT
        left[status] -= count
        restricted -= count if cohort in _RESTRICTED else 0
        yield Stratum(cohort, status, cohort in _RESTRICTED, count)
    hidden = quota(left, min(max(restricted, 0), int(left.sum())))
    for status in Status:
        yield Stratum(Cohort.NONE, status, restricted=True, count=int(hidden[status]))
        yield Stratum(Cohort.NONE, status, restricted=False, count=int(left[status] - hidden[status]))
