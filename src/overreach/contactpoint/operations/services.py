"""Recording, removing and listing the services of a child (R2, R3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from overreach.contactpoint import roles
from overreach.contactpoint.calls import ABSENT, DONE, FORBIDDEN, MALFORMED, Answer, Call, MalformedError, day, texts
from overreach.contactpoint.decisions.services import CONSENTS, KINDS, SENSITIVE_KINDS
from overreach.contactpoint.describing import (
    DAY,
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
    ref,
    shape,
)
from overreach.contactpoint.facts import Basis, Service
from overreach.contactpoint.operations.reached import reached
from overreach.contactpoint.parts import Parts, Route

NOT_YET = Answer(409, {"error": "consent of a day to come"})
LONGEST_NAME = 200  # characters
LONGEST_PHONE = 30


def record_service(parts: Parts, call: Call) -> Answer:
    """Record a service; a sensitive one with its basis only, and with the same answer if it was withdrawn (R3)."""
    user = call.signed_in.user
    if not parts.rules.records_services(user):
        return FORBIDDEN
    service = _service(call)
    at = reached(parts, call)
    if at is None or not parts.rules.records_service(at.child, at.readable):
        return ABSENT
    if not parts.rules.grounded(service, call.now.date()):
        return MALFORMED if service.basis == Basis() else NOT_YET
    child = at.child.child
    withdrawn = parts.services.withdrawn(child, service.provider)
    if parts.rules.comes_back(service, withdrawn):
        issued = parts.services.add(child, user.user, service, call.now)
    else:
        # That there was such an entry is not for whoever asks now: the answer is that of an entry stored.
        issued = parts.services.pass_over(child, user.user, call.now)
    return Answer(201, {"service": issued})


def remove_service(parts: Parts, call: Call) -> Answer:
    """Remove an entry of this child; removing a sensitive one withdraws the consent."""
    user = call.signed_in.user
    if not parts.rules.records_services(user):
        return FORBIDDEN
    at = reached(parts, call)
    if at is None:
        return ABSENT
    issued = parts.services.issued(at.child.child, call.path["service"])
    if issued is None or not parts.rules.removes_service(user, at.child, issued.recorded_by):
        return ABSENT
    parts.services.remove(at.child.child, call.path["service"], call.now)
    return DONE


def list_services(parts: Parts, call: Call) -> Answer:
    """Every entry of a child with id and basis, for the management team that brokers (R2, R14)."""
    if not parts.rules.brokers(call.signed_in.user):
        return FORBIDDEN
    at = reached(parts, call)
    if at is None or not {roles.SERVICES, roles.SENSITIVE_SERVICES} <= at.readable:
        return ABSENT
    return Answer(200, {"services": parts.services.entries(at.child.child)}, (at.child.number,))


def _service(call: Call) -> Service:
    """The service in the body; MalformedError where it has not the form of one."""
    if not isinstance(call.body, dict):
        raise MalformedError
    body = dict(call.body)
    basis = _basis(call, body.pop("basis")) if "basis" in body else Basis()
    given = texts(replace(call, body=body), required=("kind", "provider"), optional=("phone", "since", "sensitive"))
    sensitive, phone, since = given.get("sensitive"), given.get("phone"), given.get("since")
    if sensitive is None:
        fits = given["kind"] in KINDS and basis == Basis()
    else:
        fits = SENSITIVE_KINDS.get(sensitive) == given["kind"]
    if not fits:
        raise MalformedError
    return Service(
        given["kind"],
        _named(given["provider"], LONGEST_NAME),
        None if phone is None else _named(phone, LONGEST_PHONE),
        None if since is None else date.fromisoformat(day(since)),
        sensitive,
        basis,
    )


def _basis(call: Call, stated: object) -> Basis:
    part = replace(call, body=stated)
    if isinstance(stated, dict) and "harm" in stated:
        return Basis(harm=_named(texts(part, required=("harm",))["harm"], LONGEST_NAME))
    given = texts(part, required=("consent", "on"))
    return Basis(_one_of(given["consent"], CONSENTS), date.fromisoformat(day(given["on"])))


def _named(text: str, longest: int) -> str:
    if not text.strip() or len(text) > longest:
        raise MalformedError
    return text.strip()


def _one_of(text: str, known: Collection[str]) -> str:
    if text not in known:
        raise MalformedError
    return text


def _text(longest: int) -> Schema:
    return {"type": "string", "pattern": NOT_BLANK, "maxLength": longest}


_REST = {"provider": _text(LONGEST_NAME), "phone": _text(LONGEST_PHONE), "since": DAY}
_BASIS: Schema = {
    "oneOf": [shape({"consent": {"enum": list(CONSENTS)}, "on": DAY}), shape({"harm": _text(LONGEST_NAME)})]
}
_ORDINARY = shape({"kind": {"enum": list(KINDS)}, **_REST}, optional=("phone", "since"))
_SENSITIVE = [
    shape(
        {"kind": {"const": kind}, **_REST, "sensitive": {"const": code}, "basis": _BASIS}, optional=("phone", "since")
    )
    for code, kind in SENSITIVE_KINDS.items()
]
_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NOT_FOUND)

ROUTES = (
    # The log says that a service was recorded, never which: whoever reads the log reads no sensitive service.
    Route(
        "POST",
        "/children/{number}/services",
        "record_service",
        record_service,
        reads=True,
        described=described(
            "recordService",
            {201: answer("taken", shape({"service": TEXT}))},
            *(*_ERRORS, (409, "consent of a day to come")),
            body={"oneOf": [_ORDINARY, *_SENSITIVE]},
        ),
    ),
    Route(
        "GET",
        "/children/{number}/services",
        "list_services",
        list_services,
        described=described(
            "listServices", {200: answer("every entry", shape({"services": array(ref("Service"))}))}, *_ERRORS
        ),
    ),
    Route(
        "DELETE",
        "/children/{number}/services/{service}",
        "remove_service",
        remove_service,
        frozenset({"service"}),
        reads=True,
        described=described("removeService", {204: empty("removed")}, *_ERRORS),
    ),
)
