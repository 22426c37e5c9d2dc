"""The tables of layout 2 and their columns (docs/reference/population.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from overreach.population.sampling import Ints

NEVER = int(np.iinfo(np.int64).min)
"""A date that is not there, in days since 1970-01-01: NumPy's `NaT`."""

_ROW, _TEXT, _DATE, _FLAG = pa.int64(), pa.string(), pa.date32(), pa.bool_()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


TABLES: Mapping[str, pa.Schema] = {
    "authorities": _schema(authority=_ROW, code=_TEXT, name=_TEXT, region=_TEXT),
    "organisations": _schema(organisation=_ROW, name=_TEXT, sector=_TEXT, authority=_ROW, accredited=_FLAG),
    "users": _schema(
        user=_ROW, username=_TEXT, given_name=_TEXT, family_name=_TEXT, role=_TEXT, sector=_TEXT,
        organisation=_ROW, national=_FLAG, vetted_on=_DATE, trained=_FLAG, agreed=_FLAG, suspended=_FLAG,
        accredited=_FLAG, leaves_on=_DATE, manager=_ROW, address=_ROW,
    ),
    "user_areas": _schema(user=_ROW, authority=_ROW),
    "addresses": _schema(
        address=_ROW, house=_TEXT, street=_TEXT, locality=_TEXT, postcode=_TEXT, authority=_ROW
    ),
    "households": _schema(household=_ROW, address=_ROW),
    "schools": _schema(school=_ROW, name=_TEXT, authority=_ROW, phone=_TEXT),
    "practices": _schema(practice=_ROW, name=_TEXT, authority=_ROW, phone=_TEXT),
    "children": _schema(
        child=_ROW, number=_TEXT, given_name=_TEXT, middle_name=_TEXT, family_name=_TEXT, gender=_TEXT,
        date_of_birth=_DATE, household=_ROW, address=_ROW, school=_ROW, practice=_ROW, responsible=_ROW,
        shielded=_FLAG, shielded_since=_DATE, contacts_protected=_FLAG, adopted=_FLAG, looked_after=_FLAG,
        archive_year=_ROW, caf_holder=_TEXT, lead_professional=_TEXT, updated=_DATE,
        address_since=_DATE, whereabouts_statement=_TEXT, school_since=_DATE,
        caf_holder_phone=_TEXT, caf_holder_user=_ROW, lead_professional_phone=_TEXT, lead_professional_user=_ROW,
    ),
    "former_addresses": _schema(child=_ROW, address=_ROW, since=_DATE, until=_DATE),
    "former_names": _schema(child=_ROW, given_name=_TEXT, family_name=_TEXT, until=_DATE),
    "carers": _schema(
        carer=_ROW, given_name=_TEXT, family_name=_TEXT, gender=_TEXT, phone=_TEXT, email=_TEXT
    ),
    "child_carers": _schema(child=_ROW, carer=_ROW, relation=_TEXT),
    "services": _schema(child=_ROW, kind=_TEXT, provider=_TEXT, phone=_TEXT, sensitive=_FLAG, since=_DATE),
    "involvements": _schema(user=_ROW, child=_ROW, since=_DATE),
    "cohorts": _schema(cohort=_TEXT, user=_ROW, child=_ROW, note=_TEXT),
}  # fmt: skip


def table(name: str, columns: Mapping[str, Any]) -> pa.Table:
    """The table called `name`: its columns in the order of the layout; KeyError where one is missing.

    Row numbers below 0 and dates that are `NEVER` become null.
    """
    schema = TABLES[name]
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in schema], schema=schema)


def numbered(count: int) -> Ints:
    """Row numbers of a table of `count` rows."""
    return np.arange(count, dtype=np.int64)


def _array(values: Any, kind: pa.DataType) -> pa.Array[Any]:  # noqa: ANN401 - whatever NumPy and Arrow can read
    if kind == _ROW:
        numbers = np.asarray(values, dtype=np.int64)
        return pa.array(numbers, type=kind, mask=numbers < 0)
    if kind == _DATE:
        return pa.array(np.asarray(values, dtype=np.int64).astype("datetime64[D]"), type=kind)
    return pa.array(values, type=kind)
