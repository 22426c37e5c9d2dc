"""From parts to an ASGI application: who asks, what is asked, the log, the commit, the answer."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as Page
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from overreach.contactpoint.acting import HEADER, acting
from overreach.contactpoint.calls import (
    MALFORMED,
    NO_PAGE,
    NOT_NOW,
    SIGNED_OUT,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    WRONG_METHOD,
    Answer,
    Call,
    MalformedError,
    NotPossibleError,
)
from overreach.contactpoint.journal import Alert, Entry
from overreach.contactpoint.openapi import document
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.sessions import Session

LARGEST_BODY = 64 * 1024  # bytes
MOST_DROPPED = 16 * 1024 * 1024  # bytes
_LONGEST_LOGGED = 64  # characters of a path that is meant to be a record number
_NOTHING_READ = frozenset({200, 403, 404})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNKNOWN = "unknown"
_NO_QUERY = QueryParams()
_PLAIN = str | int | float | None
_problems = logging.getLogger("overreach.contactpoint")


@dataclass(frozen=True, slots=True)
class App:
    """The registry as an ASGI application."""

    parts: Parts
    fixed: Mapping[str, ASGIApp]
    """The pages whose path holds no parameter: they need no matching."""
    router: ASGIApp
    """All others."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.fixed.get(scope["path"], self.router)(scope, receive, send)


