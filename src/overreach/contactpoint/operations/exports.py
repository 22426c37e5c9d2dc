"""Exports: asking, approving, downloading once (R23); the lesson of the lost discs.

Rows are computed when they are downloaded, with the rights of that moment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from overreach.contactpoint.calls import (
    ABSENT,
    DONE,
    FORBIDDEN,
    Answer,
    Call,
    File,
    MalformedError,
    coded_reason,
    texts,
)
from overreach.contactpoint.clock import stamp
from overreach.contactpoint.decisions.exports import COLUMNS, CONDITIONS
from overreach.contactpoint.describing import (
    NOT_ALLOWED,
    NOT_BLANK,
    NOT_FOUND,
    TEXT,
    UNKNOWN_SESSION,
    Schema,
    answer,
    array,
    described,
    empty,
    file,
    ref,
    shape,
)
from overreach.contactpoint.facts import Claims, Export
from overreach.contactpoint.journal import Alert
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.records import Record
from overreach.contactpoint.schemas import REASON
from overreach.contactpoint.sheet import sheet

WAITS = Answer(202, {"state": "waiting"})
TOO_MANY = Answer(409, {"error": "too many rows"})
GONE = Answer(410, {"error": "downloaded, or run out"})
LONGEST_GROUND = 200  # characters
_HEADERS = {"content-disposition": 'attachment; filename="export.csv"'}


def ask_export(parts: Parts, call: Call) -> Answer:
    """Ask for an export; an alert is raised before the answer leaves."""
    user = call.signed_in.user
    if not parts.rules.asks_exports(user):
        return FORBIDDEN
    asked = _asked(call)
    export = parts.exports.ask(asked, user, call.now)
    parts.alerts.sound(Alert("export_asked", user.username, "", call.request_id), call.now)
    noted = {"export": export, "columns": asked["columns"], "where": asked["where"]}
    return Answer(201, {"export": export, "state": "waiting"}, noted=noted)


def list_exports(parts: Parts, call: Call) -> Answer:
    """The exports that this user may approve, with all that was asked."""
    user = call.signed_in.user
    if not parts.rules.approves_exports(user):
        return FORBIDDEN
    waiting = parts.exports.waiting(call.now)
    return Answer(200, {"exports": [_told(each) for each in waiting if parts.rules.approves_export(user, each)]})


def approve_export(parts: Parts, call: Call) -> Answer:
    """Approve an export, once a user."""
    user = call.signed_in.user
    if not parts.rules.approves_exports(user):
        return FORBIDDEN
    asked = parts.exports.find(call.path["export"])
    if asked is None or _over(asked, call) or not parts.rules.approves_export(user, asked):
        return ABSENT
    parts.exports.approve(asked.export, user.user, call.now)
    return replace(DONE, noted={"export": asked.export})


def take_export(parts: Parts, call: Call) -> Answer:
    """The file, once, for the one who asked; the log has the numbers answered and the counts."""
    user = call.signed_in.user
    if not parts.rules.asks_exports(user):
        return FORBIDDEN
    asked = parts.exports.find(call.path["export"])
    if asked is None or not parts.rules.downloads(user, asked):
        return ABSENT
    if _over(asked, call):
        return GONE
    if not parts.rules.export_approved(asked):
        return WAITS
    rows = _rows(parts, call, asked)
    if rows is None:
        return TOO_MANY
    parts.exports.take(asked.export, call.now)
    content = sheet(asked.columns, rows.values())
    noted = {"export": asked.export, "columns": asked.columns, "rows": len(rows), "fields": len(asked.columns)}
    return Answer(200, None, tuple(rows), headers=_HEADERS, file=File(content, "text/csv"), noted=noted)


def _rows(parts: Parts, call: Call, asked: Export) -> dict[str, list[str | None]] | None:
    """Number -> cells; None where there are more than an export may have."""
    user = call.signed_in.user
    named = asked.where.get("responsible")
    areas = parts.rules.exports_from(user, None if named is None else parts.exports.authority(named))
    needed = {COLUMNS[name][0] for name in asked.columns}
    rows: dict[str, list[str | None]] = {}
    for number in parts.exports.numbers(areas, asked.where):
        found = parts.records.find(number, user.user)
        if found is None:
            continue
        readable = parts.rules.view(user, found.child, Claims(asked.purpose))
        readable = parts.rules.exports_row(found.child, asked, readable)
        if not readable:
            continue
        if len(rows) == parts.exports.most:
            return None
        record = parts.records.read(found.child.child, readable & needed)
        rows[found.child.number] = [_cell(record, COLUMNS[name][1]) for name in asked.columns]
    return rows


def _cell(record: Record, path: tuple[str, ...]) -> str | None:
    """The value at a path of a record; None where it may not be read, or there is none."""
    value: Any = record
    for name in path:
        value = value.get(name) if value else None
    return None if value is None else str(value)


def _over(asked: Export, call: Call) -> bool:
    return asked.taken or asked.ends <= stamp(call.now)


def _asked(call: Call) -> dict[str, Any]:
    """What is asked for; MalformedError where it has not the form of that."""
    if not isinstance(call.body, dict):
        raise MalformedError
    body = dict(call.body)
    columns, where, shielded = body.pop("columns", None), body.pop("where", None), body.pop("include_shielded", False)
    given = texts(replace(call, body=body), required=("purpose",), optional=("ground",))
    ground = given.get("ground")
    named = isinstance(columns, list) and columns and all(isinstance(name, str) for name in columns)
    if not named or len(set(columns)) < len(columns) or not COLUMNS.keys() >= set(columns):
        raise MalformedError
    if not isinstance(shielded, bool) or shielded != (ground is not None):
        raise MalformedError
    if ground is not None and (not ground.strip() or len(ground) > LONGEST_GROUND):
        raise MalformedError
    filters = texts(replace(call, body=where), optional=tuple(CONDITIONS))
    return {"columns": columns, "where": filters, "purpose": coded_reason(given["purpose"]), "ground": ground}


def _told(asked: Export) -> dict[str, Any]:
    return {
        "export": asked.export,
        "user": asked.username,
        "columns": asked.columns,
        "where": asked.where,
        "purpose": asked.purpose,
        "ground": asked.ground,
        "asked": asked.asked,
        "ends": asked.ends,
        "approvals": len(asked.approvers),
    }


_WHERE = shape(dict.fromkeys(CONDITIONS, TEXT), optional=tuple(CONDITIONS))
_COLUMNS = array({"type": "string", "enum": list(COLUMNS)}) | {"minItems": 1, "uniqueItems": True}
_BODY = {"columns": _COLUMNS, "where": _WHERE, "purpose": REASON}
_GROUND: Schema = {"type": "string", "pattern": NOT_BLANK, "maxLength": LONGEST_GROUND}
_PLAIN = shape({**_BODY, "include_shielded": {"const": False}}, optional=("include_shielded",))
_SHIELDED = shape({**_BODY, "include_shielded": {"const": True}, "ground": _GROUND})
_STATE = {"state": TEXT}
_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED)

ROUTES = (
    Route(
        "POST",
        "/exports",
        "ask_export",
        ask_export,
        frozenset({"purpose", "include_shielded", "ground"}),
        described=described(
            "askExport",
            {201: answer("waits for two approvals", shape({"export": TEXT, **_STATE}))},
            *_ERRORS,
            body={"oneOf": [_PLAIN, _SHIELDED]},
        ),
    ),
    Route(
        "GET",
        "/exports",
        "list_exports",
        list_exports,
        described=described(
            "listExports",
            {200: answer("what this user may approve", shape({"exports": array(ref("Export"))}))},
            *_ERRORS,
        ),
    ),
    Route(
        "POST",
        "/exports/{export}/approve",
        "approve_export",
        approve_export,
        described=described("approveExport", {204: empty("approved")}, *_ERRORS, NOT_FOUND),
    ),
    Route(
        "GET",
        "/exports/{export}",
        "take_export",
        take_export,
        described=described(
            "takeExport",
            {200: file("the rows", "text/csv"), 202: answer("waits for approvals", shape(_STATE))},
            *(*_ERRORS, NOT_FOUND, (409, "more rows than an export may have"), (410, "downloaded, or run out")),
        ),
    ),
)
