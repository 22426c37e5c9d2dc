"""The life cycle of records: merge and split (R17), move between authorities (R18)."""

from __future__ import annotations

from overreach.contactpoint.calls import (
    ABSENT,
    FORBIDDEN,
    NOT_NOW,
    NUMBER,
    Answer,
    Call,
    MalformedError,
    NotPossibleError,
)
from overreach.contactpoint.describing import (
    FLAG,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_POSSIBLE_NOW,
    RECORD_NUMBER,
    STATED,
    UNKNOWN_SESSION,
    answer,
    described,
    shape,
)
from overreach.contactpoint.facts import Child
from overreach.contactpoint.lifecycle import Half
from overreach.contactpoint.operations.amendments import FIELDS, read_value
from overreach.contactpoint.operations.stating import stated
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.shields import Statement


def merge(parts: Parts, call: Call) -> Answer:
    """Ask for a record to be merged into another; it is once a second officer asks the same (R17)."""
    if not parts.rules.keeps_records(call.signed_in.user):
        return FORBIDDEN
    into = stated(call, ("into",))["into"]
    if not NUMBER.fullmatch(into):
        raise MalformedError
    child, survivor = _in_order(parts, call, call.number), _in_order(parts, call, into)
    if child is None or survivor is None or child.child == survivor.child:
        return ABSENT
    merged = parts.lifecycle.merge(child.child, survivor.child, Statement(call.signed_in.user.user, call.now))
    return Answer(200 if merged else 202, {"merged": merged}, (child.number, survivor.number))


def split(parts: Parts, call: Call) -> Answer:
    """Make a second record, of the child that is named, out of a record that speaks of two (R17)."""
    if not parts.rules.keeps_records(call.signed_in.user):
        return FORBIDDEN
    said = stated(call, Half._fields)
    # What an amendment may not write into a record, a split does not either (R1).
    half = Half(**{field: str(read_value(parts, call, field, said[field])) for field in Half._fields})
    child = _in_order(parts, call, call.number)
    if child is None:
        return ABSENT
    number = parts.lifecycle.split(child.child, half, Statement(call.signed_in.user.user, call.now))
    return Answer(201, {"number": number}, (child.number, number))


def offer(parts: Parts, call: Call) -> Answer:
    """Offer a record to another authority; until that one accepts, nothing changes (R18)."""
    user = call.signed_in.user
    if not parts.rules.moves_records(user):
        return FORBIDDEN
    authority = parts.moves.authority(stated(call, ("to",))["to"])
    if authority is None:
        raise NotPossibleError
    found = parts.records.find(call.number, user.user)
    if found is None or not parts.rules.moves_record(user, found.child):
        return ABSENT
    if authority == found.child.responsible:
        return NOT_NOW
    parts.moves.offer(found.child.child, authority)
    return Answer(202, {"moved": False})


def accept(parts: Parts, call: Call) -> Answer:
    """Accept a record that is offered; from now on this authority is responsible, and the other is not (R18)."""
    user = call.signed_in.user
    if not parts.rules.moves_records(user):
        return FORBIDDEN
    found = parts.records.find(call.number, user.user)
    authority = None if found is None else parts.moves.offered_to(found.child.child)
    if found is None or authority is None or not parts.rules.accepts_record(user, found.child, authority):
        return ABSENT
    parts.moves.accept(found.child.child, Statement(user.user, call.now))
    return Answer(200, {"moved": True})


def _in_order(parts: Parts, call: Call, number: str) -> Child | None:
    """The child of a number, if this user may keep its record in order."""
    user = call.signed_in.user
    found = parts.records.find(number, user.user)
    return found.child if found is not None and parts.rules.keeps_record(user, found.child) else None


_MERGED, _MOVED = shape({"merged": FLAG}), shape({"moved": FLAG})
_HALF = shape({field: FIELDS[field] for field in Half._fields})
_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NOT_FOUND)

ROUTES = (
    Route(
        "POST",
        "/children/{number}/merge",
        "merge",
        merge,
        frozenset({"into"}),
        described=described(
            "merge",
            {200: answer("merged", _MERGED), 202: answer("waits for a second officer", _MERGED)},
            *_ERRORS,
            body=shape({"into": RECORD_NUMBER}),
        ),
    ),
    Route(
        "POST",
        "/children/{number}/split",
        "split",
        split,
        described=described(
            "split",
            {201: answer("the second record", shape({"number": RECORD_NUMBER}))},
            *_ERRORS,
            body=_HALF,
        ),
    ),
    Route(
        "POST",
        "/children/{number}/move",
        "offer_move",
        offer,
        frozenset({"to"}),
        described=described(
            "offerMove",
            {202: answer("waits for the other authority", _MOVED)},
            *_ERRORS,
            NOT_POSSIBLE_NOW,
            body=shape({"to": STATED}),
        ),
    ),
    Route(
        "POST",
        "/children/{number}/move/accept",
        "accept_move",
        accept,
        described=described("acceptMove", {200: answer("moved", _MOVED)}, *_ERRORS),
    ),
)
