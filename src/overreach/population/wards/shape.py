"""How the tables of a hospital answer the engine's questions."""

from __future__ import annotations

from overreach.model.canary import TokenKind
from overreach.model.population import Shape, TokenOwner
from overreach.model.terms import Facet

_OF_KIN = "SELECT patient AS child, unnest([{values}]) AS value FROM patients JOIN kin USING (household)"
_CLINICS = "SELECT patient AS child, unnest([clinic, CAST(since AS TEXT)]) AS value FROM clinics WHERE {which}"

_FACET_VALUES = {
    Facet.IDENTITY: """
SELECT patient AS child,
       unnest([record_number, given_name, family_name, sex, CAST(date_of_birth AS TEXT)]) AS value
FROM patients""",
    Facet.FORMER_NAMES: "SELECT patient AS child, former_name AS value FROM patients",
    Facet.WHEREABOUTS: """
SELECT patient AS child, unnest([house, street, locality, postcode]) AS value
FROM patients JOIN homes USING (household)""",
    Facet.CARERS: _OF_KIN.format(values="kin.given_name || ' ' || kin.family_name"),
    Facet.CONTACTS: _OF_KIN.format(values="telephone, email"),
    Facet.HEALTH: """
SELECT patient AS child, unnest([diagnosis, name]) AS value FROM patients JOIN practices USING (practice)""",
    Facet.SERVICES: _CLINICS.format(which="NOT sensitive"),
    Facet.SENSITIVE_SERVICES: _CLINICS.format(which="sensitive"),
    Facet.INDICATORS: """
SELECT patient AS child, staff.given_name || ' ' || staff.family_name AS value
FROM patients JOIN staff ON member = key_worker""",
    Facet.PROVENANCE: """
SELECT patient AS child, unnest([name, CAST(admitted_on AS TEXT), CAST(discharged_on AS TEXT)]) AS value
FROM patients LEFT JOIN wards USING (ward)""",
    Facet.PROTECTION: """
SELECT patient AS child, unnest([CAST(restricted_since AS TEXT), restricted_because]) AS value
FROM patients WHERE restricted""",
}

_PATIENT_FIELDS = """
SELECT patient AS child, record_number AS number, p.given_name, p.family_name, former_name, date_of_birth, sex,
       house, postcode, practices.name AS practice, wards.name AS ward,
       kin.given_name || ' ' || kin.family_name AS kin_name, telephone AS kin_telephone, email AS kin_email
FROM patients p JOIN homes USING (household) JOIN kin USING (household) JOIN practices USING (practice)
LEFT JOIN wards USING (ward)
ORDER BY patient"""

_HAZARDS = {
    "restricted-at-the-same-home": (
        "An unrestricted patient at the home of a restricted one shows where that one lives",
        "",
        """
SELECT hidden.patient AS child, shown.patient AS other
FROM patients hidden JOIN patients shown USING (household)
WHERE hidden.restricted AND NOT shown.restricted ORDER BY ALL""",
    ),
}


def shape(trained_days: int) -> Shape:
    """The shape of a hospital where a training counts for so many days."""
    return Shape(
        users='SELECT member AS "user", * FROM staff',
        children="""
SELECT patient AS child, *, patient IN (SELECT patient FROM clinics WHERE sensitive) AS sensitive_clinic
FROM patients""",
        user_facts={
            "role": "role",
            "left": "left_on IS NOT NULL AND left_on <= $as_of",
            "suspended": "suspended",
            "trained": f"date_diff('day', trained_on, $as_of) <= {trained_days}",
            "on_shift": "on_shift",
        },
        child_facts={
            "ward": "ward",
            "status": "status",
            "restricted": "restricted",
            "sensitive_clinic": "sensitive_clinic",
            "research_consent": "research_consent",
        },
        areas='SELECT member AS "user", ward AS area FROM ward_staff',
        area_attribute=("wards", "ward"),
        involved='SELECT member AS "user", patient AS child FROM care',
        involved_attribute="cared_for_by",
        facet_values=_FACET_VALUES,
        token_owners={
            TokenKind.RECORD: TokenOwner(Facet.IDENTITY, 'SELECT patient AS "row", patient AS child FROM patients'),
            TokenKind.CONTACT: TokenOwner(Facet.CONTACTS, 'SELECT household AS "row", patient AS child FROM patients'),
            TokenKind.PLACE: TokenOwner(Facet.WHEREABOUTS, 'SELECT household AS "row", patient AS child FROM patients'),
        },
        user_fields="""
SELECT member AS "user", username, role, directorate AS sector, given_name, family_name FROM staff ORDER BY member""",
        child_fields=_PATIENT_FIELDS,
        hazards=_HAZARDS,
    )
