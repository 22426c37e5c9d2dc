"""Exports: what was asked, who approved, and which records they are drawn from (R23)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.facts import Export, User
from overreach.contactpoint.schema import key
from overreach.contactpoint.storage import Storage

ID_BYTES = 16
LIFE = timedelta(days=1)

_ASKED = """SELECT e.export, e.user, u.username, u.manager, u.areas, e.columns, e.filters, e.purpose, e.ground,
  e.asked, e.ends, e.taken,
  (SELECT json_group_array(a.user) FROM export_approvals a WHERE a.export = e.export)
FROM exports e JOIN users u ON u.user = e.user"""
_WAITING = f"{_ASKED} WHERE e.taken IS NULL AND e.ends > ? ORDER BY e.asked, e.export"
_NUMBERS = """SELECT c.number FROM children c
WHERE c.responsible IN (SELECT value FROM json_each(:areas)) AND c.archive_year = 0
  AND (:school IS NULL OR c.school IN (SELECT school FROM schools WHERE name_key = :school))
  AND (:practice IS NULL OR c.practice IN (SELECT practice FROM practices WHERE name_key = :practice))
ORDER BY c.number"""


class Exports(Protocol):
    """The port; knows no rule."""

    @property
    def most(self) -> int:
        """Rows that an export may have."""

    def ask(self, asked: Mapping[str, Any], user: User, now: datetime) -> str:
        """Store what was asked (`columns`, `where`, `purpose`, `ground`); the id of the export."""

    def find(self, export: str) -> Export | None:
        """The export of that id, whatever its state."""

    def waiting(self, now: datetime) -> list[Export]:
        """The exports that were neither downloaded nor have run out, oldest first."""

    def approve(self, export: str, user: int, now: datetime) -> None:
        """Store an approval; one a user."""

    def take(self, export: str, now: datetime) -> None:
        """Note that an export was downloaded."""

    def authority(self, name: str) -> int:
        """The authority of that name; -1 where there is none."""

    def numbers(self, areas: frozenset[int], where: Mapping[str, str]) -> list[str]:
        """The numbers of the live records of these authorities that fit, in order."""


@dataclass(frozen=True, slots=True)
class StoredExports:
    """Exports in the database."""

    storage: Storage
    most: int = 5000
    """Rows that an export may have: it is computed in one go, while nobody else is answered."""

    def ask(self, asked: Mapping[str, Any], user: User, now: datetime) -> str:
        """Store what was asked (`columns`, `where`, `purpose`, `ground`); the id of the export."""
        export = secrets.token_hex(ID_BYTES)
        columns, where = (orjson.dumps(asked[name]).decode() for name in ("columns", "where"))
        rest = (asked["purpose"], asked["ground"], stamp(now), stamp(now + LIFE), None)
        self.storage.run(
            "INSERT INTO exports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (export, user.user, columns, where, *rest)
        )
        return export

    def find(self, export: str) -> Export | None:
        """The export of that id, whatever its state."""
        return next(_exports(self.storage.run(f"{_ASKED} WHERE e.export = ?", (export,))), None)

    def waiting(self, now: datetime) -> list[Export]:
        """The exports that were neither downloaded nor have run out, oldest first."""
        return list(_exports(self.storage.run(_WAITING, (stamp(now),))))

    def approve(self, export: str, user: int, now: datetime) -> None:
        """Store an approval; one a user."""
        self.storage.run("INSERT OR IGNORE INTO export_approvals VALUES (?, ?, ?)", (export, user, stamp(now)))

    def take(self, export: str, now: datetime) -> None:
        """Note that an export was downloaded."""
        self.storage.run("UPDATE exports SET taken = ? WHERE export = ?", (stamp(now), export))

    def authority(self, name: str) -> int:
        """The authority of that name; -1 where there is none."""
        row = self.storage.run("SELECT authority FROM authorities WHERE name = ?", (name,)).fetchone()
        return -1 if row is None else int(row[0])

    def numbers(self, areas: frozenset[int], where: Mapping[str, str]) -> list[str]:
        """The numbers of the live records of these authorities that fit, in order."""
        named = {name: key(where[name]) if name in where else None for name in ("school", "practice")}
        values = {**named, "areas": orjson.dumps(sorted(areas)).decode()}
        return [str(number) for (number,) in self.storage.run(_NUMBERS, values).fetchall()]


def _exports(rows: Iterable[Sequence[Any]]) -> Iterator[Export]:
    for export, user, username, manager, areas, columns, where, purpose, ground, asked, ends, taken, by in rows:
        yield Export(
            export=export,
            user=user,
            username=username,
            manager=manager,
            areas=frozenset(map(int, areas.split())),
            columns=tuple(orjson.loads(columns)),
            where=orjson.loads(where),
            purpose=purpose,
            ground=ground,
            asked=asked,
            ends=ends,
            taken=taken is not None,
            approvers=frozenset(orjson.loads(by)),
        )
