"""The named JSON Schemas of the OpenAPI document."""

from __future__ import annotations

from overreach.contactpoint.auditevent import AUDIT_EVENT
from overreach.contactpoint.describing import (
    COUNT,
    DAY,
    DAY_OR_NULL,
    FLAG,
    GIVEN,
    MOMENT,
    RECORD_NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    array,
    ref,
    shape,
)
from overreach.contactpoint.facts import GROUNDS, REASONS, STATEMENTS
from overreach.contactpoint.search import FACET_OF, LAST_PAGE
from overreach.contactpoint.shields import CONFIRMED, LIFTED, PROVISIONAL

REASON: Schema = {"type": "string", "enum": list(REASONS)}
GROUND: Schema = {"type": "string", "enum": list(GROUNDS)}

_IDENTITY: Schema = {
    "number": RECORD_NUMBER,
    "name": shape({"given": TEXT, "middle": TEXT_OR_NULL, "family": TEXT}),
    "gender": TEXT,
    "date_of_birth": DAY,
}
_CARER: Schema = {"name": TEXT, "relation": TEXT_OR_NULL, "phone": TEXT_OR_NULL, "email": TEXT_OR_NULL}
_SERVICE: Schema = {"kind": TEXT_OR_NULL, "provider": TEXT_OR_NULL}
_PLACE: Schema = dict.fromkeys(("house", "street", "locality", "postcode"), TEXT_OR_NULL)
_FACETS: Schema = {
    "former_names": array(shape({"given": TEXT_OR_NULL, "family": TEXT_OR_NULL, "until": DAY_OR_NULL})),
    "address": shape({**_PLACE, "since": DAY_OR_NULL, "statement": {"enum": [*STATEMENTS, None]}}),
    "former_addresses": array(shape({**_PLACE, "since": DAY_OR_NULL, "until": DAY_OR_NULL})),
    "carers": array(shape(_CARER, optional=("phone", "email"))),
    "education": shape({"school": TEXT, "since": DAY_OR_NULL}, nullable=True),
    "health": shape({"practice": TEXT, "phone": TEXT_OR_NULL}, nullable=True),
    "services": array(shape({**_SERVICE, "phone": TEXT_OR_NULL, "since": DAY_OR_NULL})),
    "sensitive_services": array(shape(_SERVICE)),
    "indicators": shape(
        {kind: shape({"holder": TEXT, "phone": TEXT_OR_NULL}, nullable=True) for kind in ("caf", "lead_professional")}
    ),
    "provenance": shape({"responsible": TEXT_OR_NULL, "updated": DAY_OR_NULL}),
    "protection": shape({"shielded": FLAG, "since": DAY_OR_NULL}),
}
_FIELDS: Schema = {field: DAY if field == "date_of_birth" else GIVEN for field in FACET_OF}
_QUERY: Schema = {
    **_FIELDS,
    "reason": REASON,
    "page": {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1},
}
# The gender alone is no search.
_SOUGHT: Schema = {"anyOf": [{"required": [field]} for field in _FIELDS if field != "gender"]}
_ROW: Schema = {"sequence": COUNT, "time": MOMENT, "user": TEXT}

SCHEMAS: dict[str, Schema] = {
    "Error": shape({"error": TEXT}),
    "Record": shape({**_IDENTITY, **_FACETS}, optional=tuple(_FACETS)),
    "Query": shape(_QUERY, optional=tuple(_QUERY)) | _SOUGHT,
    "Page": shape({"count": COUNT, "page": COUNT, "pages": COUNT, "children": array(shape(_IDENTITY))}),
    "AuditEvent": AUDIT_EVENT,
    "Alert": shape(
        {
            **_ROW,
            "kind": TEXT,
            "child": TEXT,
            "request_id": TEXT,
            "state": {"enum": ["open", "answered"]},
            "due": MOMENT,
            "answered_by": TEXT_OR_NULL,
            "finding": TEXT_OR_NULL,
        }
    ),
    "Service": shape(
        {
            "service": TEXT,
            **_SERVICE,
            "phone": TEXT_OR_NULL,
            "since": DAY_OR_NULL,
            "sensitive": FLAG,
            "basis": shape({"consent": TEXT_OR_NULL, "on": DAY_OR_NULL, "harm": TEXT_OR_NULL}, nullable=True),
        }
    ),
    "Export": shape(
        {
            "export": TEXT,
            "user": TEXT,
            "columns": array(TEXT),
            "where": {"type": "object"},
            "purpose": REASON,
            "ground": TEXT_OR_NULL,
            "asked": MOMENT,
            "ends": MOMENT,
            "approvals": COUNT,
        }
    ),
    "Finding": shape({"kind": TEXT, "since": MOMENT, "count": COUNT}),
    "Account": shape(
        {
            "username": TEXT,
            "role": TEXT,
            "national": FLAG,
            "areas": array(COUNT),
            "organisation": {"type": ["integer", "null"], "minimum": 0},
            "manager": TEXT_OR_NULL,
            "vetted_on": DAY_OR_NULL,
            "trained": FLAG,
            "agreed": FLAG,
            "accredited": FLAG,
            "suspended": FLAG,
            "leaves_on": DAY_OR_NULL,
        }
    ),
    "Notice": shape({"sequence": COUNT, "time": MOMENT, "kind": TEXT, "about": TEXT, "ground": TEXT}),
    "Refusal": shape({"error": TEXT, "fields": array(TEXT)}),
}

CREDENTIALS: Schema = shape({"username": GIVEN, "code": GIVEN, "password": GIVEN})
ENTRIES: Schema = shape({"entries": array(ref("AuditEvent")), "next": COUNT})
REVIEWS: Schema = shape(
    {
        "reviews": array(
            shape(
                {
                    "number": RECORD_NUMBER,
                    "standing": {"type": "string", "enum": [PROVISIONAL, CONFIRMED, LIFTED]},
                    "review_on": DAY,
                }
            )
        )
    }
)
READERS: Schema = shape({"readers": array(shape({"time": MOMENT, "user": TEXT}))})

ALERTS: Schema = shape({"alerts": array(ref("Alert")), "next": COUNT})
FINDINGS: Schema = shape({"findings": array(ref("Finding"))})
