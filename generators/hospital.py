"""An invented general hospital in March 2024: patients, staff, wards, restricted records.

It has nothing to do with children's records: the engine is to audit it without noticing the difference. No hospital was
measured for it. Names rest on `data/SOURCES.md`; every share below is a modelling choice, and met exactly, by quota.
The mechanism is `overreach.population.wards`; the policy that goes with it is in `docs/examples/hospital`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from overreach.population.recipe import Recipe
from overreach.population.sampling import Quota
from overreach.population.wards.judgement import Clinic, Judgement, Kin, Posts, Role, Specialty
from overreach.population.wards.plan import planner
from overreach.population.wards.shape import shape

TRAINED_DAYS = 365  # training in confidentiality counts for a year

MEDICAL = (
    Role("consultant", "medical", 60, Posts.FLOOR, cares=True),
    Role("junior_doctor", "medical", 110, Posts.FLOOR, cares=True),
    Role("emergency_doctor", "medical", 30, Posts.OFFICE),  # treats whoever comes in, and owns no bed
)
NURSING = (
    Role("ward_sister", "nursing", 40, cares=True),
    Role("ward_nurse", "nursing", 420, cares=True),
    Role("bank_nurse", "nursing", 90, Posts.FLOOR, cares=True, on_shift=40),  # comes where a nurse is missing
    Role("healthcare_assistant", "nursing", 180, cares=True),
)
THERAPY = (
    Role("pharmacist", "therapy", 30, Posts.FLOOR, cares=True),
    Role("radiographer", "therapy", 40, Posts.HOSPITAL),
    Role("physiotherapist", "therapy", 30, Posts.FLOOR, cares=True),
)
OFFICES = (
    Role("ward_clerk", "offices", 60),
    Role("medical_records_clerk", "offices", 40, Posts.OFFICE),
    Role("porter", "offices", 50, Posts.HOSPITAL),
    Role("chaplain", "offices", 5, Posts.HOSPITAL),
    Role("researcher", "offices", 15, Posts.OFFICE),
    Role("it_support", "offices", 20, Posts.OFFICE),
    Role("privacy_officer", "offices", 3, Posts.OFFICE),
)

JUDGEMENT = Judgement(
    as_of=date(2024, 3, 4),
    #
    # THE HOUSE. A small world has fewer wards rather than emptier ones; a large one has fuller ones.
    specialties=(
        Specialty("general medicine", 30, ("heart failure", "pneumonia", "stroke", "diabetes")),
        Specialty("surgery", 24, ("appendicitis", "hernia", "gallstones", "bowel cancer")),
        Specialty("orthopaedics", 14, ("hip fracture", "knee replacement", "back pain")),
        Specialty("respiratory medicine", 12, ("asthma", "bronchitis", "tuberculosis")),
        Specialty("neurology", 10, ("epilepsy", "multiple sclerosis", "head injury")),
        Specialty("psychiatry", 6, ("depression", "psychosis", "dependence")),
        Specialty("oncology", 4, ("breast cancer", "lung cancer", "leukaemia")),
    ),
    patients_per_ward=40,
    staff_per_ward=15,
    wards=(4, 40),
    patients_per_practice=60,
    patients_per_street=5,
    # No post area is called ZZ.
    outward_codes=(("ZZ1", 4), ("ZZ2", 3), ("ZZ3", 2), ("ZZ11", 1)),
    #
    # PATIENTS. Hospitals see the very young and the old.
    ages=(9, 5, 10, 12, 10, 12, 14, 15, 11, 2),
    discharged=Quota(2_500),
    closed=Quota(1_500, at_least=4),
    deceased=Quota(500, at_least=4),
    restricted=Quota(300, at_least=16),  # life has fewer: too few to audit in a small world
    reasons=(("protected address", 5), ("well known", 2), ("works here", 2), ("police matter", 1)),
    former_names=Quota(600, at_least=6),
    consented=Quota(3_000),
    ordinary_clinics=Quota(2_000),
    sensitive_clinics=Quota(200, at_least=6),
    clinics=(
        Clinic("eye clinic"),
        Clinic("fracture clinic"),
        Clinic("dietetics"),
        Clinic("sexual health", sensitive=True),
        Clinic("mental health", sensitive=True),
        Clinic("substance misuse", sensitive=True),
    ),
    kin=(
        Kin("husband, wife or partner", 45),
        Kin("daughter", 20, ("F",)),
        Kin("son", 12, ("M",)),
        Kin("mother", 10, ("F",)),
        Kin("friend", 8),
        Kin("neighbour", 5),
    ),
    kin_of_minors=(Kin("mother", 75, ("F",)), Kin("father", 22, ("M",)), Kin("guardian", 3)),
    kin_of_that_name=60,
    cohort=Quota(10, at_least=2),
    hostile_names=(
        ("Null", "O'Neil-D'Arcy"),
        ("Zoë-Łucja", "=HYPERLINK(1)"),
        ("<b>Ann</b>", "Robert'); DROP TABLE patients;--"),
        ("\u202eeinnA", "Mu\u0308ller"),
        ("N/A", "X" * 120),
    ),
    #
    # STAFF.
    roles=MEDICAL + NURSING + THERAPY + OFFICES,
    least_per_role=6,  # every role must be audited
    second_ward=Quota(1_500, at_least=1),
    floor=3,
    account_states=Quota(150, at_least=2),
    trained_days=TRAINED_DAYS,
    care=(0, 1, 1, 2, 2, 3, 4),
)

recipe = Recipe(
    name="hospital",
    plan=planner(JUDGEMENT, Path(__file__).parent / "data"),
    shape=shape(TRAINED_DAYS),
    min_children=80,
    min_users=100,
)
