"""The log as it is read without a case: what was typed is masked, shielded children stand under a pseudonym (R9).

A log that repeats names, addresses and answers would be the place to look for a shielded child.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from overreach.contactpoint.calls import NUMBER
from overreach.contactpoint.facts import REASONS
from overreach.contactpoint.journal import Entry, Row
from overreach.contactpoint.storage import Storage

MASKED = "masked"
_REFUSED = 400
_ANY_NUMBER = frozenset({"declare", "end_override"})
"""Operations that answer for any well-formed number alike."""

# A number that a merge replaced, or that was never issued, is not shown either: it may lead to a shielded child.
_OPEN = "SELECT number FROM children WHERE NOT shielded AND number IN (SELECT value FROM json_each(?))"


class Masks(Protocol):
    """The port."""

    def veil(self, rows: Sequence[Row]) -> list[Row]:
        """Rows as they may be read without a case."""


@dataclass(frozen=True, slots=True)
class StoredMasks:
    """Masks after the shields in the database, as they stand at the moment of reading."""

    storage: Storage
    pseudonym: Callable[[str], str]
    """Record number -> what stands for it."""

    def veil(self, rows: Sequence[Row]) -> list[Row]:
        """Rows as they may be read without a case."""
        numbers = {number for row in rows for number in row.entry.results}
        numbers |= {str(row.entry.query.get("number")) for row in rows}
        values = (orjson.dumps(sorted(numbers)).decode(),)
        known = {number for (number,) in self.storage.run(_OPEN, values).fetchall()}
        names = {number: number if number in known else self.pseudonym(number) for number in numbers}
        # The chain's digest goes too: with that of the row before, it tells whether a guess at what is masked is right.
        return [row._replace(entry=_veiled(row.entry, names, self.pseudonym), hash=MASKED) for row in rows]


def _veiled(entry: Entry, names: Mapping[str, str], pseudonym: Callable[[str], str]) -> Entry:
    query = {name: _shown(name, value, names) for name, value in entry.query.items()}
    if not _reached(entry) and query.get("number", MASKED) != MASKED:
        query["number"] = pseudonym(entry.query["number"])
    return entry._replace(query=query, results=[names[number] for number in entry.results])


def _reached(entry: Entry) -> bool:
    """Whether the row itself says that there is such a record: to whom it did not, reading the log does not either."""
    return entry.status < _REFUSED and entry.operation not in _ANY_NUMBER


def _shown(name: str, value: object, names: Mapping[str, str]) -> object:
    if name == "number" and isinstance(value, str) and NUMBER.fullmatch(value):
        return names[value]
    shown = (name == "page" and isinstance(value, int)) or (name == "reason" and value in REASONS)
    return value if shown else MASKED
