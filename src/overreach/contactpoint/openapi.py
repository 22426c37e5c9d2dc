"""The OpenAPI 3.1 document of the registry."""

from __future__ import annotations

from typing import Any

from overreach.contactpoint.calls import NUMBER
from overreach.contactpoint.operations.oversight import MOST, USUAL
from overreach.contactpoint.rules import REASONS
from overreach.contactpoint.search import FACET_OF

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_DAY: Schema = {"type": "string", "format": "date"}
_DAY_OR_NULL: Schema = {"type": ["string", "null"], "format": "date"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_REASON: Schema = {"type": "string", "enum": list(REASONS)}
_WINDOW = [
    {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}},
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 0, "maximum": MOST, "default": USUAL},
    },
]


def document() -> Schema:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ContactPoint reference registry",
            "version": "1",
            "description": "Synthetic records only. Every request of a signed-in user is logged.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": {**_open_paths(), **_child_paths(), **_oversight_paths()},
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _open_paths() -> Schema:
    credentials = {"username": _TEXT, "code": _TEXT, "password": _TEXT}
    refused = ("403", "not accepted; one answer for every cause")
    return {
        "/health": {"get": _public(_operation("health", {"200": _json("it answers", _object({"status": _TEXT}))}))},
        "/openapi.json": {"get": _public(_operation("openapi", {"200": _json("this document", {"type": "object"})}))},
        "/accounts/activate": {
            "post": _public(
                _operation(
                    "activate",
                    {
                        "201": _json("the account is open", _object({"totp_secret": _TEXT})),
                        **_errors(refused),
                    },
                    body=_object(credentials),
                )
            )
        },
        "/sessions": {
            "post": _public(
                _operation(
                    "signIn",
                    {
                        "201": _json("the session", _object({"token": _TEXT, "expires_in": _COUNT})),
                        **_errors(refused),
                    },
                    body=_object(credentials),
                )
            ),
            "delete": _operation("signOut", {"204": {"description": "signed out"}, **_errors(_UNKNOWN_SESSION)}),
        },
    }


_UNKNOWN_SESSION = ("401", "no session, or an ended one")
_NOT_ALLOWED = ("403", "the role has no such right, whatever the number")
_ABSENT = ("404", "never issued, or not for this user: one answer")


def _child_paths() -> Schema:
    record = _json("what the user may read of the record", {"$ref": "#/components/schemas/Record"})
    reason = _object({"reason": _REASON})
    done = {"description": "done"}
    key = {"number": _TEXT, "date_of_birth": _DAY, "reason": _REASON}
    warning = _json("open for this session; an alert is raised", _object({"warning": _TEXT}))
    shielded = _json("shielded", _object({"shielded": {"type": "boolean"}}))
    kept = _errors(_UNKNOWN_SESSION, _NOT_ALLOWED, _ABSENT)
    lifted = _object({"lifted": {"type": "boolean"}})
    return {
        "/children/search": {
            "post": _operation(
                "search",
                {"200": _json("a page", _ref("Page")), **_errors(_UNKNOWN_SESSION, _NOT_ALLOWED)},
                body=_ref("Query"),
            )
        },
        "/children/view": {
            "post": _operation(
                "view",
                {"200": record, **_errors(_UNKNOWN_SESSION, _ABSENT)},
                body=_object(key, optional=("reason",)),
            )
        },
        "/children/{number}": {"get": _numbered("open", {"200": record, **_errors(_UNKNOWN_SESSION, _ABSENT)})},
        "/children/{number}/reason": {
            "post": _numbered(
                "declare",
                {"204": done, **_errors(_UNKNOWN_SESSION, _NOT_ALLOWED)},
                body=_object({"reason": _REASON, "note": _TEXT}, optional=("note",)),
            )
        },
        "/children/{number}/override": {
            "post": _numbered("override", {"201": warning, **kept}, body=reason),
            "delete": _numbered("endOverride", {"204": done, **_errors(_UNKNOWN_SESSION)}),
        },
        "/children/{number}/shield": {
            "post": _numbered("shield", {"201": shielded, **kept}, body=_object({"ground": _TEXT}))
        },
        "/children/{number}/unshield": {
            "post": _numbered(
                "unshield",
                {"200": _json("lifted", lifted), "202": _json("waits for a second officer", lifted), **kept},
                body=_object({"reason": _TEXT}),
            )
        },
    }


