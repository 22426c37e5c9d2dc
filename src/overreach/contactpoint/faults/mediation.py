"""Faults of looking things up for a caller."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from overreach.contactpoint.calls import REFUSED, Answer, Call
from overreach.contactpoint.facts import Child, Claims, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.faults.log import Otherwise
from overreach.contactpoint.journal import Entry, Log
from overreach.contactpoint.mediations import Mediations
from overreach.contactpoint.operations.mediation import mediation_for
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.rules import Rules
from overreach.contactpoint.sessions import Session


@fault("mediator-lends-own-rights", breaks="R20", scenario=7)
def mediator_lends_own_rights(parts: Parts) -> Parts:
    """A caller is read out what the mediator may read, the hidden part among it."""

    def through(rules: Rules, mediator: User) -> Rules:
        def search(_caller: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
            return rules.search(mediator, child, claims, by)

        def view(_caller: User, child: Child, claims: Claims) -> frozenset[str]:
            return rules.view(mediator, child, claims)

        return replace(rules, search=search, view=view)

    return replace(parts, rules=replace(parts.rules, through=through))


@fault("caller-not-authenticated", breaks="R20", scenario=6)
def caller_not_authenticated(parts: Parts) -> Parts:
    """A mediator looks things up for whoever gives a name: password and code of the caller are not checked."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        said = call.body.get("username") if isinstance(call.body, dict) else None
        caller = parts.accounts.named(str(said)) if answer == REFUSED else None
        return answer if caller is None else mediation_for(parts, call, caller)

    return parts.changing("mediate", change)


@fault("log-names-mediator-only", breaks="R9", scenario=6)
def log_names_mediator_only(parts: Parts) -> Parts:
    """The log does not say for whom a mediator asked."""

    def write(log: Log, entry: Entry, now: datetime) -> None:
        log.write(entry._replace(on_behalf_of=""), now)

    return replace(parts, log=Otherwise(parts.log, write))


@fault("mediation-survives-suspension", breaks="R20", scenario=6)
def mediation_survives_suspension(parts: Parts) -> Parts:
    """A mediator goes on looking things up for a caller whose account was closed meanwhile."""

    @dataclass(frozen=True)
    class Lasting:
        inner: Mediations

        def begin(self, mediator: Session, caller: User, now: datetime) -> str:
            return self.inner.begin(mediator, caller, now)

        def find(self, mediator: Session, token: str, now: datetime) -> Session | None:
            found = self.inner.find(mediator, token, now)
            return found and found._replace(user=found.user._replace(suspended=False, leaves_on=None))

        def end(self, mediator: Session, token: str) -> None:
            self.inner.end(mediator, token)

    def dismiss(user: int) -> None:
        kept = parts.storage.run("SELECT * FROM mediations WHERE caller = ?", (user,)).fetchall()
        parts.dismiss(user)
        parts.storage.run_many("INSERT OR IGNORE INTO mediations VALUES (?, ?, ?, ?, ?)", kept)

    return replace(parts, mediations=Lasting(parts.mediations), dismiss=dismiss)
