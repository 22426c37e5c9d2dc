"""What a recipe decides about its hospital: every share and choice, in one object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from overreach.population.sampling import Quota
from overreach.population.vocabulary import Sex


class Posts(StrEnum):
    """How many wards a role's staff work on."""

    WARD = "ward"  # one; a few of them a second one
    FLOOR = "floor"  # some that follow each other
    HOSPITAL = "hospital"  # all
    OFFICE = "office"  # none


@dataclass(frozen=True, slots=True)
class Role:
    """A post that can hold an account."""

    name: str
    directorate: str
    weight: int
    """Accounts in proportion to the other roles' weights, once each role has its least number."""
    posts: Posts = Posts.WARD
    cares: bool = False
    """Whether patients of its wards are in its care."""
    on_shift: int = 100
    """Of 100 of its staff, those whose shift it is."""


@dataclass(frozen=True, slots=True)
class Specialty:
    """What a ward is for."""

    name: str
    weight: int
    """Patients in proportion to the other specialties' weights."""
    diagnoses: tuple[str, ...]
    """Groups of diagnoses, each as likely."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """Where patients come without a bed."""

    name: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Kin:
    """Whom a patient names as next of kin."""

    relation: str
    weight: int
    sexes: tuple[Sex, ...] = ("F", "M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that a recipe decides; the mechanism takes it from here. Weights are integers of any sum."""

    as_of: date

    # The house
    specialties: tuple[Specialty, ...]
    patients_per_ward: int
    """A ward more for each so many patients, between `wards[0]` and `wards[1]`."""
    staff_per_ward: int
    wards: tuple[int, int]
    patients_per_practice: int
    patients_per_street: int
    outward_codes: tuple[tuple[str, int], ...]
    """Outward part of a postcode -> weight."""

    # Patients
    ages: tuple[int, ...]
    """Patients by decade of age: 0 to 9, 10 to 19 and so on."""
    discharged: Quota
    """Those who went home and come back to their ward."""
    closed: Quota
    """Old admissions: no ward has them any more."""
    deceased: Quota
    restricted: Quota
    """Of all patients, the restricted cohorts included."""
    reasons: tuple[tuple[str, int], ...]
    """Why a record is restricted -> weight; for records of no cohort."""
    former_names: Quota
    consented: Quota
    """Patients whose records research may use."""
    ordinary_clinics: Quota
    sensitive_clinics: Quota
    clinics: tuple[Clinic, ...]
    kin: tuple[Kin, ...]
    """Next of kin of a grown patient."""
    kin_of_minors: tuple[Kin, ...]
    kin_of_that_name: int
    """Next of kin of 100 who have the patient's family name."""
    cohort: Quota
    """Patients, or pairs of them, in each cohort."""
    hostile_names: tuple[tuple[str, str], ...]
    """First and family names that break a careless parser."""

    # Staff
    roles: tuple[Role, ...]
    least_per_role: int
    """Staff of each role where the size allows it."""
    second_ward: Quota
    """Of the staff of one ward, those who have a second one."""
    floor: int
    """Wards of a role with `Posts.FLOOR`."""
    account_states: Quota
    """Staff of each of the states that close an account: left, suspended, training lapsed."""
    trained_days: int
    """Days for which a training counts."""
    care: tuple[int, ...]
    """Staff who have a patient in their care, each number as likely."""
