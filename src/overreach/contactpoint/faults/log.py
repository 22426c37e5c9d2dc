"""Faults of the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from overreach.contactpoint.fault import fault
from overreach.contactpoint.journal import Entry, Log
from overreach.contactpoint.parts import Parts


@fault("empty-search-not-logged", breaks="R9", scenario=42)
def empty_search_not_logged(parts: Parts) -> Parts:
    """A search that finds nothing leaves no trace in the log."""

    @dataclass(frozen=True)
    class Forgetful:
        inner: Log

        def write(self, entry: Entry, now: datetime) -> None:
            if entry.operation != "search" or entry.results:
                self.inner.write(entry, now)

        def read(self, after: int, limit: int) -> list[dict[str, Any]]:
            return self.inner.read(after, limit)

    return replace(parts, log=Forgetful(parts.log))
