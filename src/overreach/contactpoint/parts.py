"""The ports that the registry is assembled from, and the correct part behind each.

A fault replaces one port by a wrapper; nothing else in the registry knows that faults exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import orjson
from starlette.responses import Response

from overreach.contactpoint.accounts import Accounts
from overreach.contactpoint.amendments import Amendments
from overreach.contactpoint.backup import Backup
from overreach.contactpoint.brokering import Brokering
from overreach.contactpoint.calls import Answer, Call
from overreach.contactpoint.clock import Clock
from overreach.contactpoint.describing import Described
from overreach.contactpoint.desks import Desks
from overreach.contactpoint.exports import Exports
from overreach.contactpoint.inquiries import Inquiries
from overreach.contactpoint.journal import Alerts, Log
from overreach.contactpoint.lifecycle import Lifecycle
from overreach.contactpoint.lockout import Lockout
from overreach.contactpoint.masks import Masks
from overreach.contactpoint.mediations import Mediations
from overreach.contactpoint.moves import Moves
from overreach.contactpoint.notices import Notices
from overreach.contactpoint.people import People
from overreach.contactpoint.records import Record, Records
from overreach.contactpoint.reviews import Reviews
from overreach.contactpoint.rules import Rules
from overreach.contactpoint.search import Search
from overreach.contactpoint.services import Services
from overreach.contactpoint.sessions import Session, Sessions
from overreach.contactpoint.shields import Shields
from overreach.contactpoint.storage import Storage
from overreach.contactpoint.suspensions import Suspensions
from overreach.contactpoint.throttle import Throttle
from overreach.contactpoint.watch import Watch

Handler = Callable[["Parts", Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation at one method and path."""

    method: str
    path: str
    operation: str
    """Its name in the log."""
    handler: Handler
    logged: frozenset[str] = frozenset()
    """Fields of the body that the log carries."""
    params: frozenset[str] = frozenset()
    """Query parameters, which the log carries too."""
    signed_in: bool = True
    reads: bool = False
    """Whether it asks for records of children, or tells whether a number was issued: the throttle counts it."""
    mediated: bool = False
    """Whether a mediator may ask it on behalf of a caller (R20)."""
    described: Described | None = None
    """What the OpenAPI document says of it; without, it is not in the document."""


class Cache(Protocol):
    """Where an answer about a record may come from."""

    def recall(self, user: int, number: str, facets: frozenset[str], make: Callable[[], Record]) -> Record:
        """The record with these facets for this user; `make` reads it anew."""


class NoCache:
    """Every record is read anew: what was shielded a moment ago is nowhere kept."""

    def recall(self, user: int, number: str, facets: frozenset[str], make: Callable[[], Record]) -> Record:
        """The record, read anew."""
        del user, number, facets
        return make()


def respond(answer: Answer) -> Response:
    """Write an answer: JSON, a file, or nothing; no answer may be kept on its way."""
    headers = {"cache-control": "no-store", **answer.headers}
    if answer.file is not None:
        return Response(answer.file.content, answer.status, headers, answer.file.media_type)
    if answer.body is None:
        return Response(None, answer.status, headers)
    return Response(orjson.dumps(answer.body), answer.status, headers, "application/json")


@dataclass(frozen=True, slots=True)
class Parts:
    """The registry, taken apart."""

    clock: Clock
    storage: Storage
    accounts: Accounts
    sessions: Sessions
    desks: Desks
    identify: Callable[[str, datetime], Awaitable[Session | None]]
    """The live session of a token at a moment."""
    rules: Rules
    search: Search
    records: Records
    shields: Shields
    reviews: Reviews
    lifecycle: Lifecycle
    moves: Moves
    amendments: Amendments
    log: Log
    alerts: Alerts
    masks: Masks
    inquiries: Inquiries
    watch: Watch
    backup: Backup
    services: Services
    brokering: Brokering
    exports: Exports
    people: People
    suspensions: Suspensions
    notices: Notices
    lockout: Lockout
    mediations: Mediations
    throttle: Throttle
    dismiss: Callable[[int], None]
    """Ends whatever session a user has (R4, R19)."""
    strip: Callable[[int], None]
    """Takes from a user's session whatever it was given, has declared and has overridden (R7)."""
    routes: tuple[Route, ...]
    wide: bool = True
    """Whether a name or a day of birth alone is enough to search by: of a nation it would find too many."""
    minting: bool = False
    """Whether sessions may be minted beside this registry: it says so of itself."""
    cache: Cache = field(default_factory=NoCache)
    respond: Callable[[Answer], Response] = respond

    def wrapping(self, operation: str, around: Callable[[Handler], Handler]) -> Parts:
        """These parts with the handlers of an operation wrapped: what they are asked can be changed, and what they do.

        Every operation is wrapped where `operation` is empty.
        """
        routes = (
            replace(route, handler=around(route.handler)) if operation in ("", route.operation) else route
            for route in self.routes
        )
        return replace(self, routes=tuple(routes))

    def changing(self, operation: str, change: Callable[[Parts, Call, Answer], Answer]) -> Parts:
        """These parts with the answers of an operation passed through a function."""

        def changed(inner: Handler) -> Handler:
            async def handler(parts: Parts, call: Call) -> Answer:
                return change(parts, call, await answered(inner, parts, call))

            return handler

        return self.wrapping(operation, changed)


async def answered(handler: Handler, parts: Parts, call: Call) -> Answer:
    """What a handler answers, whether or not it waits for something."""
    answer = handler(parts, call)
    return answer if isinstance(answer, Answer) else await answer
