"""Faults of the log."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from overreach.contactpoint.calls import DONE, Answer, Call
from overreach.contactpoint.fault import fault
from overreach.contactpoint.journal import Entry, Log, Row
from overreach.contactpoint.parts import Parts, Route

_REFUSALS = (403, 404)
Write = Callable[[Log, Entry, datetime], None]


@dataclass(frozen=True)
class Otherwise:
    """A log whose rows are written in another way, and read in the ordinary one."""

    inner: Log
    written: Write

    def write(self, entry: Entry, now: datetime) -> None:
        """Write it the other way."""
        self.written(self.inner, entry, now)

    def read(self, after: int, limit: int, areas: frozenset[int] | None = None) -> list[Row]:
        """Read it."""
        return self.inner.read(after, limit, areas)


def _writing(parts: Parts, written: Write) -> Parts:
    return replace(parts, log=Otherwise(parts.log, written))


@fault("empty-search-not-logged", breaks="R9", scenario=42)
def empty_search_not_logged(parts: Parts) -> Parts:
    """A search that finds nothing leaves no trace in the log."""

    def write(log: Log, entry: Entry, now: datetime) -> None:
        if entry.operation != "search" or entry.results:
            log.write(entry, now)

    return _writing(parts, write)


@fault("denied-not-logged", breaks="R9", scenario=42)
def denied_not_logged(parts: Parts) -> Parts:
    """What was refused leaves no trace in the log."""

    def write(log: Log, entry: Entry, now: datetime) -> None:
        if entry.status not in _REFUSALS:
            log.write(entry, now)

    return _writing(parts, write)


@fault("results-left-out-of-log", breaks="R9", scenario=42)
def results_left_out_of_log(parts: Parts) -> Parts:
    """The log says that something was asked, not which records were answered."""
    return _writing(parts, lambda log, entry, now: log.write(entry._replace(results=()), now))


@fault("query-left-out-of-log", breaks="R9", scenario=42)
def query_left_out_of_log(parts: Parts) -> Parts:
    """The log says that something was asked, not what."""
    return _writing(parts, lambda log, entry, now: log.write(entry._replace(query={}), now))


@fault("logged-after-the-answer", breaks="R9", scenario=42)
def logged_after_the_answer(parts: Parts) -> Parts:
    """The row is written once the answer has left: whoever ends the process in between was never there."""

    def write(log: Log, entry: Entry, now: datetime) -> None:
        asyncio.get_running_loop().call_later(0.05, log.write, entry, now)

    return _writing(parts, write)


@fault("answers-though-not-logged", breaks="R9", scenario=42)
def answers_though_not_logged(parts: Parts) -> Parts:
    """When the row cannot be written, the answer is given all the same."""

    def write(log: Log, entry: Entry, now: datetime) -> None:
        with contextlib.suppress(sqlite3.Error):
            log.write(entry, now)

    return _writing(parts, write)


@fault("chain-not-continued", breaks="R9", scenario=42)
def chain_not_continued(parts: Parts) -> Parts:
    """Each row carries a digest that says nothing of the row before: what is cut out does not show."""

    def write(log: Log, entry: Entry, now: datetime) -> None:
        log.write(entry, now)
        statement = "UPDATE log SET hash = zeroblob(32) WHERE sequence = (SELECT max(sequence) FROM log)"
        parts.storage.run(statement)

    return _writing(parts, write)


@fault("own-rows-deletable", breaks="R9", scenario=42)
def own_rows_deletable(parts: Parts) -> Parts:
    """Any user can delete the rows of the log that name the user."""

    def forget(parts: Parts, call: Call) -> Answer:
        parts.storage.run("DELETE FROM log WHERE user = ?", (call.signed_in.user.username,))
        return DONE

    return replace(parts, routes=(*parts.routes, Route("DELETE", "/log", "forget_log", forget)))


@fault("log-reading-not-logged", breaks="R9", scenario=42)
def log_reading_not_logged(parts: Parts) -> Parts:
    """Whoever reads the log leaves no trace in it."""

    def write(log: Log, entry: Entry, now: datetime) -> None:
        if entry.operation != "read_log":
            log.write(entry, now)

    return _writing(parts, write)


@fault("log-never-masked", breaks="R9", scenario=42)
def log_never_masked(parts: Parts) -> Parts:
    """The log shows what was typed and the numbers of shielded children to whoever may read it, without a case."""

    @dataclass(frozen=True)
    class Bare:
        def veil(self, rows: Sequence[Row]) -> list[Row]:
            return list(rows)

    return replace(parts, masks=Bare())


@fault("log-of-every-area", breaks="R9", scenario=42)
def log_of_every_area(parts: Parts) -> Parts:
    """A management team reads the rows of all users, wherever they work."""
    return replace(parts, rules=replace(parts.rules, log_areas=lambda _user: None))


@fault("log-row-for-last-user-too", breaks="R9", scenario=42)
def log_row_for_last_user_too(parts: Parts) -> Parts:
    """What one user asked is logged a second time, without its request, for the user who asked before."""
    last = ""

    def write(log: Log, entry: Entry, now: datetime) -> None:
        nonlocal last
        log.write(entry, now)
        if last not in {"", entry.user}:
            log.write(entry._replace(user=last, request_id=""), now)
        last = entry.user or last

    return _writing(parts, write)
