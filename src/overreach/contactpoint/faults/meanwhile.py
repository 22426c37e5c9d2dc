"""Faults that show only when a record changes while somebody reads it: checked at one moment, used at another."""

from __future__ import annotations

import asyncio

from overreach.contactpoint.calls import Answer, Call, coded_reason
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Handler, Parts, answered

_MEANWHILE = 0.2  # seconds that another system takes to answer while a record is read
_COPIED = {
    "responsible": (
        "SELECT child, responsible FROM children WHERE number = ?",
        "UPDATE children SET responsible = ?2 WHERE child = ?1",
    ),
    "shielded": (
        "SELECT child, shielded, shielded_since FROM children WHERE number = ?",
        "UPDATE children SET shielded = ?2, shielded_since = ?3 WHERE child = ?1",
    ),
}


@fault("move-undone-by-reader-in-parallel", breaks="R18", scenario=30)
def move_undone_by_reader_in_parallel(parts: Parts) -> Parts:
    """Whoever reads a record writes back its authority as it was before a wait, and undoes a move made meanwhile."""
    return _writing_back(parts, "responsible")


@fault("shield-undone-by-reader-in-parallel", breaks="R10", scenario=31)
def shield_undone_by_reader_in_parallel(parts: Parts) -> Parts:
    """Whoever reads a record writes back its shield as it was before a wait, and undoes one set meanwhile."""
    return _writing_back(parts, "shielded")


@fault("merged-number-shows-other-in-parallel", breaks="R10", scenario=28)
def merged_number_shows_other_in_parallel(parts: Parts) -> Parts:
    """Rights are checked on one record, and after a wait the one is shown that its number leads to by then."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            session, number = call.signed_in, _number(call)
            before = parts.records.find(number, session.user.user)
            answer = await answered(inner, parts, call)
            if before is None or not answer.results:
                return answer
            await asyncio.sleep(_MEANWHILE)
            after = parts.records.find(number, session.user.user)
            if after is None or after.child.child == before.child.child:
                return answer
            stated = call.body.get("reason") if isinstance(call.body, dict) else None
            claims = parts.sessions.claims(session, number, coded_reason(stated), call.now)
            record = parts.records.read(after.child.child, parts.rules.view(session.user, before.child, claims))
            return Answer(200, record, (after.child.number,))

        return handler

    return parts.wrapping("view", around)


@fault("override-end-lost-in-parallel", breaks="R13", scenario=4)
def override_end_lost_in_parallel(parts: Parts) -> Parts:
    """Whoever ends an override writes back all others as they were before a wait: those ended meanwhile are open."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            others = "SELECT session, number, reason, ends FROM overrides WHERE session <> ?"
            copy = parts.storage.run(others, (call.signed_in.session,)).fetchall()
            await asyncio.sleep(_MEANWHILE)
            parts.storage.run_many("INSERT OR IGNORE INTO overrides VALUES (?, ?, ?, ?)", copy)
            return await answered(inner, parts, call)

        return handler

    return parts.wrapping("end_override", around)


def _writing_back(parts: Parts, column: str) -> Parts:
    """Parts in which every reading of a record writes back what a copy of its row says of one column."""
    read, write = _COPIED[column]

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            copy = parts.storage.run(read, (_number(call),)).fetchone()
            await asyncio.sleep(_MEANWHILE)
            if copy is not None:
                parts.storage.run(write, copy)
            return await answered(inner, parts, call)

        return handler

    return parts.wrapping("view", around)


def _number(call: Call) -> str:
    return str(call.body.get("number") if isinstance(call.body, dict) else call.number)
