"""Faults of writing: what a body may set, of whom, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from overreach.contactpoint.calls import Answer, Call
from overreach.contactpoint.facts import Child, Claims, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Handler, Parts
from overreach.contactpoint.records import Found, Record, Records
from overreach.contactpoint.roles import EXISTENCE, WHEREABOUTS


def _wrapped(parts: Parts, operation: str, wrap: Callable[[Handler], Handler]) -> Parts:
    """The parts with the handlers of an operation wrapped: unlike `changing`, also before they answer."""
    routes = (
        replace(route, handler=wrap(route.handler)) if route.operation == operation else route for route in parts.routes
    )
    return replace(parts, routes=tuple(routes))


def _assigning(parts: Parts, field: str, store: Callable[[Parts, str, object], object]) -> Parts:
    """The parts with an amendment that writes one further field beside those of the closed list."""

    def wrap(inner: Handler) -> Handler:
        async def amend(parts: Parts, call: Call) -> Answer:
            body = dict(call.body) if isinstance(call.body, dict) else {}
            value = body.pop(field, None)
            answer = inner(parts, call if value is None else replace(call, body=body))
            done = answer if isinstance(answer, Answer) else await answer
            if done.status == 204 and value is not None:  # noqa: PLR2004 - written
                store(parts, call.number, value)
            return done

        return amend

    return _wrapped(parts, "amend", wrap)


@fault("shield-assigned-by-amendment", breaks="R10", scenario=26)
def shield_assigned_by_amendment(parts: Parts) -> Parts:
    """An amendment that also says `shielded: false` lifts the shield: no officer decided, nobody was asked."""

    def store(parts: Parts, number: str, value: object) -> None:
        parts.storage.run("UPDATE children SET shielded = ? WHERE number = ?", (bool(value), number))

    return _assigning(parts, "shielded", store)


@fault("responsible-assigned-by-amendment", breaks="R18", scenario=30)
def responsible_assigned_by_amendment(parts: Parts) -> Parts:
    """An amendment that also names a responsible authority moves the record there; neither authority agreed."""

    def store(parts: Parts, number: str, value: object) -> None:
        statement = """UPDATE children SET responsible = coalesce(
            (SELECT authority FROM authorities WHERE name = ?), responsible) WHERE number = ?"""
        parts.storage.run(statement, (str(value), number))

    return _assigning(parts, "responsible", store)


@fault("archive-year-assigned-by-amendment", breaks="R15", scenario=41)
def archive_year_assigned_by_amendment(parts: Parts) -> Parts:
    """An amendment that also sets `archive_year` puts a live record away where only the supplier reads it."""

    def store(parts: Parts, number: str, value: object) -> None:
        year = value if isinstance(value, int) else 0
        parts.storage.run("UPDATE children SET archive_year = ? WHERE number = ?", (year, number))

    return _assigning(parts, "archive_year", store)


@fault("case-notes-stored", breaks="R1", scenario=25)
def case_notes_stored(parts: Parts) -> Parts:
    """Case notes sent with an amendment are kept, and shown to everybody who opens the record."""
    table = "CREATE TABLE IF NOT EXISTS case_notes (number TEXT PRIMARY KEY, text TEXT NOT NULL)"

    def store(parts: Parts, number: str, value: object) -> None:
        parts.storage.run(table)
        parts.storage.run("INSERT OR REPLACE INTO case_notes VALUES (?, ?)", (number, str(value)))

    def change(parts: Parts, _call: Call, answer: Answer) -> Answer:
        parts.storage.run(table)
        kept = parts.storage.run("SELECT text FROM case_notes WHERE number = ?", answer.results[:1] or ("",)).fetchone()
        return answer if kept is None else replace(answer, body={**(answer.body or {}), "case_notes": kept[0]})

    return _assigning(parts, "case_notes", store).changing("view", change)


@fault("amended-record-answered-whole", breaks="R7", scenario=3)
def amended_record_answered_whole(parts: Parts) -> Parts:
    """Whoever amends a record gets the whereabouts back, may the user read them or not."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        found = parts.records.find(call.number, call.signed_in.user.user)
        if answer.status != 204 or found is None:  # noqa: PLR2004 - written
            return answer
        return replace(answer, status=200, body=parts.records.read(found.child.child, frozenset({WHEREABOUTS})))

    return parts.changing("amend", change)


@fault("amendment-out-of-area", breaks="R18", scenario=8)
def amendment_out_of_area(parts: Parts) -> Parts:
    """The right to amend is looked at, the area of the child is not: any authority writes any record."""

    def amends_record(user: User, child: Child, claims: Claims, fields: frozenset[str]) -> bool:
        return parts.rules.amends_record(user._replace(national=True), child, claims, fields)

    return replace(parts, rules=replace(parts.rules, amends_record=amends_record))


@fault("former-addresses-unmasked", breaks="R11", scenario=24)
def former_addresses_unmasked(parts: Parts) -> Parts:
    """The mask knows the address and has forgotten the former ones: they come with every record."""

    @dataclass(frozen=True)
    class Forgetful:
        inner: Records

        def find(self, number: str, user: int) -> Found | None:
            return self.inner.find(number, user)

        def read(self, child: int, facets: frozenset[str]) -> Record:
            places = self.inner.read(child, frozenset({EXISTENCE, WHEREABOUTS}))["former_addresses"]
            return {**self.inner.read(child, facets), "former_addresses": places}

    return replace(parts, records=Forgetful(parts.records))


@fault("indicator-set-for-another", breaks="R1", scenario=20)
def indicator_set_for_another(parts: Parts) -> Parts:
    """The body may name the `holder`: a colleague stands in the record as lead professional and does not know it."""

    def wrap(inner: Handler) -> Handler:
        async def hold(parts: Parts, call: Call) -> Answer:
            body = dict(call.body) if isinstance(call.body, dict) else {}
            other = parts.accounts.named(str(body.pop("holder", "")))
            if other is not None:
                session = call.signed_in._replace(user=call.signed_in.user._replace(user=other.user))
                call = replace(call, body=body, session=session)
            answer = inner(parts, call)
            return answer if isinstance(answer, Answer) else await answer

        return hold

    return _wrapped(parts, "hold_lead_professional", wrap)
