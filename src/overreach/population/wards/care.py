"""Who cares for whom: the sparse table of staff and patients, and what cohorts say of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from overreach.population.sampling import Ints
from overreach.population.wards.layout import table
from overreach.population.wards.patients import Patients
from overreach.population.wards.setting import Setting
from overreach.population.wards.strata import Cohort

_AT_LEAST = 2  # members who care for a restricted patient: somebody must be entitled
_NOTES = {
    Cohort.COLLEAGUE: "the patient works on this ward",
    Cohort.EX_PARTNER: "the patient hides from this member of the ward's staff",
    Cohort.OFF_SHIFT: "the member of staff knows the ward, but has no shift now",
    Cohort.WELL_KNOWN: "everybody would like to look",
    Cohort.LATE: "a restriction outlives the patient",
    Cohort.HIDDEN_SIBLING: "a sibling on the same ward is not restricted",
    Cohort.OPEN_SIBLING: "shares home and next of kin with a restricted patient",
    Cohort.HOMONYM: "another patient has these names and this date of birth",
    Cohort.NAMESAKE: "another patient has these names and this date of birth",
    Cohort.MOVED: "came from another ward today",
    Cohort.HOSTILE: "the name breaks careless parsers",
}


@dataclass(frozen=True, slots=True)
class Care:
    """One row a pair, by patient; members of a patient are different ones."""

    member: Ints
    patient: Ints
    """Place among the patients drawn, not the row number."""


def assign(setting: Setting, patients: Patients) -> Care:
    """Some members of the ward care for each patient; one still does after discharge or death."""
    rows = patients.row
    numbers = np.array(setting.judgement.care, dtype=np.int64)
    number = numbers[setting.draws("care").below(len(numbers), rows)]
    number = np.where(patients.ward >= 0, number, np.minimum(number, 1))
    number = np.where(patients.standing.restricted, np.maximum(number, _AT_LEAST), number)
    member, patient = _of_ward(setting, patients, patients.place, number)
    moved = np.where(patients.moved_from >= 0, 1, 0)
    earlier, still = _of_ward(setting, patients, np.maximum(patients.moved_from, 0), moved)
    pairs = np.unique(np.c_[np.r_[patient, still], np.r_[member, earlier]], axis=0)
    # Nobody cares for oneself, nor for whoever hides from one.
    apart = patients.standing.of(Cohort.COLLEAGUE, Cohort.EX_PARTNER)
    pairs = pairs[~(apart[pairs[:, 0]] & (patients.tied[pairs[:, 0]] == pairs[:, 1]))]
    return Care(member=pairs[:, 1], patient=pairs[:, 0])


def key_workers(patients: Patients, care: Care) -> Ints:
    """The first member who cares for each patient; -1 where nobody does."""
    first = np.full(len(patients.row), -1, dtype=np.int64)
    first[care.patient[::-1]] = care.member[::-1]
    return first


def care_table(patients: Patients, care: Care) -> pa.Table:
    """The pairs, since the admission."""
    row = patients.row[care.patient]
    return table("care", {"member": care.member, "patient": row, "since": patients.admitted[care.patient]})


def cohorts(patients: Patients) -> pa.Table:
    """One row a patient of a cohort, with the member of staff it is tied to."""
    names = list(Cohort)
    here = np.flatnonzero(~patients.standing.of(Cohort.NONE))
    of = [names[place] for place in patients.standing.cohort[here].tolist()]
    return table(
        "cohorts",
        {
            "cohort": [cohort.value for cohort in of],
            "user": patients.tied[here],
            "child": patients.row[here],
            "note": [_NOTES[cohort] for cohort in of],
        },
    )


def _of_ward(setting: Setting, patients: Patients, ward: Ints, number: Ints) -> tuple[Ints, Ints]:
    """(member, place of the patient): so many members of the ward, or all it has."""
    staff = setting.staff
    start, count = staff.caring_from[ward], np.diff(staff.caring_from)[ward]
    number = np.minimum(number, count)
    patient = np.repeat(np.arange(len(ward), dtype=np.int64), number)
    turn = np.arange(len(patient)) - np.repeat(np.cumsum(number) - number, number)
    first = setting.draws("carers").below_each(np.maximum(count, 1), patients.row)
    return staff.caring[start[patient] + (first[patient] + turn) % count[patient]], patient
