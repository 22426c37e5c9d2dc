"""Finding and reading: search, view, open, declare."""

from __future__ import annotations

from overreach.contactpoint import roles
from overreach.contactpoint.calls import (
    ABSENT,
    DONE,
    FORBIDDEN,
    NUMBER,
    Answer,
    Call,
    MalformedError,
    coded_reason,
    day,
    texts,
    whole,
)
from overreach.contactpoint.describing import (
    DAY,
    GIVEN,
    NOT_ALLOWED,
    NOT_FOUND,
    UNKNOWN_SESSION,
    answer,
    described,
    empty,
    ref,
    shape,
)
from overreach.contactpoint.facts import Child, Claims
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import REASON
from overreach.contactpoint.search import FACET_OF, LAST_PAGE

_COMMON = frozenset({"family_name", "given_name", "date_of_birth"})  # each shared by many
_WEAK = _COMMON | {"gender"}
_ENOUGH = 2  # of those, in a registry of a nation


def search(parts: Parts, call: Call) -> Answer:
    """Children by the values of fields that the user may read (R12)."""
    session = call.signed_in
    if not parts.rules.asks(session.user):
        return FORBIDDEN
    query, claims, number = _query(call)
    if not parts.wide and not query.keys() - _WEAK and len(query.keys() & _COMMON) < _ENOUGH:
        raise MalformedError
    by = frozenset(FACET_OF[field] for field in query)

    def shown(child: Child) -> bool:
        return parts.rules.search(session.user, child, claims, by)

    page = parts.search.page(query, session.user.user, shown, number)
    rows = [
        {
            "number": row.child.number,
            "name": {"given": row.given, "middle": row.middle, "family": row.family},
            "gender": row.gender,
            "date_of_birth": row.date_of_birth,
        }
        for row in page.rows
    ]
    numbers = tuple(row.child.number for row in page.rows)
    parts.sessions.give(session, numbers)
    body = {"count": page.count, "page": page.page, "pages": page.pages, "children": rows}
    return Answer(200, body, numbers)


def view(parts: Parts, call: Call) -> Answer:
    """A record by its number and date of birth."""
    asked = texts(call, required=("number", "date_of_birth"), optional=("reason",))
    reason, born = coded_reason(asked.get("reason")), day(asked["date_of_birth"])
    return _record(parts, call, asked["number"], reason, born)


def open_given(parts: Parts, call: Call) -> Answer:
    """A record by its number alone, if a search gave that number to this session."""
    if not parts.sessions.was_given(call.signed_in, call.number):
        return ABSENT
    return _record(parts, call, call.number, None, None)


def declare(parts: Parts, call: Call) -> Answer:
    """State a reason for a record, issued or not: asking for a reason is no oracle (R8)."""
    if not parts.rules.asks(call.signed_in.user):
        return FORBIDDEN
    asked = texts(call, required=("reason",), optional=("note",))
    reason = coded_reason(asked["reason"])
    if reason is None or not NUMBER.fullmatch(call.number):
        raise MalformedError
    parts.sessions.declare(call.signed_in, call.number, reason)
    return DONE


def _record(parts: Parts, call: Call, number: str, reason: str | None, born: str | None) -> Answer:
    session = call.signed_in
    claims = parts.sessions.claims(session, number, reason, call.now)
    found = parts.records.find(number, session.user.user)
    if found is None or (born is not None and found.date_of_birth != born):
        return ABSENT
    child = found.child
    facets = parts.rules.view(session.user, child, claims)
    if roles.EXISTENCE not in facets:
        return ABSENT
    record = parts.cache.recall(session.user.user, number, facets, lambda: parts.records.read(child.child, facets))
    return Answer(200, record, (child.number,))


def _query(call: Call) -> tuple[dict[str, str], Claims, int]:
    """The fields asked for, the claims and the page; MalformedError where one does not fit."""
    if not isinstance(call.body, dict):
        raise MalformedError
    body = dict(call.body)
    page = whole(body.pop("page", 1), LAST_PAGE)
    rest = Call(call.session, call.number, body, call.params, call.request_id, call.now)
    query = texts(rest, optional=(*FACET_OF, "reason"))
    claims = Claims(coded_reason(query.pop("reason", None)))
    if not query.keys() - {"gender"}:
        raise MalformedError
    if "date_of_birth" in query:
        query["date_of_birth"] = day(query["date_of_birth"])
    return query, claims, page


_RECORD = answer("what the user may read of the record", ref("Record"))
_KEY = shape({"number": GIVEN, "date_of_birth": DAY, "reason": REASON}, optional=("reason",))

ROUTES = (
    Route(
        "POST",
        "/children/view",
        "view",
        view,
        frozenset({"number", "date_of_birth", "reason"}),
        reads=True,
        mediated=True,
        described=described("view", {200: _RECORD}, UNKNOWN_SESSION, NOT_FOUND, body=_KEY),
    ),
    Route(
        "POST",
        "/children/search",
        "search",
        search,
        frozenset({*FACET_OF, "reason", "page"}),
        reads=True,
        mediated=True,
        described=described(
            "search", {200: answer("a page", ref("Page"))}, UNKNOWN_SESSION, NOT_ALLOWED, body=ref("Query")
        ),
    ),
    Route(
        "GET",
        "/children/{number}",
        "view",
        open_given,
        reads=True,
        mediated=True,
        described=described("open", {200: _RECORD}, UNKNOWN_SESSION, NOT_FOUND),
    ),
    Route(
        "POST",
        "/children/{number}/reason",
        "declare",
        declare,
        frozenset({"reason", "note"}),
        mediated=True,
        described=described(
            "declare",
            {204: empty("noted")},
            UNKNOWN_SESSION,
            NOT_ALLOWED,
            body=shape({"reason": REASON, "note": GIVEN}, optional=("note",)),
        ),
    ),
)
