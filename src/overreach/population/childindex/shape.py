"""How the tables of layout 2 answer the engine's questions."""

from __future__ import annotations

from overreach.model.canary import TokenKind
from overreach.model.population import Shape, TokenOwner
from overreach.model.terms import Facet
from overreach.population.childindex.accounts import VETTED_DAYS

_CARER_TEXTS = """
SELECT DISTINCT l.child, unnest([{values}]) AS value
FROM child_carers l JOIN carers c USING (carer)"""

_SERVICES = """
SELECT DISTINCT child, unnest([provider, CAST(since AS TEXT)]) AS value FROM services WHERE {which}"""

_CHILD_FIELDS = """
WITH first_carer AS (SELECT child, min(carer) AS carer FROM child_carers GROUP BY child),
     first_former AS (SELECT child, min(family_name) AS former_name FROM former_names GROUP BY child)
SELECT ch.child, ch.number, ch.given_name, ch.family_name, ch.date_of_birth, ch.gender, a.postcode, a.house,
       s.name AS school, p.name AS practice,
       c.given_name || ' ' || c.family_name AS carer_name, c.phone AS carer_phone, c.email AS carer_email,
       f.former_name
FROM children ch
LEFT JOIN addresses a USING (address)
LEFT JOIN schools s USING (school)
LEFT JOIN practices p USING (practice)
LEFT JOIN first_carer l ON l.child = ch.child
LEFT JOIN carers c ON c.carer = l.carer
LEFT JOIN first_former f ON f.child = ch.child
ORDER BY ch.child"""

_USER_FIELDS = """
WITH first_area AS (SELECT "user", min(authority) AS authority FROM user_areas GROUP BY "user")
SELECT u."user", u.username, u.role, u.sector, u.given_name, u.family_name, o.name AS organisation, a.name AS area
FROM users u JOIN organisations o USING (organisation)
LEFT JOIN first_area f ON f."user" = u."user"
LEFT JOIN authorities a ON a.authority = f.authority
ORDER BY u."user\""""

_FACET_VALUES = {
    Facet.IDENTITY: """
SELECT child,
       unnest([number, given_name, middle_name, family_name, gender, CAST(date_of_birth AS TEXT)]) AS value
FROM children""",
    Facet.FORMER_NAMES: "SELECT child, unnest([given_name, family_name]) AS value FROM former_names",
    Facet.WHEREABOUTS: """
SELECT child, unnest([house, street, locality, postcode, CAST(since AS TEXT), CAST(until AS TEXT)]) AS value
FROM (SELECT child, address, since, until FROM former_addresses
      UNION ALL SELECT child, address, address_since, NULL FROM children)
LEFT JOIN addresses USING (address)
UNION ALL SELECT child, whereabouts_statement FROM children""",
    Facet.CARERS: _CARER_TEXTS.format(values="c.given_name || ' ' || c.family_name"),
    Facet.CONTACTS: _CARER_TEXTS.format(values="c.phone, c.email"),
    Facet.EDUCATION: """
SELECT child, unnest([s.name, CAST(school_since AS TEXT)]) AS value FROM children JOIN schools s USING (school)""",
    Facet.HEALTH: "SELECT child, p.name AS value FROM children JOIN practices p USING (practice)",
    Facet.SERVICES: _SERVICES.format(which="NOT sensitive"),
    Facet.SENSITIVE_SERVICES: _SERVICES.format(which="sensitive"),
    Facet.INDICATORS: """
SELECT child,
       unnest([caf_holder, caf_holder_phone, lead_professional, lead_professional_phone]) AS value
FROM children""",
    Facet.PROVENANCE: """
SELECT child, a.name AS value FROM children JOIN authorities a ON a.authority = responsible""",
    Facet.PROTECTION: "SELECT child, CAST(shielded_since AS TEXT) AS value FROM children WHERE shielded",
}

_HAZARDS = {
    "sibling-at-same-address": (
        "An unshielded child at the address of a shielded child shows where it lives",
        "R10",
        """
SELECT h.child, o.child AS other FROM children h JOIN children o USING (address)
WHERE h.shielded AND NOT o.shielded AND h.archive_year = 0 AND o.archive_year = 0
ORDER BY h.child, o.child""",
    ),
    "shared-carer-elsewhere": (
        "A carer of a shielded child is named, with another address, on the record of an unshielded child",
        "R11",
        """
WITH hidden AS (SELECT child, address FROM children WHERE shielded AND archive_year = 0),
     named AS (SELECT DISTINCT carer, h.child, h.address FROM hidden h JOIN child_carers USING (child)),
     elsewhere AS (SELECT n.child, n.address, l.child AS other FROM named n JOIN child_carers l USING (carer))
SELECT DISTINCT e.child, e.other
FROM elsewhere e JOIN children o ON o.child = e.other
WHERE NOT o.shielded AND o.archive_year = 0 AND e.address IS DISTINCT FROM o.address
ORDER BY e.child, e.other""",
    ),
    # The law leaves a child's former names visible under a shield: whoever knew it by one finds it by the present one.
    "former-names-under-a-shield": (
        "The former names of a shielded child stand beside its present one",
        "R11",
        """
SELECT DISTINCT child, child AS other, 'former_names' AS facet
FROM former_names JOIN children USING (child)
WHERE shielded AND archive_year = 0
ORDER BY child""",
    ),
}

SHAPE = Shape(
    user_facts={
        "role": "role",
        "left": "leaves_on IS NOT NULL AND leaves_on <= $as_of",
        "suspended": "suspended",
        "vetted": f"date_diff('day', vetted_on, $as_of) <= {VETTED_DAYS}",
        "trained": "trained",
        "agreed": "agreed",
        "accredited": "accredited",
    },
    child_facts={
        "responsible": "responsible",
        "shielded": "shielded",
        "contacts_protected": "contacts_protected",
        "adopted": "adopted",
        "looked_after": "looked_after",
        "sensitive_service": "child IN (SELECT child FROM services WHERE sensitive)",
        "archive_year": "archive_year",
    },
    areas='SELECT "user", authority AS area FROM user_areas',
    area_attribute=("areas", "responsible"),
    involved='SELECT "user", child FROM involvements',
    involved_attribute="involved",
    facet_values=_FACET_VALUES,
    token_owners={
        TokenKind.RECORD: TokenOwner(Facet.IDENTITY, 'SELECT child AS "row", child FROM children'),
        TokenKind.CONTACT: TokenOwner(Facet.CONTACTS, 'SELECT carer AS "row", child FROM child_carers'),
        # An earlier address is as much whereabouts as the present one: somebody there may know where the child went.
        TokenKind.PLACE: TokenOwner(
            Facet.WHEREABOUTS,
            """SELECT address AS "row", child FROM children WHERE address IS NOT NULL
            UNION ALL SELECT address, child FROM former_addresses""",
        ),
    },
    user_fields=_USER_FIELDS,
    child_fields=_CHILD_FIELDS,
    hazards=_HAZARDS,
)
