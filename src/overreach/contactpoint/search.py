"""Search: which records match what was asked, and the page of those that may be shown (R12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol

from overreach.contactpoint import roles
from overreach.contactpoint.facts import Child
from overreach.contactpoint.schema import key
from overreach.contactpoint.storage import Storage

PAGE = 25
MOST = 1000  # records that a search shows; of more, any
LAST_PAGE = 1_000_000  # that may be asked for

#: What a query may name, and the facet that each field belongs to.
FACET_OF = {
    "family_name": roles.IDENTITY,
    "given_name": roles.IDENTITY,
    "date_of_birth": roles.IDENTITY,
    "gender": roles.IDENTITY,
    "former_name": roles.FORMER_NAMES,
    "postcode": roles.WHEREABOUTS,
    "house": roles.WHEREABOUTS,
    "carer_name": roles.CARERS,
    "phone": roles.CONTACTS,
    "email": roles.CONTACTS,
    "school": roles.EDUCATION,
    "practice": roles.HEALTH,
}

COLUMNS = """SELECT c.child, c.number, c.responsible, c.shielded, c.contacts_protected, c.archive_year,
  EXISTS (SELECT 1 FROM involvements i WHERE i.user = :user AND i.child = c.child),
  c.child IN (SELECT t.child FROM threatening t WHERE t.user = :user),
  c.given_name, c.middle_name, c.family_name, c.gender, c.date_of_birth
FROM children c WHERE"""
ORDER = "ORDER BY c.family_name, c.given_name, c.date_of_birth, c.number"

#: One condition a field, over the parameter of the same name.
CONDITIONS = {
    "family_name": "c.family_key = :family_name",
    "given_name": "c.given_key = :given_name",
    "date_of_birth": "c.date_of_birth = :date_of_birth",
    "gender": "c.gender = :gender",
    "former_name": "c.child IN (SELECT child FROM former_names WHERE family_key = :former_name)",
    "postcode": "c.address IN (SELECT address FROM addresses WHERE postcode_key = :postcode)",
    "house": "c.address IN (SELECT address FROM addresses WHERE house_key = :house)",
    "carer_name": """c.child IN
      (SELECT l.child FROM child_carers l JOIN carers k ON k.carer = l.carer
       WHERE k.name_key = :carer_name)""",
    "phone": """c.child IN
      (SELECT l.child FROM child_carers l JOIN carers k ON k.carer = l.carer
       WHERE k.phone_key = :phone)""",
    "email": """c.child IN
      (SELECT l.child FROM child_carers l JOIN carers k ON k.carer = l.carer
       WHERE k.email_key = :email)""",
    "school": "c.school IN (SELECT school FROM schools WHERE name_key = :school)",
    "practice": "c.practice IN (SELECT practice FROM practices WHERE name_key = :practice)",
}


class Match(NamedTuple):
    """A child that has the values asked for, and its identity."""

    child: Child
    given: str
    middle: str | None
    family: str
    gender: str
    date_of_birth: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer; `count` and `pages` are of all that may be shown, up to `MOST`."""

    count: int
    page: int
    pages: int
    rows: tuple[Match, ...]


class Search(Protocol):
    """The port."""

    def matches(self, query: Mapping[str, str], user: int) -> list[Match]:
        """Every child with the values asked for, in the order of answers; knows no rule."""

    def page(self, query: Mapping[str, str], user: int, shown: Callable[[Child], bool], page: int) -> Page:
        """A page, counted from 1, of the matches that may be shown to the user."""


@dataclass(frozen=True, slots=True)
class StoredSearch:
    """Search in the database; the text of a query reaches it as parameters only."""

    storage: Storage

    def matches(self, query: Mapping[str, str], user: int) -> list[Match]:
        """Every child with the values asked for, in the order of answers; knows no rule."""
        return sorted(self._found(query, user), key=_rank)

    def page(self, query: Mapping[str, str], user: int, shown: Callable[[Child], bool], page: int) -> Page:
        """A page, counted from 1, of the matches that may be shown to the user."""
        # Only what is shown is counted: how many others there are changes nothing (R12).
        visible = islice((match for match in self._found(query, user) if shown(match.child)), MOST)
        return page_of(sorted(visible, key=_rank), lambda _child: True, page)

    def _found(self, query: Mapping[str, str], user: int) -> Iterator[Match]:
        where = " AND ".join(CONDITIONS[field] for field in query)
        values = {"user": user, **{field: key(text) for field, text in query.items()}}
        return map(match_of, self.storage.run(f"{COLUMNS} {where}", values))


def _rank(match: Match) -> tuple[str, str, str, str]:
    """The order of answers, that of `ORDER`."""
    return match.family, match.given, match.date_of_birth, match.child.number


def match_of(row: tuple[object, ...]) -> Match:
    """A row of `COLUMNS` as a match."""
    child, number, responsible, shielded, protected, year, involved, threat, *identity = row
    flags = (bool(shielded), bool(protected))
    facts = Child(child, number, responsible, *flags, year, bool(involved), bool(threat))  # type: ignore[arg-type]
    return Match(facts, *identity)  # type: ignore[arg-type]


def page_of(matches: list[Match], shown: Callable[[Child], bool], page: int) -> Page:
    """The page of those matches that are shown."""
    visible = [match for match in matches if shown(match.child)]
    start = (page - 1) * PAGE
    return Page(len(visible), page, -(-len(visible) // PAGE), tuple(visible[start : start + PAGE]))
