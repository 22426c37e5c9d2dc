"""Patients: who they are, where they lie, and the dates of their admission; any rows without the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.sampling import Flags, Ints, Texts
from overreach.population.wards.layout import NEVER
from overreach.population.wards.setting import Setting
from overreach.population.wards.strata import TIED, Cohort, Standing, Status

_GROWN = 18
_WORKING = 40  # years in which one may be a nurse's former partner
_STAYS = {
    Status.INPATIENT: (0, 20),
    Status.DISCHARGED: (30, 360),
    Status.CLOSED: (400, 3_600),
    Status.DECEASED: (30, 700),
}
"""Days since admission, least and most."""
_STAY = 14  # days in bed, at most


@dataclass(frozen=True, slots=True)
class Patients:
    """Some patients, one entry each; dates in days since 1970-01-01."""

    row: Ints
    standing: Standing
    tied: Ints
    """The member of staff a patient's cohort ties it to; -1 for none."""
    household: Ints
    """Home and next of kin; the row of the patient it is named after."""
    given: Texts
    family: Texts
    male: Flags
    born: Ints
    grown: Flags
    place: Ints
    """The ward where the patient is, was or was last."""
    ward: Ints
    """The ward that has the patient now; -1 for none."""
    moved_from: Ints
    """The ward left today; -1 for none."""
    admitted: Ints
    discharged: Ints
    died: Ints


def draw(setting: Setting, rows: Ints) -> Patients:
    """The patients of these rows."""
    standing = setting.strata.standing(rows)
    tied = _tied(setting, standing)
    person = np.where(standing.of(Cohort.NAMESAKE), standing.lead, rows)
    language, male, born = _person(setting, person, grown=standing.of(Cohort.COLLEAGUE, Cohort.EX_PARTNER))
    given, family = _names(setting, standing, person, (language, male, born))
    colleague = standing.of(Cohort.COLLEAGUE)
    staff = setting.staff
    given[colleague], family[colleague] = staff.given[tied[colleague]], staff.family[tied[colleague]]
    male[colleague] = staff.male[tied[colleague]]
    place = _places(setting, rows, standing, tied)
    here = np.isin(standing.status, (Status.INPATIENT, Status.DISCHARGED))
    moved = setting.draws("moves").between(1, setting.wards - 1, rows)
    admitted, discharged, died = _dates(setting, rows, standing, born)
    return Patients(
        row=rows,
        standing=standing,
        tied=tied,
        household=np.where(standing.of(Cohort.OPEN_SIBLING), standing.lead, rows),
        given=given,
        family=family,
        male=male,
        born=born,
        grown=setting.today - born >= _GROWN * 366,
        place=place,
        ward=np.where(here, place, -1),
        moved_from=np.where(standing.of(Cohort.MOVED), (place + moved) % setting.wards, -1),
        admitted=admitted,
        discharged=discharged,
        died=died,
    )


def _tied(setting: Setting, standing: Standing) -> Ints:
    """Members in drawn order, other ones for each cohort while they last."""
    tied = np.full(len(standing.cohort), -1, dtype=np.int64)
    for turn, cohort in enumerate(TIED):
        here = standing.of(cohort)
        members = setting.watchers[cohort is not Cohort.OFF_SHIFT]
        each = setting.judgement.cohort.of(setting.order.children)
        tied[here] = members[(turn * each + standing.index[here]) % len(members)]
    return tied


def _person(setting: Setting, rows: Ints, *, grown: Flags) -> tuple[Ints, Flags, Ints]:
    """Language, sex and date of birth; patients who work here, or lived with somebody who does, are of that age."""
    draws, today = setting.draws, setting.today
    ages = np.array(setting.judgement.ages, dtype=np.int64)
    age = setting.shuffle("ages").spread(ages, rows) * 10 + draws("age within the decade").below(10, rows)
    age = np.where(grown, _GROWN + 4 + age % _WORKING, age)
    born = today - (age * 1461 + 3) // 4 - draws("birthday").between(1, 363, rows)
    language = setting.names.languages("patients", rows)
    return language, draws("sex").below(2, rows) == 1, born


def _names(setting: Setting, standing: Standing, person: Ints, known: tuple[Ints, Flags, Ints]) -> tuple[Texts, Texts]:
    """First and family names; siblings have one family name and language, hostile names come from the list."""
    names, (language, male, born) = setting.names, known
    home = np.where(standing.of(Cohort.OPEN_SIBLING), standing.lead, person)
    spoken = np.where(home == person, language, names.languages("patients", home))
    given = names.given("patients", spoken, male, 1970 + born * 4 // 1461, person)
    family = names.family("patients", spoken, home)
    hostile = standing.of(Cohort.HOSTILE)
    listed = np.array(setting.judgement.hostile_names, dtype=object)
    given[hostile], family[hostile] = listed[standing.index[hostile]].T
    return given, family


def _places(setting: Setting, rows: Ints, standing: Standing, tied: Ints) -> Ints:
    """The ward of each patient: as the specialties' weights say, on that of the member the cohort ties it to."""
    lead = np.where(standing.of(Cohort.OPEN_SIBLING), standing.lead, rows)
    patients = np.array([each.weight for each in setting.judgement.specialties], dtype=np.int64)
    shared = np.bincount(setting.specialty, minlength=len(patients))
    # A ward's weight is its part of its specialty's; a specialty without a ward of its own counts for nothing.
    weights = (patients * 10_000 // np.maximum(shared, 1))[setting.specialty]
    place = setting.shuffle("wards").spread(weights, lead)
    place[tied >= 0] = setting.staff.ward[tied[tied >= 0]]
    return place


def _dates(setting: Setting, rows: Ints, standing: Standing, born: Ints) -> tuple[Ints, Ints, Ints]:
    """Admission, discharge and death: none before birth, none after today."""
    least, most = np.array([_STAYS[status] for status in Status], dtype=np.int64)[standing.status].T
    ago = least + setting.draws("admissions").below_each(most - least + 1, rows)
    admitted = np.maximum(setting.today - ago, born)
    ended = np.minimum(admitted + setting.draws("stays").between(0, _STAY, rows), setting.today)
    discharged = np.where(np.isin(standing.status, (Status.DISCHARGED, Status.CLOSED)), ended, NEVER)
    return admitted, discharged, np.where(standing.status == Status.DECEASED, ended, NEVER)