def _oversight_paths() -> Schema:
    errors = _errors(_UNKNOWN_SESSION, _NOT_ALLOWED)
    entries = _object({"entries": _list(_ref("Entry")), "next": _COUNT})
    alerts = _object({"alerts": _list(_ref("Alert")), "next": _COUNT})
    return {
        "/log": {"get": _operation("readLog", {"200": _json("rows", entries), **errors}, parameters=_WINDOW)},
        "/alerts": {"get": _operation("readAlerts", {"200": _json("alerts", alerts), **errors}, parameters=_WINDOW)},
    }


def _schemas() -> Schema:
    name = _object({"given": _TEXT, "middle": _TEXT_OR_NULL, "family": _TEXT})
    identity = {"number": {"type": "string", "pattern": f"^{NUMBER.pattern}$"}, "name": name}
    identity |= {"gender": _TEXT, "date_of_birth": _DAY}
    carer = {"name": _TEXT, "relation": _TEXT_OR_NULL, "phone": _TEXT_OR_NULL, "email": _TEXT_OR_NULL}
    former = _object({"given": _TEXT_OR_NULL, "family": _TEXT_OR_NULL, "until": _DAY_OR_NULL})
    service = {"kind": _TEXT_OR_NULL, "provider": _TEXT_OR_NULL}
    facets = {
        "former_names": _list(former),
        "address": _object(dict.fromkeys(("house", "street", "locality", "postcode"), _TEXT_OR_NULL)),
        "carers": _list(_object(carer, optional=("phone", "email"))),
        "education": _object({"school": _TEXT, "since": _DAY_OR_NULL}, nullable=True),
        "health": _object({"practice": _TEXT, "phone": _TEXT_OR_NULL}, nullable=True),
        "services": _list(_object({**service, "phone": _TEXT_OR_NULL})),
        "sensitive_services": _list(_object(service)),
        "indicators": _object(dict.fromkeys(("caf_holder", "lead_professional"), _TEXT_OR_NULL)),
        "provenance": _object({"responsible": _TEXT_OR_NULL, "updated": _DAY_OR_NULL}),
        "protection": _object({"shielded": {"type": "boolean"}, "since": _DAY_OR_NULL}),
    }
    fields = {field: _DAY if field == "date_of_birth" else _TEXT for field in FACET_OF}
    asked = {**fields, "reason": _REASON, "page": {"type": "integer", "minimum": 1, "default": 1}}
    row = {"sequence": _COUNT, "time": {"type": "string", "format": "date-time"}, "user": _TEXT}
    entry = {**row, "operation": _TEXT, "query": {"type": "object"}, "results": _list(_TEXT)}
    return {
        "Error": _object({"error": _TEXT}),
        "Record": _object({**identity, **facets}, optional=tuple(facets)),
        "Query": _object(asked, optional=tuple(asked)) | {"minProperties": 1},
        "Page": _object({"count": _COUNT, "page": _COUNT, "pages": _COUNT, "children": _list(_object(identity))}),
        "Entry": _object({**entry, "status": _COUNT, "request_id": _TEXT}),
        "Alert": _object({**row, "kind": _TEXT, "child": _TEXT, "request_id": _TEXT}),
    }


def _operation(name: str, responses: Schema, body: Schema | None = None, **more: object) -> Schema:
    operation: Schema = {"operationId": name, "responses": responses, **more}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        operation["responses"] |= _errors(("413", "a body over 64 KiB"), ("422", "not understood"))
    return operation


def _public(operation: Schema) -> Schema:
    return {**operation, "security": []}


def _numbered(name: str, responses: Schema, body: Schema | None = None) -> Schema:
    number = {"name": "number", "in": "path", "required": True, "schema": _TEXT}
    return _operation(name, responses, body, parameters=[number])


def _errors(*errors: tuple[str, str]) -> Schema:
    return {status: _json(text, _ref("Error")) for status, text in (*errors, ("503", "not available"))}


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(properties: Schema, optional: tuple[str, ...] = (), *, nullable: bool = False) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": ["object", "null"] if nullable else "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
