"""Records that become one and records that become two (R10, R17).

Protection only grows: of two records that become one the stricter counts, of one that becomes two both are as strict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from overreach.contactpoint.numbers import random_number
from overreach.contactpoint.schema import key
from overreach.contactpoint.shields import CONFIRMED, LIFTED, PROTECT, PROVISIONAL, Statement, note
from overreach.contactpoint.storage import Storage

#: What a merge does, in order, to the tables that speak of a child. `child` and `number` are those of the record that
#: ends, `survivor` and `kept` those of the one that stays.
MERGE = (
    """UPDATE children SET shielded = gone.shielded OR children.shielded,
      contacts_protected = gone.contacts_protected OR children.contacts_protected,
      shielded_since = min(coalesce(children.shielded_since, gone.shielded_since),
        coalesce(gone.shielded_since, children.shielded_since))
    FROM children gone WHERE children.child = :survivor AND gone.child = :child""",
    # Another spelling of the name stays findable, by those who may read former names.
    """INSERT INTO former_names (child, given_name, family_name, family_key)
    SELECT :survivor, gone.given_name, gone.family_name, gone.family_key FROM children gone, children kept
    WHERE gone.child = :child AND kept.child = :survivor
      AND (gone.given_key, gone.family_key) <> (kept.given_key, kept.family_key)""",
    "UPDATE former_names SET child = :survivor WHERE child = :child",
    """DELETE FROM child_carers WHERE child = :child
      AND carer IN (SELECT carer FROM child_carers WHERE child = :survivor)""",
    "UPDATE child_carers SET child = :survivor WHERE child = :child",
    """DELETE FROM services WHERE child = :child AND EXISTS (SELECT 1 FROM services mine
      WHERE mine.child = :survivor AND mine.kind IS services.kind AND mine.provider IS services.provider)""",
    "UPDATE services SET child = :survivor WHERE child = :child",
    "UPDATE service_entries SET child = :survivor WHERE child = :child",
    "UPDATE withdrawn SET child = :survivor WHERE child = :child",
    # Where the one lived was the other's place too, and is as hidden.
    """INSERT INTO former_addresses (child, address, since)
    SELECT :survivor, gone.address, gone.address_since FROM children gone, children kept
    WHERE gone.child = :child AND kept.child = :survivor AND gone.address <> coalesce(kept.address, -1)""",
    "UPDATE former_addresses SET child = :survivor WHERE child = :child",
    # Involvements go on within the survivor's area only.
    """UPDATE OR IGNORE involvements SET child = :survivor WHERE child = :child AND EXISTS (
      SELECT 1 FROM areas_of_users a JOIN children c ON c.responsible = a.authority
      WHERE c.child = :survivor AND a.user = involvements.user)""",
    "DELETE FROM involvements WHERE child = :child",
    "UPDATE OR IGNORE threats SET child = :survivor WHERE child = :child",
    "DELETE FROM threats WHERE child = :child",
    "UPDATE OR IGNORE shield_requests SET child = :survivor WHERE child = :child",
    "DELETE FROM shield_requests WHERE child = :child",
    "UPDATE shield_events SET child = :survivor WHERE child = :child",
    "DELETE FROM shield_standing WHERE child = :child",
    # What two officers, or two authorities, had only half agreed on, they agreed for records that are no more.
    "DELETE FROM unshields WHERE child IN (:child, :survivor)",
    "DELETE FROM moves WHERE child IN (:child, :survivor)",
    "DELETE FROM merges WHERE child IN (:child, :survivor) OR survivor IN (:child, :survivor)",
    # Whoever opened one of the two under an earlier number opened that one only.
    """DELETE FROM overrides WHERE number IN (:number, :kept)
      OR number IN (SELECT number FROM superseded WHERE survivor IN (:number, :kept))""",
    "UPDATE brokering SET number = :kept WHERE number = :number",
    "UPDATE superseded SET survivor = :kept WHERE survivor = :number",
    "INSERT INTO superseded VALUES (:number, :kept)",
    "DELETE FROM children WHERE child = :child",
)
#: What of a record its second half takes over: where the child lives, learns and is treated, who cares for it, and all
#: that protects it. The rest stays with the first until somebody says whose it is.
_HALF = """INSERT INTO children (number, given_name, family_name, gender, date_of_birth, given_key, family_key,
  address, address_since, statement, school, school_since, practice, responsible, shielded, shielded_since,
  contacts_protected, archive_year, updated)
SELECT :number, :given_name, :family_name, :gender, :date_of_birth, :given_key, :family_key,
  address, address_since, statement, school, school_since, practice, responsible, shielded, shielded_since,
  contacts_protected, archive_year, updated
