"""The services of a child as entries that can be added and removed (R2, R3).

An entry's id is random, and one is issued for what may not be stored too: it tells nothing. Of a withdrawn
sensitive entry only a keyed digest of its provider stays, so that it cannot come back unnoticed.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from overreach.contactpoint.clock import stamp
from overreach.contactpoint.facts import Service
from overreach.contactpoint.schema import key
from overreach.contactpoint.storage import Storage

ID_BYTES = 16
SALT_BYTES = 16

_LIST = """SELECT s.service, s.kind, s.provider, s.phone, s.since, s.sensitive, e.consent, e.consented_on, e.harm
FROM services s LEFT JOIN service_entries e ON e.service = s.service WHERE s.child = ? ORDER BY s.rowid"""
_RECORDER = """SELECT count(*), max(user) FROM (
  SELECT user FROM service_entries WHERE service = :service AND child = :child
  UNION ALL SELECT NULL FROM services WHERE service = :service AND child = :child)"""


class Issued(NamedTuple):
    """An entry's id that was issued for a child."""

    recorded_by: int | None
    """The user; None for what was loaded with the population."""


class Services(Protocol):
    """The port; knows no rule."""

    def add(self, child: int, user: int, service: Service, now: datetime) -> str:
        """Store a service with its basis; its id. Only an ordinary one counts as an update of the record."""

    def pass_over(self, child: int, user: int, now: datetime) -> str:
        """Issue an id like that of an entry, and store nothing of the service."""

    def withdrawn(self, child: int, provider: str) -> date | None:
        """The day on which an entry of this provider was last withdrawn from this child."""

    def issued(self, child: int, service: str) -> Issued | None:
        """What is known of an id; None where it was not issued for this child."""

    def remove(self, child: int, service: str, now: datetime) -> None:
        """Remove an entry; of a sensitive one the digest of its provider stays."""

    def entries(self, child: int) -> list[dict[str, Any]]:
        """Every entry of a child, sensitive ones with their basis."""


@dataclass(frozen=True, slots=True)
class StoredServices:
    """Services in the database."""

    storage: Storage
    key: bytes
    """Of the digests of withdrawn providers."""

    def add(self, child: int, user: int, service: Service, now: datetime) -> str:
        """Store a service with its basis; its id. Only an ordinary one counts as an update of the record."""
        issued = secrets.token_hex(ID_BYTES)
        since = None if service.since is None else service.since.isoformat()
        sensitive = service.sensitive is not None
        self.storage.run(
            """INSERT INTO services (child, kind, provider, phone, sensitive, service, since)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (child, service.kind, service.provider, service.phone, sensitive, issued, since),
        )
        self._issue(issued, child, user, service, now)
        if not sensitive:
            self._touch(child, now)
        return issued

    def pass_over(self, child: int, user: int, now: datetime) -> str:
        """Issue an id like that of an entry, and store nothing of the service."""
        issued = secrets.token_hex(ID_BYTES)
        self._issue(issued, child, user, None, now)
        return issued

    def withdrawn(self, child: int, provider: str) -> date | None:
        """The day on which an entry of this provider was last withdrawn from this child."""
        rows = self.storage.run("SELECT salt, digest, day FROM withdrawn WHERE child = ?", (child,)).fetchall()
        days = [day for salt, digest, day in rows if hmac.compare_digest(digest, self._digest(salt, provider))]
        return date.fromisoformat(max(days)) if days else None

    def issued(self, child: int, service: str) -> Issued | None:
        """What is known of an id; None where it was not issued for this child."""
        known, recorded_by = self.storage.run(_RECORDER, {"service": service, "child": child}).fetchone()
        return Issued(recorded_by) if known else None

    def remove(self, child: int, service: str, now: datetime) -> None:
        """Remove an entry; of a sensitive one the digest of its provider stays."""
        values = (service, child)
        row = self.storage.run(
            "SELECT sensitive, provider FROM services WHERE service = ? AND child = ?", values
        ).fetchone()
        self.storage.run("DELETE FROM services WHERE service = ? AND child = ?", values)
        self.storage.run("DELETE FROM service_entries WHERE service = ? AND child = ?", values)
        if row is not None and row[0]:
            salt = secrets.token_bytes(SALT_BYTES)
            digest = self._digest(salt, row[1] or "")
            self.storage.run("INSERT INTO withdrawn VALUES (?, ?, ?, ?)", (child, salt, digest, now.date().isoformat()))
        elif row is not None:
            self._touch(child, now)

    def entries(self, child: int) -> list[dict[str, Any]]:
        """Every entry of a child, sensitive ones with their basis."""
        return [
            {
                "service": service,
                "kind": kind,
                "provider": provider,
                "phone": phone,
                "since": since,
                "sensitive": bool(sensitive),
                "basis": {"consent": consent, "on": on, "harm": harm} if consent or harm else None,
            }
            for service, kind, provider, phone, since, sensitive, consent, on, harm in self.storage.run(
                _LIST, (child,)
            ).fetchall()
        ]

    def _issue(self, issued: str, child: int, user: int, service: Service | None, now: datetime) -> None:
        basis = (None, None, None) if service is None else service.basis
        consent, on, harm = basis
        day = None if on is None else on.isoformat()
        values = (issued, child, user, stamp(now), consent, day, harm)
        self.storage.run("INSERT INTO service_entries VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def _touch(self, child: int, now: datetime) -> None:
        self.storage.run("UPDATE children SET updated = ? WHERE child = ?", (now.date().isoformat(), child))

    def _digest(self, salt: bytes, provider: str) -> bytes:
        # The spelling of a name is not the name: case, spaces, marks and forms of letters do not bring an entry back.
        plain = key(unicodedata.normalize("NFKC", provider))
        letters = "".join(letter for letter in plain if letter.isalnum()) or plain
        return hmac.digest(self.key, salt + letters.encode(), "sha256")
