"""The tables of a hospital and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

_ROW, _TEXT, _DATE, _FLAG = pa.int64(), pa.string(), pa.date32(), pa.bool_()


NEVER = int(np.iinfo(np.int64).min)
"""A date that is not there, in days since 1970-01-01: NumPy's `NaT`."""


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


TABLES: Mapping[str, pa.Schema] = {
    "wards": _schema(ward=_ROW, name=_TEXT, specialty=_TEXT),
    "practices": _schema(practice=_ROW, name=_TEXT),
    "staff": _schema(
        member=_ROW, username=_TEXT, given_name=_TEXT, family_name=_TEXT, role=_TEXT, directorate=_TEXT,
        left_on=_DATE, suspended=_FLAG, trained_on=_DATE, on_shift=_FLAG,
    ),
    "ward_staff": _schema(member=_ROW, ward=_ROW),
    "patients": _schema(
        patient=_ROW, record_number=_TEXT, given_name=_TEXT, family_name=_TEXT, former_name=_TEXT, sex=_TEXT,
        date_of_birth=_DATE, household=_ROW, practice=_ROW, ward=_ROW, status=_TEXT, admitted_on=_DATE,
        discharged_on=_DATE, died_on=_DATE, diagnosis=_TEXT, key_worker=_ROW, restricted=_FLAG,
        restricted_since=_DATE, restricted_because=_TEXT, research_consent=_FLAG,
    ),
    "homes": _schema(household=_ROW, house=_TEXT, street=_TEXT, locality=_TEXT, postcode=_TEXT),
    "kin": _schema(
        household=_ROW, given_name=_TEXT, family_name=_TEXT, relation=_TEXT, telephone=_TEXT, email=_TEXT
    ),
    "clinics": _schema(patient=_ROW, clinic=_TEXT, sensitive=_FLAG, since=_DATE),
    "care": _schema(member=_ROW, patient=_ROW, since=_DATE),
    "moves": _schema(patient=_ROW, from_ward=_ROW, to_ward=_ROW, moved_on=_DATE),
    "cohorts": _schema(cohort=_TEXT, user=_ROW, child=_ROW, note=_TEXT),
}  # fmt: skip


def table(name: str, columns: Mapping[str, Any]) -> pa.Table:
    """The table called `name`: its columns in the order of the layout; KeyError where one is missing.

    Row numbers below 0 and dates that are `NEVER` become null.
    """
    schema = TABLES[name]
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in schema], schema=schema)


def _array(values: Any, kind: pa.DataType) -> pa.Array[Any]:  # noqa: ANN401 - whatever NumPy and Arrow can read
    if kind == _ROW:
        numbers = np.asarray(values, dtype=np.int64)
        return pa.array(numbers, type=kind, mask=numbers < 0)
    if kind == _DATE:
        return pa.array(np.asarray(values, dtype=np.int64).astype("datetime64[D]"), type=kind)
    return pa.array(values, type=kind)
