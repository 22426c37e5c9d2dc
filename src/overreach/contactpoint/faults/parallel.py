"""Faults that need several requests at once: alone, each of them behaves.

Their state lies in the process on purpose: what one request leaves there, another one finds while both are under way.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime
from zlib import crc32

from overreach.contactpoint.calls import ABSENT, Answer, Call
from overreach.contactpoint.decisions.reading import NOTHING
from overreach.contactpoint.facts import Child, Claims, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.faults.log import Otherwise
from overreach.contactpoint.journal import Entry, Log
from overreach.contactpoint.parts import Handler, Parts, answered
from overreach.contactpoint.records import Record
from overreach.contactpoint.sessions import Session

_ELSEWHERE = 0.001  # seconds that another system takes to answer
_SLOWLY = 0.02  # seconds that a slow one takes
_PLACES = 8  # for answers under way
_MANY = 4  # requests under way beside the one that is written down


@fault("sessions-mixed-in-parallel", breaks="R6", scenario=35)
def sessions_mixed_in_parallel(parts: Parts) -> Parts:
    """The session of a request is kept where the next request puts its own while the first one waits."""
    current: Session | None = None

    async def identify(token: str, now: datetime) -> Session | None:
        nonlocal current
        current = await parts.identify(token, now)
        await asyncio.sleep(_ELSEWHERE)
        return current

    return replace(parts, identify=identify)


@fault("record-buffer-shared-in-parallel", breaks="R7", scenario=35)
def record_buffer_shared_in_parallel(parts: Parts) -> Parts:
    """Records are put together in one buffer, and written out only once the log is committed."""
    buffer: Record = {}

    def change(_parts: Parts, _call: Call, answer: Answer) -> Answer:
        if not answer.results:
            return answer
        buffer.clear()
        buffer.update(answer.body or {})
        return replace(answer, body=buffer)

    return parts.changing("view", change)


@fault("facets-of-last-request-in-parallel", breaks="R11", scenario=35)
def facets_of_last_request_in_parallel(parts: Parts) -> Parts:
    """A record is written with the facets that were decided last, which may be another user's by then."""
    decided = NOTHING

    def view(user: User, child: Child, claims: Claims) -> frozenset[str]:
        nonlocal decided
        decided = parts.rules.view(user, child, claims)
        return decided

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            answer = await answered(inner, parts, call)
            found = parts.records.find(answer.results[0], call.signed_in.user.user) if answer.results else None
            if found is None:
                return answer
            await asyncio.sleep(_ELSEWHERE)
            return replace(answer, body=parts.records.read(found.child.child, decided)) if decided else ABSENT

        return handler

    return replace(parts.wrapping("view", around), rules=replace(parts.rules, view=view))


@fault("search-page-mixed-in-parallel", breaks="R12", scenario=35)
def search_page_mixed_in_parallel(parts: Parts) -> Parts:
    """The page that a search found is kept where the next search puts its own while the first one waits."""
    page = ABSENT

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            nonlocal page
            page = await answered(inner, parts, call)
            await asyncio.sleep(_ELSEWHERE)
            return page

        return handler

    return parts.wrapping("search", around)


@fault("log-names-another-in-parallel", breaks="R9", scenario=42)
def log_names_another_in_parallel(parts: Parts) -> Parts:
    """The log takes its user from where the last request put it, which may be another one by then."""
    current = ""

    async def identify(token: str, now: datetime) -> Session | None:
        nonlocal current
        session = await parts.identify(token, now)
        current = current if session is None else session.user.username
        await asyncio.sleep(_ELSEWHERE)
        return session

    def write(log: Log, entry: Entry, now: datetime) -> None:
        log.write(entry._replace(user=current) if entry.user else entry, now)

    return replace(parts, identify=identify, log=Otherwise(parts.log, write))


@fault("log-row-dropped-in-parallel", breaks="R9", scenario=42)
def log_row_dropped_in_parallel(parts: Parts) -> Parts:
    """Under pressure answers come first: while another request waits, no row is written."""
    return _under_pressure(parts, rows=0)


@fault("log-row-twice-in-parallel", breaks="R9", scenario=42)
def log_row_twice_in_parallel(parts: Parts) -> Parts:
    """A row that seems late is written again, though the first one is there: the log counts more than was asked."""
    return _under_pressure(parts, rows=2)


def _under_pressure(parts: Parts, rows: int) -> Parts:
    """So many rows of each signed-in request that ends while another one waits; else one."""
    waiting = 0

    async def identify(token: str, now: datetime) -> Session | None:
        nonlocal waiting
        waiting += 1
        await asyncio.sleep(_ELSEWHERE)
        waiting -= 1
        return await parts.identify(token, now)

    def write(log: Log, entry: Entry, now: datetime) -> None:
        for _ in range(rows if waiting and entry.user else 1):
            log.write(entry, now)

    return replace(parts, identify=identify, log=Otherwise(parts.log, write))


@fault("first-answer-shared-in-parallel", breaks="R7", scenario=17)
def first_answer_shared_in_parallel(parts: Parts) -> Parts:
    """Answers under way are kept by a hash: who finds a place taken waits, and gets the answer made for the first."""
    under_way: dict[int, asyncio.Task[Answer]] = {}

    def around(inner: Handler) -> Handler:
        async def read(parts: Parts, call: Call) -> Answer:
            await asyncio.sleep(_SLOWLY)
            return await answered(inner, parts, call)

        async def handler(parts: Parts, call: Call) -> Answer:
            number = str(call.body.get("number") if isinstance(call.body, dict) else call.number)
            place = crc32(number.encode()) % _PLACES
            if place not in under_way:
                under_way[place] = asyncio.ensure_future(read(parts, call))
                under_way[place].add_done_callback(lambda _task: under_way.pop(place, None))
            return await asyncio.shield(under_way[place])

        return handler

    return parts.wrapping("view", around)


@fault("clicked-twice-lifts-shield-in-parallel", breaks="R10", scenario=32)
def clicked_twice_lifts_shield_in_parallel(parts: Parts) -> Parts:
    """Two requests at once to lift a shield count as two officers, also where one officer clicked twice."""
    asking: Counter[str] = Counter()

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            asking[call.number] += 1
            await asyncio.sleep(_ELSEWHERE)
            try:
                answer = await answered(inner, parts, call)
                twice = asking[call.number] > 1
            finally:
                asking[call.number] -= 1
            found = parts.records.find(call.number, call.signed_in.user.user)
            if answer.status != 202 or found is None or not twice:  # noqa: PLR2004 - waiting, in HTTP
                return answer
            lift = "UPDATE children SET shielded = 0, shielded_since = NULL WHERE child = ?"
            parts.storage.run(lift, (found.child.child,))
            return replace(answer, status=200, body={"lifted": True})

        return handler

    return parts.wrapping("unshield", around)