FROM children WHERE child = :child"""
_SPLIT = (
    """INSERT INTO child_carers (child, carer, relation)
      SELECT :half, carer, relation FROM child_carers WHERE child = :child""",
    "INSERT INTO threats (child, user) SELECT :half, user FROM threats WHERE child = :child",
    "INSERT INTO shield_requests (child, user) SELECT :half, user FROM shield_requests WHERE child = :child",
    """INSERT INTO shield_standing SELECT :half, standing, since, review_on, told FROM shield_standing
      WHERE child = :child AND standing <> 'lifted'""",
    # Both stay shielded until somebody has looked at them.
    """UPDATE shield_standing SET review_on = :today, told = 0
      WHERE child IN (:child, :half) AND standing <> 'lifted'""",
    "DELETE FROM unshields WHERE child = :child",
    "DELETE FROM moves WHERE child = :child",
    "DELETE FROM merges WHERE :child IN (child, survivor)",
)
_AGREED = "SELECT 1 FROM merges WHERE child = :child AND survivor = :survivor AND user <> :user"
_STANDINGS = "SELECT standing, since, review_on FROM shield_standing WHERE child IN (?, ?)"
_ISSUED = "SELECT 1 FROM children WHERE number = :number UNION SELECT 1 FROM superseded WHERE number = :number"


class Half(NamedTuple):
    """Whom the second record of a split is about."""

    given_name: str
    family_name: str
    gender: str
    date_of_birth: str


class Lifecycle(Protocol):
    """The port."""

    def merge(self, child: int, survivor: int, said: Statement) -> bool:
        """Ask for a record to be merged into another; True where another officer had asked before, and it is now."""

    def split(self, child: int, half: Half, said: Statement) -> str:
        """Make a second record of what one record said of two children; its number."""


@dataclass(frozen=True, slots=True)
class StoredLifecycle:
    """The life cycle in the database."""

    storage: Storage

    def merge(self, child: int, survivor: int, said: Statement) -> bool:
        """Ask for a record to be merged into another; True where another officer had asked before, and it is now."""
        both: dict[str, object] = {"child": child, "survivor": survivor, "user": said.user}
        if self.storage.run(_AGREED, both).fetchone() is None:
            self.storage.run("INSERT OR IGNORE INTO merges VALUES (:child, :survivor, :user)", both)
            return False
        self._stand_together(child, survivor)
        both |= {"number": self._number(child), "kept": self._number(survivor)}
        self._run(MERGE, both)
        self._protect(survivor)
        note(self.storage, survivor, "merged", said)
        return True

    def split(self, child: int, half: Half, said: Statement) -> str:
        """Make a second record of what one record said of two children; its number."""
        number = self._unissued()
        keys = {"given_key": key(half.given_name), "family_key": key(half.family_name)}
        new = self.storage.run(_HALF, {"child": child, "number": number, **half._asdict(), **keys}).lastrowid or 0
        self._run(_SPLIT, {"child": child, "half": new, "today": said.now.date().isoformat()})
        for each in (child, new):
            self._protect(each)
            note(self.storage, each, "split", said)
        return number

    def _run(self, statements: tuple[str, ...], values: Mapping[str, object]) -> None:
        for statement in statements:
            self.storage.run(statement, values)

    def _stand_together(self, child: int, survivor: int) -> None:
        """Confirmed if one of the shields is; begun when the first one was, reviewed when the first one is due.

        Where both are lifted, so is this one, and is looked at again when the first one would have been.
        """
        found = self.storage.run(_STANDINGS, (child, survivor)).fetchall()
        rows = [row for row in found if row[0] != LIFTED] or found
        if rows:
            standing = next(each for each in (CONFIRMED, PROVISIONAL, LIFTED) if each in {row[0] for row in rows})
            values = (survivor, standing, min(row[1] for row in rows), min(row[2] for row in rows))
            self.storage.run("INSERT OR REPLACE INTO shield_standing VALUES (?, ?, ?, ?, 0)", values)

    def _protect(self, child: int) -> None:
        """Protect the contacts of a shielded child's carers on other records."""
        if self.storage.run("SELECT shielded FROM children WHERE child = ?", (child,)).fetchone()[0]:
            self.storage.run(PROTECT, {"child": child})

    def _number(self, child: int) -> str:
        return str(self.storage.run("SELECT number FROM children WHERE child = ?", (child,)).fetchone()[0])

    def _unissued(self) -> str:
        while True:
            number = random_number()
            if self.storage.run(_ISSUED, {"number": number}).fetchone() is None:
                return number
