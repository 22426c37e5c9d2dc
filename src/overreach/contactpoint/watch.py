"""What is noticed while people work: the own family read, far too much read, reasons that are none (R8, R9, R19).

The numbers are our recommendation; nothing was found on what the real system noticed. Counters are kept by user and
minute, for an hour. An alert that rests on counting is raised once an hour for each kind and user.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from overreach.contactpoint.calls import Answer, Call
from overreach.contactpoint.clock import stamp
from overreach.contactpoint.facts import User
from overreach.contactpoint.journal import Alert
from overreach.contactpoint.schema import key
from overreach.contactpoint.storage import Storage

READS_AN_HOUR = 200
MISSES_A_MINUTE = 20
CLAIMS_AN_HOUR = 50  # reasons for records that the user has nothing to do with
BLANKS_AN_HOUR = 2  # notes that say nothing
LETTERS = 4  # different ones that a note needs to say anything
HOLLOW = frozenset({"case", "test", "testing", "none", "work", "check", "asdf", "reason"})
HOUR = 60  # minutes

_NO_CONTENT, _ABSENT = 204, 404

_KIN = """SELECT u.address = c.address OR (mine.house_key = home.house_key AND mine.postcode_key = home.postcode_key),
  mine.street = home.street AND mine.postcode_key = home.postcode_key, u.family_name, c.family_name,
  EXISTS (SELECT 1 FROM involvements i WHERE i.user = u.user AND i.child = c.child)
FROM children c JOIN users u ON u.user = ? LEFT JOIN addresses home ON home.address = c.address
  LEFT JOIN addresses mine ON mine.address = u.address WHERE c.number = ?"""
_COUNT = """INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user, minute) DO UPDATE SET
  reads = reads + excluded.reads, misses = misses + excluded.misses,
  claims = claims + excluded.claims, blanks = blanks + excluded.blanks
RETURNING reads, misses, claims, blanks"""
_HOUR = "SELECT sum(reads), sum(claims), sum(blanks) FROM activity WHERE user = ? AND minute > ?"
_FORGET = "DELETE FROM activity WHERE user = ? AND minute <= ?"
_RAISED = "SELECT 1 FROM alerts WHERE user = ? AND kind = ? AND time > ?"

Sound = Callable[[Alert], None]


class Watch(Protocol):
    """The port."""

    def look(self, operation: str, call: Call, answer: Answer, sound: Sound) -> None:
        """Look at what a signed-in user was answered; sqlite3.Error leaves, and then nothing may be answered."""


class Counts(NamedTuple):
    """What one request adds, or a minute holds."""

    reads: int = 0
    misses: int = 0
    claims: int = 0
    blanks: int = 0


class Kin(NamedTuple):
    """How a user and a child stand to each other."""

    household: bool = False
    street_and_name: bool = False
    involved: bool = False


@dataclass(frozen=True, slots=True)
class StoredWatch:
    """A watch that counts in the database."""

    storage: Storage

    def look(self, operation: str, call: Call, answer: Answer, sound: Sound) -> None:
        """Look at what a signed-in user was answered; sqlite3.Error leaves, and then nothing may be answered."""
        user = call.signed_in.user
        if len(answer.results) == 1 and operation != "search":
            counts = self._read(user, call, answer.results[0], sound)
        elif operation == "declare" and answer.status == _NO_CONTENT:
            counts = Counts(claims=not self._kin(user, call.number).involved, blanks=_says_nothing(call))
        elif answer.status == _ABSENT and operation != "unknown":
            counts = Counts(misses=1)
        else:
            return
        self._count(user, call, counts, sound)

    def _read(self, user: User, call: Call, number: str, sound: Sound) -> Counts:
        kin = self._kin(user, number)
        if kin.household:
            sound(Alert("own_family", user.username, number, call.request_id))
        elif kin.street_and_name:
            sound(Alert("same_address", user.username, number, call.request_id))
        states = isinstance(call.body, dict) and bool(call.body.get("reason"))
        return Counts(reads=1, claims=states and not kin.involved)

    def _kin(self, user: User, number: str) -> Kin:
        row = self.storage.run(_KIN, (user.user, number)).fetchone()
        if row is None:
            return Kin()
        household, street, mine, theirs, involved = row
        return Kin(bool(household), bool(street) and key(mine) == key(theirs), bool(involved))

    def _count(self, user: User, call: Call, counts: Counts, sound: Sound) -> None:
        minute = int(call.now.timestamp()) // 60
        now = Counts(*self.storage.run(_COUNT, (user.user, minute, *counts)).fetchone())
        if now == counts:
            self.storage.run(_FORGET, (user.user, minute - HOUR))
        over = {"enumeration": now.misses > MISSES_A_MINUTE}
        if not counts.misses:
            reads, claims, blanks = self.storage.run(_HOUR, (user.user, minute - HOUR)).fetchone()
            over["volume"] = reads > READS_AN_HOUR
            over["dummy_reason"] = claims > CLAIMS_AN_HOUR or blanks > BLANKS_AN_HOUR
        for kind, is_over in over.items():
            if is_over and not self._raised(user, kind, call.now):
                sound(Alert(kind, user.username, "", call.request_id))

    def _raised(self, user: User, kind: str, now: datetime) -> bool:
        since = stamp(now - timedelta(minutes=HOUR))
        return self.storage.run(_RAISED, (user.username, kind, since)).fetchone() is not None


def _says_nothing(call: Call) -> bool:
    note = call.body.get("note") if isinstance(call.body, dict) else None
    if not isinstance(note, str) or not note.strip():
        return False  # none was given
    text = "".join(letter for letter in key(note) if letter.isalnum())
    return len(set(text)) < LETTERS or text in HOLLOW
