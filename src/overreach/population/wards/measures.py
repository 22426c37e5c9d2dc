"""What a hospital should be like: the figures of the judgement beside SQL that counts."""

from __future__ import annotations

from collections.abc import Mapping

from overreach.model.population import Measure
from overreach.population.wards.judgement import Judgement
from overreach.population.wards.strata import Status

CHOICE = "modelling choice"
_WHOLE = 10_000


def measures(judgement: Judgement, posts: Mapping[str, int]) -> Mapping[str, Measure]:
    """By key; `posts` gives the members of each role."""
    away = (judgement.discharged, judgement.closed, judgement.deceased)
    shares = (_WHOLE - sum(quota.number for quota in away), *(quota.number for quota in away))
    status = {each.name.lower(): share for each, share in zip(Status, shares, strict=True)}
    restricted = judgement.restricted.number
    decades = {f"{10 * place} to {10 * place + 9}": weight for place, weight in enumerate(judgement.ages)}
    return {
        "status": Measure("Patients by status", "patients", _by("status", "patients"), status, CHOICE),
        "restricted": Measure(
            "Patients by restriction",
            "patients",
            _by("CASE WHEN restricted THEN 'restricted' ELSE 'open' END", "patients"),
            {"open": _WHOLE - restricted, "restricted": restricted},
            CHOICE,
        ),
        "ages": Measure("Patients by decade of age", "patients", _AGES, decades, CHOICE),
        "wards": Measure(
            "Patients in the care of a ward", "patients", _by("wards.name", "patients JOIN wards USING (ward)"), {}, ""
        ),
        "roles": Measure("Staff by role", "staff", _by("role", "staff"), dict(posts), CHOICE),
        "care": Measure("Patients by staff who care for them", "patients", _CARE, {}, ""),
    }


def _by(category: str, tables: str) -> str:
    return f"SELECT {category} AS category, count(*) AS count FROM {tables} GROUP BY ALL ORDER BY ALL"  # noqa: S608 - our own words


_AGES = """
SELECT 10 * decade || ' to ' || 10 * decade + 9 AS category, count(*) AS count
FROM (SELECT date_sub('year', date_of_birth, $as_of) // 10 AS decade FROM patients)
GROUP BY decade ORDER BY decade"""

_CARE = """
SELECT CAST(members AS TEXT) AS category, count(*) AS count
FROM (SELECT count(member) AS members FROM patients LEFT JOIN care USING (patient) GROUP BY patient)
GROUP BY members ORDER BY members"""
