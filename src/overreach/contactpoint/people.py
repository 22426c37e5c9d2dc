"""Accounts as those see them who keep them: who is employed, managed and posted how (R4, R5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from overreach.contactpoint.facts import Person
from overreach.contactpoint.sessions import SELECT_USER, user_of
from overreach.contactpoint.storage import Storage

Fact = Literal["role", "national", "vetted_on", "trained", "agreed", "leaves_on"]

_BY_NAME = f"{SELECT_USER} WHERE u.username = ?"
_BY_ROW = f"{SELECT_USER} WHERE u.user = ?"
_STALE = f"""{SELECT_USER} WHERE u.user > ? AND (u.leaves_on <= ? OR u.vetted_on IS NULL OR u.vetted_on < ?)
ORDER BY u.user"""
_CHANGE: dict[Fact, str] = {
    "role": "UPDATE users SET role = ? WHERE user = ?",
    "national": "UPDATE users SET national = ? WHERE user = ?",
    "vetted_on": "UPDATE users SET vetted_on = ? WHERE user = ?",
    "trained": "UPDATE users SET trained = ? WHERE user = ?",
    "agreed": "UPDATE users SET agreed = ? WHERE user = ?",
    "leaves_on": "UPDATE users SET leaves_on = ? WHERE user = ?",
}
#: Half of what takes two: lifting, merging, letting an export go.
_HALF_AGREED = (
    "DELETE FROM unshields WHERE user = ?",
    "DELETE FROM merges WHERE user = ?",
    "DELETE FROM export_approvals WHERE user = ? AND export IN (SELECT export FROM exports WHERE taken IS NULL)",
)


class People(Protocol):
    """The port; knows no rule."""

    def named(self, username: str) -> Person | None:
        """The person of that name, whatever the state of the account."""

    def of(self, user: int) -> Person:
        """The person of a row number."""

    def change(self, user: int, fact: Fact, value: str | bool) -> None:  # noqa: FBT001 - a value among others
        """Set one fact of an account; days are texts such as 2009-05-18."""

    def take_back(self, user: int) -> None:
        """Forget what somebody had agreed to and nobody has completed yet."""

    def stale(self, after: int, today: date, vetted_since: date) -> Iterator[Person]:
        """Those above the row `after` who have left, or whose vetting is older than a day; in order."""

    def accredit(self, organisation: int, accredited: bool) -> bool:  # noqa: FBT001 - a value
        """Set an organisation's accreditation; False where there is no such organisation."""

    def employed(self, organisation: int) -> list[int]:
        """The row numbers of an organisation's users."""


@dataclass(frozen=True, slots=True)
class StoredPeople:
    """Accounts in the database."""

    storage: Storage

    def named(self, username: str) -> Person | None:
        """The person of that name, whatever the state of the account."""
        row = self.storage.run(_BY_NAME, (username,)).fetchone()
        return None if row is None else _person(row)

    def of(self, user: int) -> Person:
        """The person of a row number."""
        return _person(self.storage.run(_BY_ROW, (user,)).fetchone())

    def change(self, user: int, fact: Fact, value: str | bool) -> None:  # noqa: FBT001 - a value among others
        """Set one fact of an account; days are texts such as 2009-05-18."""
        self.storage.run(_CHANGE[fact], (value, user))

    def take_back(self, user: int) -> None:
        """Forget what somebody had agreed to and nobody has completed yet."""
        for statement in _HALF_AGREED:
            self.storage.run(statement, (user,))

    def stale(self, after: int, today: date, vetted_since: date) -> Iterator[Person]:
        """Those above the row `after` who have left, or whose vetting is older than a day; in order."""
        rows = self.storage.run(_STALE, (after, today.isoformat(), vetted_since.isoformat()))
        return map(_person, rows)

    def accredit(self, organisation: int, accredited: bool) -> bool:  # noqa: FBT001 - a value
        """Set an organisation's accreditation; False where there is no such organisation."""
        statement = "UPDATE organisations SET accredited = ? WHERE organisation = ?"
        return self.storage.run(statement, (accredited, organisation)).rowcount == 1

    def employed(self, organisation: int) -> list[int]:
        """The row numbers of an organisation's users."""
        rows = self.storage.run("SELECT user FROM users WHERE organisation = ?", (organisation,))
        return [user for (user,) in rows.fetchall()]


def _person(row: tuple[Any, ...]) -> Person:
    return Person(user_of(row), row[12], row[13])
