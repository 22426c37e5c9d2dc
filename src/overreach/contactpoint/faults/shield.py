"""Faults of shields: how they come about, whom they are against, how they are lifted and broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from overreach.contactpoint import roles
from overreach.contactpoint.clock import stamp
from overreach.contactpoint.facts import Child, Claims, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Cache, Parts
from overreach.contactpoint.records import Found, Record
from overreach.contactpoint.sessions import Session
from overreach.contactpoint.shields import Statement
from overreach.contactpoint.storage import Storage
from overreach.contactpoint.wrapping import with_methods


@fault("shield-waits-for-decision", breaks="R10", scenario=31)
def shield_waits_for_decision(parts: Parts) -> Parts:
    """A requested shield takes hold only once it is decided: until then the record lies open."""

    def request(child: int, said: Statement) -> None:
        plain = parts.storage.run("SELECT 1 FROM children WHERE child = ? AND NOT shielded", (child,)).fetchone()
        parts.shields.request(child, said)
        if plain is not None:
            parts.storage.run("UPDATE children SET shielded = 0, shielded_since = NULL WHERE child = ?", (child,))

    return replace(parts, shields=with_methods(parts.shields, request=request))


@fault("lone-officer-lifts", breaks="R10", scenario=32)
def lone_officer_lifts(parts: Parts) -> Parts:
    """One officer is enough to lift a shield."""

    def unshield(child: int, said: Statement) -> bool:
        nobody = said._replace(user=-1)
        return parts.shields.unshield(child, said) or parts.shields.unshield(child, nobody)

    return replace(parts, shields=with_methods(parts.shields, unshield=unshield))


@fault("missed-review-lifts", breaks="R10", scenario=33)
def missed_review_lifts(parts: Parts) -> Parts:
    """A shield whose review was missed has run out, and the record lies open."""

    def find(number: str, user: int) -> Found | None:
        found = parts.records.find(number, user)
        if found is None:
            return None
        due = "SELECT 1 FROM shield_standing WHERE child = ? AND review_on < ?"
        values = (found.child.child, parts.clock.now().date().isoformat())
        missed = parts.storage.run(due, values).fetchone() is not None
        return found._replace(child=found.child._replace(shielded=found.child.shielded and not missed))

    return replace(parts, records=with_methods(parts.records, find=find))


@fault("threat-party-lifts", breaks="R10", scenario=32)
def threat_party_lifts(parts: Parts) -> Parts:
    """Whoever asks for a shield to be lifted is not held against those whom the shield is against."""

    def keeps_shield(user: User, child: Child) -> bool:
        return parts.rules.keeps_shield(user, child._replace(threat=False))

    return replace(parts, rules=replace(parts.rules, keeps_shield=keeps_shield))


@fault("threat-party-overrides", breaks="R13", scenario=4)
def threat_party_overrides(parts: Parts) -> Parts:
    """The override right opens a record to the very person whom its shield is against."""

    def overrides(user: User, child: Child) -> bool:
        return parts.rules.overrides(user, child._replace(threat=False))

    def view(user: User, child: Child, claims: Claims) -> frozenset[str]:
        return parts.rules.view(user, child._replace(threat=child.threat and not claims.override), claims)

    return replace(parts, rules=replace(parts.rules, overrides=overrides, view=view))


@fault("override-kept-for-ten-minutes", breaks="R13", scenario=4)
def override_kept_for_ten_minutes(parts: Parts) -> Parts:
    """An override ends by the clock only: whoever looks at another record meanwhile comes back to an open one."""

    def turn_to(_session: Session, _number: str, _now: datetime) -> None:
        return

    return replace(parts, sessions=with_methods(parts.sessions, turn_to=turn_to))


@fault("override-opens-for-everybody", breaks="R13", scenario=4)
def override_opens_for_everybody(parts: Parts) -> Parts:
    """While somebody overrides a shield, the record has none, whoever asks."""

    def find(number: str, user: int) -> Found | None:
        found = parts.records.find(number, user)
        values = (number, stamp(parts.clock.now()))
        opened = parts.storage.run("SELECT 1 FROM overrides WHERE number = ? AND ends > ?", values).fetchone()
        return found and (found if opened is None else found._replace(child=found.child._replace(shielded=False)))

    return replace(parts, records=with_methods(parts.records, find=find))


@fault("last-update-betrays-shield", breaks="R10", scenario=24)
def last_update_betrays_shield(parts: Parts) -> Parts:
    """Under a shield everybody still reads when the record was last updated: the day on which it was shielded."""

    def read(child: int, facets: frozenset[str]) -> Record:
        record = parts.records.read(child, facets)
        since = parts.storage.run("SELECT shielded_since FROM children WHERE child = ?", (child,)).fetchone()[0]
        if since is not None and roles.PROVENANCE not in facets:
            record["provenance"] = {"responsible": None, "updated": since}
        return record

    return replace(parts, records=with_methods(parts.records, read=read))


@fault("earlier-version-served", breaks="R10", scenario=24)
def earlier_version_served(parts: Parts) -> Parts:
    """Whoever opened a record before it was shielded is served again what it said then."""

    @dataclass(frozen=True)
    class Kept:
        storage: Storage
        inner: Cache

        def recall(self, user: int, number: str, facets: frozenset[str], make: Callable[[], Record]) -> Record:
            # In the database, like all state: a restored registry starts with what it had then.
            self.storage.run("CREATE TABLE IF NOT EXISTS earlier (user, number, body, PRIMARY KEY (user, number))")
            record = self.inner.recall(user, number, facets, make)
            plain = "SELECT 1 FROM children WHERE number = ? AND NOT shielded"
            if self.storage.run(plain, (number,)).fetchone() is not None:
                values = (user, number, orjson.dumps(record).decode())
                self.storage.run("INSERT OR REPLACE INTO earlier VALUES (?, ?, ?)", values)
                return record
            kept = self.storage.run("SELECT body FROM earlier WHERE user = ? AND number = ?", (user, number)).fetchone()
            if kept is not None:
                record = orjson.loads(kept[0])
            return record

    return replace(parts, cache=Kept(parts.storage, parts.cache))


@fault("lifting-frees-shared-carer", breaks="R10", scenario=19)
def lifting_frees_shared_carer(parts: Parts) -> Parts:
    """When a shield is lifted, its carers' contacts are free again, although they care for another shielded child."""

    def unshield(child: int, said: Statement) -> bool:
        lifted = parts.shields.unshield(child, said)
        if lifted:
            freed = """UPDATE children SET contacts_protected = 0 WHERE child IN (
              SELECT other.child FROM child_carers mine JOIN child_carers other ON other.carer = mine.carer
              WHERE mine.child = ?)"""
            parts.storage.run(freed, (child,))
        return lifted

    return replace(parts, shields=with_methods(parts.shields, unshield=unshield))
