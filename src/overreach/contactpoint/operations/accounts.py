"""Keeping accounts: see, list, leaving, post, vetting, training, agreement, accreditation (R4, R5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from overreach.contactpoint.calls import (
    DONE,
    FORBIDDEN,
    Answer,
    Call,
    MalformedError,
    day,
    flag,
    texts,
    whole_number,
)
from overreach.contactpoint.decisions.standing import VETTING_DAYS
from overreach.contactpoint.describing import (
    COUNT,
    DAY,
    FLAG,
    NO_ACCOUNT,
    NOT_ALLOWED,
    NOT_UNDERSTOOD,
    TEXT,
    UNKNOWN_SESSION,
    Schema,
    answer,
    array,
    described,
    empty,
    parameter,
    ref,
    shape,
)
from overreach.contactpoint.facts import Person
from overreach.contactpoint.operations.administering import officer_of, on_account, shut_out
from overreach.contactpoint.parts import Handler, Parts, Route
from overreach.contactpoint.people import Fact
from overreach.contactpoint.roles import ROLES, role_of

MOST = 1000  # accounts in an answer
_LARGEST = 2**62
_STATES = ("orphaned",)


def show(parts: Parts, _call: Call, person: Person, _asked: None) -> Answer:
    """One account."""
    return Answer(200, _account(parts, person))


def stale(parts: Parts, call: Call) -> Answer:
    """Accounts of leavers, and of those whose vetting has lapsed: the list of orphans (R4, R5)."""
    if not parts.rules.keeps_accounts(call.signed_in.user):
        return FORBIDDEN
    if call.params.get("state") not in _STATES:
        raise MalformedError
    after, limit = whole_number(call, "after", 0, _LARGEST), whole_number(call, "limit", MOST, MOST)
    today, officer = call.now.date(), officer_of(parts, call)
    found: list[Person] = []
    # Row numbers begin with nought.
    for person in parts.people.stale(after - 1, today, today - timedelta(days=VETTING_DAYS)):
        if len(found) == limit:
            break
        if parts.rules.keeps_account(officer, person):
            found.append(person)
    following = found[-1].user.user + 1 if found else after
    return Answer(200, {"users": [_account(parts, person) for person in found], "next": following})


def leaving(parts: Parts, call: Call, person: Person, on: str) -> Answer:
    """Note the day from which on somebody is no longer there."""
    return _changed(parts, call, person, "leaves_on", on)


def appoint(parts: Parts, call: Call, person: Person, post: str) -> Answer:
    """Give somebody a post: its rights hold at once, and nothing gathered under the old one is left (R4, R7)."""
    if not parts.rules.appoints(officer_of(parts, call), person, post):
        return FORBIDDEN
    user = person.user.user
    parts.people.change(user, "role", post)
    parts.people.change(user, "national", role_of(post).national)
    parts.strip(user)
    parts.people.take_back(user)
    return DONE


def vetting(parts: Parts, call: Call, person: Person, on: str) -> Answer:
    """Note the day of the last vetting, which no day to come can be."""
    if date.fromisoformat(on) > call.now.date():
        return _NOT_YET
    return _changed(parts, call, person, "vetted_on", on)


def training(parts: Parts, call: Call, person: Person, trained: bool) -> Answer:  # noqa: FBT001 - what was asked
    """Note whether somebody is trained."""
    return _changed(parts, call, person, "trained", trained)


def agreement(parts: Parts, call: Call, person: Person, agreed: bool) -> Answer:  # noqa: FBT001 - what was asked
    """Note whether somebody has signed the agreement."""
    return _changed(parts, call, person, "agreed", agreed)


def accreditation(parts: Parts, call: Call) -> Answer:
    """Accredit an organisation or withdraw it, which shuts all its users out at once (R5)."""
    if not parts.rules.accredits(call.signed_in.user):
        return FORBIDDEN
    accredited, text = flag(call, "accredited"), call.path["organisation"]
    # Longer numbers do not fit the database.
    organisation = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(_LARGEST)) else -1
    if not parts.people.accredit(organisation, accredited):
        return _NO_ORGANISATION
    for user in parts.people.employed(organisation):
        shut_out(parts, call, user)
    return DONE


def _changed(parts: Parts, call: Call, person: Person, fact: Fact, value: str | bool) -> Answer:  # noqa: FBT001
    parts.people.change(person.user.user, fact, value)
    shut_out(parts, call, person.user.user)
    return DONE


def _account(parts: Parts, person: Person) -> dict[str, Any]:
    user = person.user
    return {
        "username": user.username,
        "role": user.role,
        "national": user.national,
        "areas": sorted(user.areas),
        "organisation": person.organisation,
        "manager": None if person.manager is None else parts.people.of(person.manager).user.username,
        "vetted_on": user.vetted_on and user.vetted_on.isoformat(),
        "trained": user.trained,
        "agreed": user.agreed,
        "accredited": user.accredited and user.employer_accredited,
        "suspended": user.suspended,
        "leaves_on": user.leaves_on and user.leaves_on.isoformat(),
    }


def _nothing(_call: Call) -> None:
    """An operation that asks for nothing but the account."""


def _on(call: Call) -> str:
    return day(texts(call, required=("on",))["on"])


def _post(call: Call) -> str:
    post = texts(call, required=("role",))["role"]
    if post not in ROLES:
        raise MalformedError
    return post


_NOT_YET = Answer(409, {"error": "that day has not come"})
_NO_ORGANISATION = Answer(404, {"error": "no such organisation"})
_ERRORS = (UNKNOWN_SESSION, NOT_ALLOWED, NO_ACCOUNT)
_POST: Schema = {"type": "string", "enum": list(ROLES)}
_WINDOW = (
    parameter("state", {"type": "string", "enum": list(_STATES)}) | {"required": True},
    parameter("after", {"type": "integer", "minimum": 0, "maximum": _LARGEST, "default": 0}),
    parameter("limit", {"type": "integer", "minimum": 0, "maximum": MOST, "default": MOST}),
)


def _noting(method: str, what: str, handler: Handler, body: Schema, *errors: tuple[int, str]) -> Route:
    """The route of a fact that is noted in an account."""
    return Route(
        method,
        f"/users/{{username}}/{what}",
        f"note_{what}",
        handler,
        frozenset({"username", *body["properties"]}),
        described=described(f"note{what.capitalize()}", {204: empty("noted")}, *_ERRORS, *errors, body=body),
    )


ROUTES = (
    Route(
        "GET",
        "/users/{username}",
        "show_account",
        on_account(_nothing, show),
        frozenset({"username"}),
        described=described("showAccount", {200: answer("the account", ref("Account"))}, *_ERRORS),
    ),
    Route(
        "GET",
        "/users",
        "list_accounts",
        stale,
        params=frozenset({"state", "after", "limit"}),
        described=described(
            "listAccounts",
            {200: answer("accounts", shape({"users": array(ref("Account")), "next": COUNT}))},
            *(UNKNOWN_SESSION, NOT_ALLOWED, NOT_UNDERSTOOD),
            parameters=_WINDOW,
        ),
    ),
    _noting("POST", "leaving", on_account(_on, leaving), shape({"on": DAY})),
    _noting("PUT", "role", on_account(_post, appoint), shape({"role": _POST})),
    _noting("PUT", "vetting", on_account(_on, vetting), shape({"on": DAY}), (409, "a day to come")),
    _noting("PUT", "training", on_account(lambda call: flag(call, "trained"), training), shape({"trained": FLAG})),
    _noting("PUT", "agreement", on_account(lambda call: flag(call, "agreed"), agreement), shape({"agreed": FLAG})),
    Route(
        "PUT",
        "/organisations/{organisation}/accreditation",
        "accredit",
        accreditation,
        frozenset({"organisation", "accredited"}),
        described=described(
            "accredit",
            {204: empty("noted"), 404: answer("no such organisation", shape({"error": TEXT}))},
            *(UNKNOWN_SESSION, NOT_ALLOWED),
            body=shape({"accredited": FLAG}),
        ),
    ),
)
