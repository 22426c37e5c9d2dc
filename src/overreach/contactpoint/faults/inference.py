"""Faults that show nothing hidden, and tell it all the same: by order, place, words, time, headers, caches."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from overreach.contactpoint.calls import ABSENT, MALFORMED, Answer, Call
from overreach.contactpoint.facts import Child
from overreach.contactpoint.fault import fault
from overreach.contactpoint.faults.rows import OK, raw_matches
from overreach.contactpoint.faults.search import Paged, Query, Shown
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.records import Record
from overreach.contactpoint.roles import HEALTH, INDICATORS, PROVENANCE, SERVICES, WHEREABOUTS
from overreach.contactpoint.search import PAGE, Match, Page, Search, page_of
from overreach.contactpoint.storage import Storage

_WHOLE = frozenset({WHEREABOUTS, PROVENANCE, HEALTH, SERVICES, INDICATORS})
_ROUNDS = 10_000  # of the key that opens a record: some milliseconds
_TOO_MANY = 28  # matches

_ABSENT_BIRTH = replace(ABSENT, body={"error": "number and date of birth do not belong together"})


def _asked(call: Call) -> str:
    """The record number of a view, from body or path."""
    return str(call.body.get("number") if isinstance(call.body, dict) else call.number)


def _sorted_by(parts: Parts, rank: Callable[[Match], str]) -> Parts:
    """Searches whose rows come in an order of their own."""

    def page(inner: Search, query: Query, user: int, shown: Shown, page: int) -> Page:
        return page_of(sorted(inner.matches(query, user), key=rank), shown, page)

    return replace(parts, search=Paged(parts.search, page))


@fault("rows-sorted-by-postcode", breaks="R12", scenario=17)
def rows_sorted_by_postcode(parts: Parts) -> Parts:
    """Rows come in the order of their postcodes, so that a hidden one lies between its neighbours'."""

    def postcode(match: Match) -> str:
        return str(parts.records.read(match.child.child, frozenset({WHEREABOUTS}))["address"]["postcode"])

    return _sorted_by(parts, postcode)


@fault("shielded-rows-come-last", breaks="R12", scenario=17)
def shielded_rows_come_last(parts: Parts) -> Parts:
    """Shielded children stand after all others, which tells who is shielded."""
    return _sorted_by(parts, lambda match: str(match.child.shielded))


@fault("count-includes-hidden", breaks="R12", scenario=15)
def count_includes_hidden(parts: Parts) -> Parts:
    """The count and the number of pages are of all matches, those that are not shown among them."""

    def page(inner: Search, query: Query, user: int, shown: Shown, page: int) -> Page:
        matches = inner.matches(query, user)
        every = page_of(matches, lambda _child: True, page)
        return replace(every, rows=page_of(matches, shown, page).rows)

    return replace(parts, search=Paged(parts.search, page))


@fault("hidden-rows-take-a-place", breaks="R12", scenario=15)
def hidden_rows_take_a_place(parts: Parts) -> Parts:
    """A page is cut before what is hidden is left out: it is short by as many children as it hides."""

    def page(inner: Search, query: Query, user: int, shown: Shown, page: int) -> Page:
        matches, correct = inner.matches(query, user), inner.page(query, user, shown, page)
        places = matches[(page - 1) * PAGE : page * PAGE]
        return replace(correct, rows=page_of(places, shown, 1).rows)

    return replace(parts, search=Paged(parts.search, page))


@fault("too-many-matches-counts-hidden", breaks="R12", scenario=15)
def too_many_matches_counts_hidden(parts: Parts) -> Parts:
    """A search with too many matches is refused, and hidden ones count."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        if answer.status != OK or len(raw_matches(parts, call)) <= _TOO_MANY:
            return answer
        return replace(MALFORMED, body={"error": "too many matches: say more"})

    return parts.changing("search", change)


@fault("hidden-record-words-its-refusal", breaks="R7", scenario=9)
def hidden_record_words_its_refusal(parts: Parts) -> Parts:
    """The refusal of a record that exists has the same status as that of no record, and other words."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        hidden = answer == ABSENT and parts.records.find(_asked(call), call.signed_in.user.user) is not None
        return replace(ABSENT, body={"error": "record not available"}) if hidden else answer

    return parts.changing("view", change)


