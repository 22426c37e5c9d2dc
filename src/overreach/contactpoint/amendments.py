"""Writing records: the fields of the closed list, and who holds an indicator (R1).

Nothing here decides. Every write sets the day on which the record was last updated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from overreach.contactpoint.schema import key
from overreach.contactpoint.storage import Storage

_PLAIN = {
    "given_name": "UPDATE children SET given_name = :value, given_key = :key WHERE child = :child",
    "middle_name": "UPDATE children SET middle_name = :value WHERE child = :child",
    "family_name": "UPDATE children SET family_name = :value, family_key = :key WHERE child = :child",
    "gender": "UPDATE children SET gender = :value WHERE child = :child",
    "date_of_birth": "UPDATE children SET date_of_birth = :value WHERE child = :child",
    "practice": "UPDATE children SET practice = :value WHERE child = :child",
}
_LIVES = """SELECT a.house, a.street, a.locality, a.postcode
FROM children c JOIN addresses a ON a.address = c.address WHERE c.child = ?"""
_LEAVE = """INSERT INTO former_addresses (child, address, since, until)
SELECT child, address, address_since, max(coalesce(address_since, :since), :since) FROM children
WHERE child = :child AND address IS NOT NULL"""
# A row of its own: the record of a sibling is amended by itself.
_PLACE = """INSERT INTO addresses (house, street, locality, postcode, house_key, postcode_key)
VALUES (:house, :street, :locality, :postcode, :house_key, :postcode_key)"""
_LIVE = """UPDATE children SET address = :address, statement = :statement,
  address_since = CASE WHEN address IS NULL THEN :since ELSE max(coalesce(address_since, :since), :since) END
WHERE child = :child"""
_HOLDER = {
    "caf": "SELECT caf_holder, caf_holder_user FROM children WHERE child = ?",
    "lead_professional": "SELECT lead_professional, lead_professional_user FROM children WHERE child = ?",
}
_HOLD = {
    "caf": """UPDATE children SET caf_holder_user = :user, caf_holder_phone = :phone,
      caf_holder = (SELECT name FROM user_names WHERE user = :user) WHERE child = :child""",
    "lead_professional": """UPDATE children SET lead_professional_user = :user, lead_professional_phone = :phone,
      lead_professional = (SELECT name FROM user_names WHERE user = :user) WHERE child = :child""",
}
KINDS = tuple(_HOLDER)


class Place(NamedTuple):
    """A new address, the last known one, or what is said where none is known."""

    house: str | None
    street: str | None
    locality: str | None
    postcode: str | None
    statement: str | None
    since: str


class Attendance(NamedTuple):
    """A new school, by row number, or none."""

    school: int | None
    since: str | None


Value = str | int | Place | Attendance | None


class Holder(NamedTuple):
    """Who holds an indicator."""

    name: str
    user: int | None
    """Row number; None where the holder has no account."""


class Amendments(Protocol):
    """The port."""

    def school_named(self, name: str) -> int | None:
        """Row number of the school of that name; the first of several."""

    def practice_named(self, name: str, phone: str | None) -> int | None:
        """Row number of the practice of that name, and of that telephone where one is given."""

    def amend(self, child: int, changes: Mapping[str, Value], today: date) -> None:
        """Write fields of the closed list; an address that is left becomes a former one."""

    def holder(self, child: int, kind: str) -> Holder | None:
        """Who holds the indicator of that kind."""

    def hold(self, child: int, kind: str, user: int, phone: str, today: date) -> None:
        """Let a user hold it."""

    def release(self, child: int, kind: str, today: date) -> None:
        """Let nobody hold it."""


@dataclass(frozen=True, slots=True)
class StoredAmendments:
    """Amendments in the database."""

    storage: Storage

    def school_named(self, name: str) -> int | None:
        """Row number of the school of that name; the first of several."""
        statement = "SELECT min(school) FROM schools WHERE name_key = ?"
        row: tuple[int | None] = self.storage.run(statement, (key(name),)).fetchone()
        return row[0]

    def practice_named(self, name: str, phone: str | None) -> int | None:
        """Row number of the practice of that name, and of that telephone where one is given."""
        statement = """SELECT min(practice) FROM practices
        WHERE name_key = :name AND (:phone IS NULL OR phone = :phone)"""
        row: tuple[int | None] = self.storage.run(statement, {"name": key(name), "phone": phone}).fetchone()
        return row[0]

    def amend(self, child: int, changes: Mapping[str, Value], today: date) -> None:
        """Write fields of the closed list; an address that is left becomes a former one."""
        for field, value in changes.items():
            if isinstance(value, Place):
                self._move(child, value)
            elif isinstance(value, Attendance):
                statement = "UPDATE children SET school = ?, school_since = ? WHERE child = ?"
                self.storage.run(statement, (value.school, value.since, child))
            else:
                folded = key(value) if isinstance(value, str) else None
                self.storage.run(_PLAIN[field], {"child": child, "value": value, "key": folded})
        self._touch(child, today)

    def holder(self, child: int, kind: str) -> Holder | None:
        """Who holds the indicator of that kind."""
        name, user = self.storage.run(_HOLDER[kind], (child,)).fetchone()
        return None if name is None else Holder(name, user)

    def hold(self, child: int, kind: str, user: int, phone: str, today: date) -> None:
        """Let a user hold it."""
        self.storage.run(_HOLD[kind], {"child": child, "user": user, "phone": phone})
        self._touch(child, today)

    def release(self, child: int, kind: str, today: date) -> None:
        """Let nobody hold it."""
        self.storage.run(_HOLD[kind], {"child": child, "user": None, "phone": None})
        self._touch(child, today)

    def _move(self, child: int, place: Place) -> None:
        lives = self.storage.run(_LIVES, (child,)).fetchone()
        if lives == (place.house, place.street, place.locality, place.postcode):
            self.storage.run("UPDATE children SET statement = ? WHERE child = ?", (place.statement, child))
            return
        self.storage.run(_LEAVE, {"child": child, "since": place.since})
        address = None
        if place.house is not None and place.postcode is not None:
            keys = {"house_key": key(place.house), "postcode_key": key(place.postcode)}
            address = self.storage.run(_PLACE, {**place._asdict(), **keys}).lastrowid
        values = {"child": child, "address": address, "statement": place.statement, "since": place.since}
        self.storage.run(_LIVE, values)

    def _touch(self, child: int, today: date) -> None:
        self.storage.run("UPDATE children SET updated = ? WHERE child = ?", (today.isoformat(), child))
