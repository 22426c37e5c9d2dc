"""The tables of some patients and of what belongs to them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.model.canary import TokenKind
from overreach.population.minting import mint_many
from overreach.population.recipe import Tables
from overreach.population.sampling import Flags, Ints, Texts
from overreach.population.wards import care, households
from overreach.population.wards.layout import NEVER, table
from overreach.population.wards.names import pick
from overreach.population.wards.patients import Patients, draw
from overreach.population.wards.setting import Setting
from overreach.population.wards.strata import Cohort, Status

_SEXES = np.array(["F", "M"], dtype=object)
_STATUSES = np.array([status.name.lower() for status in Status], dtype=object)
_COHORTS = np.array([cohort.value for cohort in Cohort], dtype=object)
_AGO = 900  # days since a restriction or a first visit to a clinic, at most


def patients(setting: Setting, rows: Ints) -> Tables:
    """The patients of these rows; tables without a row are left out."""
    drawn = draw(setting, rows)
    cared = care.assign(setting, drawn)
    own = drawn.household == rows
    moved = np.flatnonzero(drawn.moved_from >= 0)
    made = {
        "patients": _patients(setting, drawn, care.key_workers(drawn, cared)),
        "homes": households.homes(setting, rows[own]),
        "kin": households.kin(setting, drawn, own),
        "clinics": _clinics(setting, drawn),
        "care": care.care_table(drawn, cared),
        "moves": table(
            "moves",
            {
                "patient": rows[moved],
                "from_ward": drawn.moved_from[moved],
                "to_ward": drawn.ward[moved],
                "moved_on": np.full(len(moved), setting.today),
            },
        ),
        "cohorts": care.cohorts(drawn),
    }
    return {name: rows for name, rows in made.items() if rows.num_rows}


def _patients(setting: Setting, drawn: Patients, key_worker: Ints) -> pa.Table:
    rows, standing, draws, judgement = drawn.row, drawn.standing, setting.draws, setting.judgement
    former = setting.shuffle("former names").places(rows) < judgement.former_names.of(setting.order.children)
    language = setting.names.languages("patients", rows)
    since = np.maximum(setting.today - draws("restrictions").below(_AGO, rows), drawn.born)
    return table(
        "patients",
        {
            "patient": rows,
            "record_number": mint_many(setting.minter, TokenKind.RECORD, rows),
            "given_name": drawn.given,
            "family_name": drawn.family,
            "former_name": _where(former, setting.names.family("former names", language, rows)),
            "sex": _SEXES[drawn.male.astype(np.int64)],
            "date_of_birth": drawn.born,
            "household": drawn.household,
            "practice": draws("practices").below(setting.practices, drawn.household),
            "ward": drawn.ward,
            "status": _STATUSES[standing.status],
            "admitted_on": drawn.admitted,
            "discharged_on": drawn.discharged,
            "died_on": drawn.died,
            "diagnosis": _diagnoses(setting, drawn),
            "key_worker": key_worker,
            "restricted": standing.restricted,
            "restricted_since": np.where(standing.restricted, since, NEVER),
            "restricted_because": _where(standing.restricted, _reasons(setting, drawn)),
            "research_consent": setting.shuffle("consent").places(rows)
            < judgement.consented.of(setting.order.children),
        },
    )


def _reasons(setting: Setting, drawn: Patients) -> Texts:
    """Why a record is restricted: by the cohort where it has one."""
    names = np.array([name for name, _ in setting.judgement.reasons], dtype=object)
    weights = np.array([weight for _, weight in setting.judgement.reasons], dtype=np.int64)
    drawn_ones = names[setting.draws("reasons").weighted(weights, drawn.row)]
    own = np.where(drawn.standing.of(Cohort.NONE), drawn_ones, _COHORTS[drawn.standing.cohort])
    hides = drawn.standing.of(Cohort.EX_PARTNER, Cohort.HIDDEN_SIBLING, Cohort.LATE)
    return np.where(hides, "protected address", own)


def _diagnoses(setting: Setting, drawn: Patients) -> Texts:
    """A group of diagnoses of the ward's specialty."""
    specialties = setting.judgement.specialties
    listed = np.array([name for each in specialties for name in each.diagnoses], dtype=object)
    count = np.array([len(each.diagnoses) for each in specialties], dtype=np.int64)
    specialty = setting.specialty[drawn.place]
    within = setting.draws("diagnoses").below_each(count[specialty], drawn.row)
    found: Texts = listed[(np.cumsum(count) - count)[specialty] + within]
    return found


def _clinics(setting: Setting, drawn: Patients) -> pa.Table:
    """At most one clinic a patient; the sensitive ones first in a drawn order of all patients."""
    judgement, everybody = setting.judgement, setting.order.children
    places = setting.shuffle("clinics").places(drawn.row)
    hidden = judgement.sensitive_clinics.of(everybody)
    here = places < hidden + judgement.ordinary_clinics.of(everybody)
    rows, sensitive = drawn.row[here], places[here] < hidden
    draws = setting.draws("clinics")
    kinds = [
        np.array([each.name for each in judgement.clinics if each.sensitive is kind], dtype=object)
        for kind in (False, True)
    ]
    since = np.maximum(setting.today - draws.below(_AGO, rows), drawn.born[here])
    clinic = np.where(sensitive, pick(draws, kinds[True], rows), pick(draws, kinds[False], rows))
    return table("clinics", {"patient": rows, "clinic": clinic, "sensitive": sensitive, "since": since})


def _where(which: Flags, texts: Texts) -> Texts:
    """The texts, and null where they do not stand."""
    found = texts.copy()
    found[~which] = None
    return found