@fault("wrong-birth-date-confirms-number", breaks="R7", scenario=9)
def wrong_birth_date_confirms_number(parts: Parts) -> Parts:
    """A number that was issued answers a wrong date of birth in other words than one that was not."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        if answer != ABSENT or not isinstance(call.body, dict):
            return answer
        found = parts.records.find(_asked(call), call.signed_in.user.user)
        wrong = found is not None and found.date_of_birth != call.body.get("date_of_birth")
        return _ABSENT_BIRTH if wrong else answer

    return parts.changing("view", change)


@fault("hidden-match-takes-longer", breaks="R12", scenario=16)
def hidden_match_takes_longer(parts: Parts) -> Parts:
    """The sealed part of each match is opened before it is asked whether the match may be shown."""

    def page(inner: Search, query: Query, user: int, shown: Shown, page: int) -> Page:
        def opened(child: Child) -> bool:
            sealed = orjson.dumps(parts.records.read(child.child, _WHOLE))
            hashlib.pbkdf2_hmac("sha256", sealed, child.number.encode(), _ROUNDS)
            return shown(child)

        return inner.page(query, user, opened, page)

    return replace(parts, search=Paged(parts.search, page))


@fault("etag-of-whole-record", breaks="R11", scenario=24)
def etag_of_whole_record(parts: Parts) -> Parts:
    """The entity tag of a masked record is taken over all of it: it changes when the child moves."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        found = parts.records.find(answer.results[0], call.signed_in.user.user) if answer.results else None
        if found is None:
            return answer
        content = orjson.dumps(parts.records.read(found.child.child, _WHOLE))
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        return replace(answer, headers={**answer.headers, "etag": tag})

    return parts.changing("view", change)


@fault("last-modified-of-hidden-part", breaks="R11", scenario=24)
def last_modified_of_hidden_part(parts: Parts) -> Parts:
    """A header dates the last change of a masked record, of its hidden part too."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        found = parts.records.find(answer.results[0], call.signed_in.user.user) if answer.results else None
        if found is None:
            return answer
        updated = parts.records.read(found.child.child, frozenset({PROVENANCE}))["provenance"]["updated"]
        return replace(answer, headers={**answer.headers, "last-modified": str(updated)})

    return parts.changing("view", change)


@fault("hidden-members-are-null", breaks="R11", scenario=3)
def hidden_members_are_null(parts: Parts) -> Parts:
    """What a shield hides stands in the record as null, which tells who is shielded."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        found = parts.records.find(answer.results[0], call.signed_in.user.user) if answer.results else None
        if found is None or not found.child.shielded:
            return answer
        return replace(answer, body={"address": None, "education": None, **(answer.body or {})})

    return parts.changing("view", change)


@fault("answers-outlive-override", breaks="R13", scenario=24)
def answers_outlive_override(parts: Parts) -> Parts:
    """What a user was shown at an override is shown to the same user after it: the claims are not in the key."""

    @dataclass(frozen=True)
    class Kept:
        storage: Storage

        def recall(self, user: int, number: str, facets: frozenset[str], make: Callable[[], Record]) -> Record:
            self.storage.run(
                "CREATE TABLE IF NOT EXISTS kept (user INTEGER, number TEXT, facets TEXT, body TEXT, "
                "PRIMARY KEY (user, number))"
            )
            values = (user, number)
            kept = self.storage.run("SELECT facets, body FROM kept WHERE user = ? AND number = ?", values).fetchone()
            if kept is not None and facets <= set(kept[0].split()):
                record: Record = orjson.loads(kept[1])
                return record
            record = make()
            row = (user, number, " ".join(sorted(facets)), orjson.dumps(record).decode())
            self.storage.run("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", row)
            return record

    return replace(parts, cache=Kept(parts.storage))


@fault("answers-may-be-stored", breaks="R11", scenario=24)
def answers_may_be_stored(parts: Parts) -> Parts:
    """A record may be kept for an hour by whoever passes it on: a shield set meanwhile comes too late."""

    def change(_parts: Parts, _call: Call, answer: Answer) -> Answer:
        return replace(answer, headers={**answer.headers, "cache-control": "private, max-age=3600"})

    return parts.changing("view", change)
