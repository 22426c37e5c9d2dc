"""A row of the log as a FHIR R4 AuditEvent.

DICOM's codes are used where their meaning was found written down: 110100 application activity, 110106 export,
110113 security alert, 110127 emergency override started. Everything else has codes of this project's own, among them
which pattern of IHE's Basic Audit Log Patterns (PatientRead, PatientQuery, PrivacyDisclosure.Source) an operation fits.
"""

from __future__ import annotations

import base64
from typing import Any

import orjson

from overreach.contactpoint.calls import NUMBER
from overreach.contactpoint.describing import COUNT, FLAG, MOMENT, TEXT, Schema, array, shape
from overreach.contactpoint.facts import REASONS
from overreach.contactpoint.journal import Row

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
# `.invalid` (RFC 2606): names of our own, which lead nowhere.
OWN = "https://overreach.invalid/registry"
OPERATION, PATTERN, REASON = f"{OWN}/operation", f"{OWN}/ihe-pattern", f"{OWN}/reason"
USERNAME, RECORD, PSEUDONYM = f"{OWN}/username", f"{OWN}/record-number", f"{OWN}/pseudonym"
STATUS, HASH, REQUEST_ID = f"{OWN}/status", f"{OWN}/hash", f"{OWN}/request-id"

_EXECUTE = "E"
_OPERATIONS = {
    "C": """declare override activate sign_in record_service ask_contact ask_export request_shield mediate suspend split
      mint_session""",
    "R": """view read_log read_alerts read_findings read_notices read_reviews read_readers list_services list_contacts
      list_own_contacts list_exports take_export list_accounts show_account""",
    "U": """shield unshield decide_shield merge offer_move accept_move amend hold_caf hold_lead_professional accredit
      note_leaving note_role note_vetting note_training note_agreement answer_alert answer_contact approve_export""",
    "D": """end_override sign_out remove_service end_mediation lift_suspension release_caf
      release_lead_professional""",
}
"""What creates, reads, updates and deletes; a search, and whatever no route knows, is executed (E)."""
_ACTIONS = {operation: action for action, listed in _OPERATIONS.items() for operation in listed.split()}
_TYPES = {"override": ("110113", "Security Alert"), "take_export": ("110106", "Export")}
_USUAL_TYPE = ("110100", "Application Activity")
_SUBTYPES = {"override": ("110127", "Emergency Override Started")}
_PATTERNS = {"view": "PatientRead", "search": "PatientQuery", "take_export": "PrivacyDisclosure.Source"}
_SOURCE = {"observer": {"display": "ContactPoint reference registry"}}

_REFUSED, _FAILED = 400, 500  # lowest HTTP status of either

_CODING: Schema = shape({"system": TEXT, "code": TEXT, "display": TEXT}, optional=("display",))
_WHO: Schema = shape({"identifier": shape({"system": TEXT, "value": TEXT})})
AUDIT_EVENT: Schema = shape(
    {
        "resourceType": {"const": "AuditEvent"},
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "extension": array(
            shape({"url": TEXT, "valueInteger": COUNT, "valueString": TEXT}, optional=("valueInteger", "valueString"))
        ),
        "type": _CODING,
        "subtype": array(_CODING),
        "action": {"enum": ["C", "R", "U", "D", "E"]},
        "recorded": MOMENT,
        "outcome": {"enum": ["0", "4", "8"]},
        "purposeOfEvent": array(shape({"coding": array(_CODING)})),
        "agent": array(shape({"who": _WHO, "requestor": FLAG}, optional=("who",))),
        "source": shape({"observer": shape({"display": TEXT})}),
        "entity": array(shape({"what": _WHO, "query": TEXT}, optional=("what", "query"))),
    },
    optional=("purposeOfEvent",),
)


def event_of(row: Row) -> dict[str, Any]:
    """The AuditEvent of a row.

    Its first entity is the query, base64 of a JSON object; each further one a record that was answered. The first
    agent is the user (without `who` where nobody was signed in), the second one whom the user asked for.
    Extensions in this order: status, hash, request id (left out where the client sent none).
    """
    entry = row.entry
    code, display = _TYPES.get(entry.operation, _USUAL_TYPE)
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(row.sequence),
        "extension": _extensions(row),
        "type": {"system": DICOM, "code": code, "display": display},
        "subtype": _subtypes(entry.operation),
        "action": _ACTIONS.get(entry.operation, _EXECUTE),
        "recorded": row.time,
        "outcome": "0" if entry.status < _REFUSED else "4" if entry.status < _FAILED else "8",
        "agent": _agents(entry.user, entry.on_behalf_of),
        "source": _SOURCE,
        "entity": [{"query": base64.b64encode(orjson.dumps(entry.query)).decode()}, *map(_record, entry.results)],
    }
    reason = entry.query.get("reason")
    if reason in REASONS:
        event["purposeOfEvent"] = [{"coding": [{"system": REASON, "code": reason}]}]
    return event


def _extensions(row: Row) -> list[dict[str, Any]]:
    extensions: list[dict[str, Any]] = [
        {"url": STATUS, "valueInteger": row.entry.status},
        {"url": HASH, "valueString": row.hash},
    ]
    if row.entry.request_id:
        extensions.append({"url": REQUEST_ID, "valueString": row.entry.request_id})
    return extensions


def _subtypes(operation: str) -> list[dict[str, str]]:
    subtypes = [{"system": OPERATION, "code": operation}]
    if operation in _SUBTYPES:
        code, display = _SUBTYPES[operation]
        subtypes.append({"system": DICOM, "code": code, "display": display})
    if operation in _PATTERNS:
        subtypes.append({"system": PATTERN, "code": _PATTERNS[operation]})
    return subtypes


def _agents(user: str, on_behalf_of: str) -> list[dict[str, Any]]:
    asking: dict[str, Any] = {"who": _named(USERNAME, user), "requestor": True} if user else {"requestor": True}
    return [asking, {"who": _named(USERNAME, on_behalf_of), "requestor": False}] if on_behalf_of else [asking]


def _record(number: str) -> dict[str, Any]:
    return {"what": _named(RECORD if NUMBER.fullmatch(number) else PSEUDONYM, number)}


def _named(system: str, value: str) -> dict[str, Any]:
    return {"identifier": {"system": system, "value": value}}