def assemble(parts: Parts) -> App:
    """The application that these parts make."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in parts.routes:
        by_path.setdefault(route.path, {})[route.method] = route
    pages: dict[str, ASGIApp] = {path: _Operations(parts, routes) for path, routes in by_path.items()}
    health = {"status": "ready", "minting": True} if parts.minting else {"status": "ready"}
    pages["/health"] = _Fixed(parts, {"GET": Answer(200, health)})
    pages["/openapi.json"] = _Fixed(parts, {"GET": Answer(200, document(parts.routes))})
    matched = [Page(path, page) for path, page in pages.items() if "{" in path]
    router = Router(matched, redirect_slashes=False, default=_Operations(parts, {}, NO_PAGE))
    return App(parts, {path: page for path, page in pages.items() if "{" not in path}, router)


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A page that is the same for everybody and needs no sign-in."""

    parts: Parts
    answers: Mapping[str, Answer]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.answers.get(scope["method"], replace(WRONG_METHOD, headers={"allow": "GET"}))
        await self.parts.respond(answer)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _Operations:
    """The operations at one path."""

    parts: Parts
    routes: Mapping[str, Route]
    otherwise: Answer | None = None
    """What any other method answers; without it, that the method is wrong."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route, stranger = self.routes.get(scope["method"]), SIGNED_OUT
        if route is None:
            allow = {"allow": ", ".join(sorted(self.routes))}
            stranger = self.otherwise or replace(WRONG_METHOD, headers=allow)
            route = Route("", "", _UNKNOWN, partial(_fixed, stranger))
        response = await _serve(self.parts, route, _Asked(scope, receive), stranger)
        await response(scope, receive, send)


class _Asked(Request):
    """A request; most have no query, and reading none costs nothing."""

    @property
    def query_params(self) -> QueryParams:
        """The parameters of the query."""
        return super().query_params if self.scope["query_string"] else _NO_QUERY


def _fixed(answer: Answer, _parts: Parts, _call: Call) -> Answer:
    return answer


async def _serve(parts: Parts, route: Route, request: Request, stranger: Answer) -> Response:
    """Perform an operation; its answer exists only once the log and all it changed are committed.

    `stranger` is the answer to somebody who is not signed in but should be.
    """
    body = await _body(request)
    try:
        answer = await _perform(parts, route, request, body)
    except sqlite3.Error as error:
        parts.storage.roll_back(error)
        return parts.respond(UNAVAILABLE)
    except Exception:  # noqa: BLE001 - whatever went wrong, nothing may be answered but that
        _problems.exception("operation `%s` failed", route.operation)
        parts.storage.roll_back(sqlite3.OperationalError(route.operation))
        return parts.respond(UNAVAILABLE)
    if answer is None:
        return parts.respond(stranger)
    try:
        await parts.storage.settled()
    except sqlite3.Error:
        return parts.respond(UNAVAILABLE)
    return parts.respond(answer)


async def _perform(parts: Parts, route: Route, request: Request, body: bytes | None) -> Answer | None:
    """Ask and log; None where nobody is signed in who should be."""
    now = parts.clock.now()
    path = {name: value.encode(errors="replace").decode() for name, value in request.path_params.items()}
    number = path.get("number", "")
    call = Call(None, number, _json(body), request.query_params, _request_id(request), now, path, request.headers)
    if not route.signed_in:
        answer = await _ask(parts, route, call, too_large=body is None)
        parts.log.write(_entry(route, call, answer, answer.user), now)
        return answer
    session = await parts.identify(_token(request), now)
    if session is None or not parts.rules.awake(session.used, now):
        return None
    if not parts.rules.account(session.user, now.date()):
        # For good: what comes back later needs a new sign-in (R5).
        parts.dismiss(session.user.user)
        parts.people.take_back(session.user.user)
        return None
    parts.sessions.touch(session, now)
    _turn(parts, session, call)
    if parts.desks.shared(session, request.headers.get("user-agent", ""), now):
        parts.alerts.sound(Alert("shared_session", session.user.username, "", call.request_id), now)
    who = acting(parts, route, session, request.headers.get(HEADER), now)
    call = replace(call, session=who.session)
    refused = who.refused or _throttled(parts, route, session, call)
    answer = refused or await _ask(who.parts, route, call, too_large=body is None)
    if route.reads and refused is None:
        parts.throttle.count(session.user.user, now, missed=_missed(answer))
    sound = partial(parts.alerts.sound, now=now)
    parts.watch.look(route.operation, call, answer, sound)
    if who.session is not session and answer.results:
        # The mediator has read it too, be it of the own family; the reason was the caller's.
        parts.watch.look(route.operation, replace(call, session=session, body=None), answer, sound)
    parts.log.write(_entry(route, call, answer, session.user.username)._replace(on_behalf_of=who.caller), now)
    return answer


def _throttled(parts: Parts, route: Route, session: Session, call: Call) -> Answer | None:
    """The answer to somebody who asks too much (R7); None where nothing stands against it."""
    refusal = parts.throttle.refuses(session.user.user, call.now) if route.reads else None
    if refusal is None:
        return None
    if refusal.first:
        parts.alerts.sound(Alert(refusal.kind, session.user.username, "", call.request_id), call.now)
    return replace(TOO_MANY, headers={"retry-after": str(refusal.seconds)})


def _missed(answer: Answer) -> bool:
    """Whether a read found nothing or was refused; a malformed one asked for nobody."""
    return not answer.results and answer.status in _NOTHING_READ


async def _ask(parts: Parts, route: Route, call: Call, *, too_large: bool) -> Answer:
    if too_large:
        return TOO_LARGE
    try:
        answer = route.handler(parts, call)
        return answer if isinstance(answer, Answer) else await answer
    except MalformedError:
        return MALFORMED
    except NotPossibleError:
        return NOT_NOW


def _turn(parts: Parts, session: Session, call: Call) -> None:
    """Whoever turns to another child leaves the one whose shield is open (R13)."""
    number = call.number or (call.body.get("number") if isinstance(call.body, dict) else None)
    if isinstance(number, str) and number:
        parts.sessions.turn_to(session, number, call.now)


def _entry(route: Route, call: Call, answer: Answer, user: str) -> Entry:
    asked = {**_asked(route, call), **answer.noted}
    return Entry(user, route.operation, asked, answer.results, answer.status, call.request_id)


def _asked(route: Route, call: Call) -> dict[str, Any]:
    """What the log says was asked: named fields only, hence never a password, a code or a token."""
    named = {name: value for name, value in call.path.items() if name == "number" or name in route.logged}
    asked: dict[str, Any] = {name: value[:_LONGEST_LOGGED] for name, value in named.items()}
    if isinstance(call.body, dict):
        plain = {name: value for name, value in call.body.items() if isinstance(value, _PLAIN)}
        asked |= {name: value for name, value in plain.items() if name in route.logged}
    return asked | {name: value for name, value in call.params.items() if name in route.params}


async def _body(request: Request) -> bytes | None:
    """The body; None where it is larger than allowed.

    Up to a limit the rest is read and dropped: a client that is still sending would not see the answer. Nothing is
    waited for once the stated length is there: each wait is a turn of the loop.
    """
    stated = _stated(request)
    chunks, size, more = [], 0, stated != 0
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= LARGEST_BODY:
            chunks.append(chunk)
        elif size > MOST_DROPPED:
            break
        if size == stated:
            break
    return b"".join(chunks) if size <= LARGEST_BODY else None


def _stated(request: Request) -> int | None:
    """The length of the body; None where it ends when it ends. A request that says neither has none (RFC 9112, 6.3)."""
    if "transfer-encoding" in request.headers:
        return None
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else None


def _json(body: bytes | None) -> object:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None


def _token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else ""
