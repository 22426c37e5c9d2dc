"""Records: the facts that rules need of a child, and the facets that an answer may carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from overreach.contactpoint import roles
from overreach.contactpoint.facts import Child
from overreach.contactpoint.storage import Storage

_FACTS = """SELECT c.child, c.number, c.responsible, c.shielded, c.contacts_protected, c.archive_year,
  EXISTS (SELECT 1 FROM involvements i WHERE i.user = :user AND i.child = c.child),
  EXISTS (SELECT 1 FROM threatening t WHERE t.user = :user AND t.child = c.child), c.date_of_birth
FROM children c
WHERE c.number = coalesce((SELECT survivor FROM superseded WHERE number = :number), :number)"""
_MAIN = """SELECT c.number, c.given_name, c.middle_name, c.family_name, c.gender, c.date_of_birth,
  a.house, a.street, a.locality, a.postcode, s.name, p.name, p.phone, c.caf_holder, c.lead_professional,
  r.name, c.updated, c.shielded, c.shielded_since, c.address_since, c.statement, c.school_since,
  c.caf_holder_phone, c.lead_professional_phone
FROM children c LEFT JOIN addresses a ON a.address = c.address LEFT JOIN schools s ON s.school = c.school
  LEFT JOIN practices p ON p.practice = c.practice LEFT JOIN authorities r ON r.authority = c.responsible
WHERE c.child = ?"""
_FORMER = "SELECT given_name, family_name, until FROM former_names WHERE child = ? ORDER BY until, rowid"
_PLACES = """SELECT a.house, a.street, a.locality, a.postcode, f.since, f.until
FROM former_addresses f JOIN addresses a ON a.address = f.address WHERE f.child = ? ORDER BY f.until, f.rowid"""
_CARERS = """SELECT k.name, l.relation, k.phone, k.email
FROM child_carers l JOIN carers k ON k.carer = l.carer WHERE l.child = ? ORDER BY l.rowid"""
_SERVICES = "SELECT kind, provider, phone, since FROM services WHERE child = ? AND NOT sensitive ORDER BY rowid"
_SENSITIVE = "SELECT kind, provider FROM services WHERE child = ? AND sensitive ORDER BY rowid"

Record = dict[str, Any]


class Found(NamedTuple):
    """A child by its number, with what a view must know besides."""

    child: Child
    date_of_birth: str


class Records(Protocol):
    """The port."""

    def find(self, number: str, user: int) -> Found | None:
        """The child of a record number, or the survivor of the record that had it; knows no rule.

        The facts are as seen by the user.
        """

    def read(self, child: int, facets: frozenset[str]) -> Record:
        """The record of a child with these facets and no other; a facet left out leaves no key."""


class Main(NamedTuple):
    """The single values of a record."""

    number: str
    given: str
    middle: str | None
    family: str
    gender: str
    date_of_birth: str
    house: str | None
    street: str | None
    locality: str | None
    postcode: str | None
    school: str | None
    practice: str | None
    practice_phone: str | None
    caf_holder: str | None
    lead_professional: str | None
    responsible: str | None
    updated: str | None
    shielded: int
    shielded_since: str | None
    address_since: str | None
    statement: str | None
    school_since: str | None
    caf_holder_phone: str | None
    lead_professional_phone: str | None


def _held(holder: str | None, phone: str | None) -> Record | None:
    """An indicator says who holds an assessment, never what is in it (R1)."""
    return None if holder is None else {"holder": holder, "phone": phone}


_SINGLE: tuple[tuple[str, Callable[[Main], Record]], ...] = (
    (
        roles.IDENTITY,
        lambda main: {
            "number": main.number,
            "name": {"given": main.given, "middle": main.middle, "family": main.family},
            "gender": main.gender,
            "date_of_birth": main.date_of_birth,
        },
    ),
    (
        roles.WHEREABOUTS,
        lambda main: {
            "address": {
                "house": main.house,
                "street": main.street,
                "locality": main.locality,
                "postcode": main.postcode,
                "since": main.address_since,
                "statement": main.statement,
            }
        },
    ),
    (roles.EDUCATION, lambda main: {"education": main.school and {"school": main.school, "since": main.school_since}}),
    (
        roles.HEALTH,
        lambda main: {"health": main.practice and {"practice": main.practice, "phone": main.practice_phone}},
    ),
    (
        roles.INDICATORS,
        lambda main: {
            "indicators": {
                "caf": _held(main.caf_holder, main.caf_holder_phone),
                "lead_professional": _held(main.lead_professional, main.lead_professional_phone),
            }
        },
    ),
    (
        roles.PROVENANCE,
        lambda main: {"provenance": {"responsible": main.responsible, "updated": main.updated}},
    ),
    (
        roles.PROTECTION,
        lambda main: {"protection": {"shielded": bool(main.shielded), "since": main.shielded_since}},
    ),
)


@dataclass(frozen=True, slots=True)
class StoredRecords:
    """Records in the database; what may not be read is not fetched."""

    storage: Storage

    def find(self, number: str, user: int) -> Found | None:
        """The child of a record number, or the survivor of the record that had it; knows no rule."""
        row = self.storage.run(_FACTS, {"number": number, "user": user}).fetchone()
        if row is None:
            return None
        child, number, responsible, shielded, protected, year, involved, threat, born = row
        facts = Child(child, number, responsible, bool(shielded), bool(protected), year, bool(involved), bool(threat))
        return Found(facts, born)

    def read(self, child: int, facets: frozenset[str]) -> Record:
        """The record of a child with these facets and no other; a facet left out leaves no key."""
        main = Main(*self.storage.run(_MAIN, (child,)).fetchone())
        record: Record = {}
        for facet, member in _SINGLE:
            if facet in facets:
                record.update(member(main))
        if roles.FORMER_NAMES in facets:
            record["former_names"] = self._rows(_FORMER, child, ("given", "family", "until"))
        if roles.WHEREABOUTS in facets:
            columns = ("house", "street", "locality", "postcode", "since", "until")
            record["former_addresses"] = self._rows(_PLACES, child, columns)
        if roles.CARERS in facets:
            named = ("name", "relation", "phone", "email") if roles.CONTACTS in facets else ("name", "relation")
            record["carers"] = self._rows(_CARERS, child, named)
        if roles.SERVICES in facets:
            record["services"] = self._rows(_SERVICES, child, ("kind", "provider", "phone", "since"))
        if roles.SENSITIVE_SERVICES in facets:
            record["sensitive_services"] = self._rows(_SENSITIVE, child, ("kind", "provider"))
        return record

    def _rows(self, statement: str, child: int, names: tuple[str, ...]) -> list[Record]:
        # `names` may be fewer than the columns: the rest is left out.
        return [dict(zip(names, row, strict=False)) for row in self.storage.run(statement, (child,)).fetchall()]
