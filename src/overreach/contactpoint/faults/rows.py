"""Faults of what the answer to a search carries beside identities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from overreach.contactpoint.calls import Answer, Call
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.records import Record
from overreach.contactpoint.roles import IDENTITY, PROVENANCE, WHEREABOUTS
from overreach.contactpoint.search import FACET_OF, Match

OK = 200


def raw_matches(parts: Parts, call: Call) -> list[Match]:
    """Everybody who has the values of a search, before any rule is asked."""
    body = call.body if isinstance(call.body, dict) else {}
    query = {field: str(value) for field, value in body.items() if field in FACET_OF and value is not None}
    return parts.search.matches(query, call.signed_in.user.user)


def _extended(parts: Parts, call: Call, answer: Answer, facet: str, member: str) -> Answer:
    """The answer to a search, with a member of the record added to each row."""
    rows: Iterable[Any] = (answer.body or {}).get("children", ())
    kept: list[Record] = []
    for row in rows:
        found = parts.records.find(row["number"], call.signed_in.user.user)
        record = {} if found is None else parts.records.read(found.child.child, frozenset({IDENTITY, facet}))
        kept.append({**row, member: record.get(member)})
    return replace(answer, body={**(answer.body or {}), "children": kept}) if kept else answer


@fault("rows-carry-address", breaks="R11", scenario=3)
def rows_carry_address(parts: Parts) -> Parts:
    """Each row of a search carries the address, so that namesakes can be told apart."""
    return parts.changing("search", lambda parts, call, answer: _extended(parts, call, answer, WHEREABOUTS, "address"))


@fault("rows-carry-authority", breaks="R11", scenario=21)
def rows_carry_authority(parts: Parts) -> Parts:
    """Each row of a search names the authority that is responsible, also for whoever hides from it."""
    return parts.changing(
        "search", lambda parts, call, answer: _extended(parts, call, answer, PROVENANCE, "provenance")
    )


@fault("contact-team-named-under-shield", breaks="R11", scenario=21)
def contact_team_named_under_shield(parts: Parts) -> Parts:
    """A masked record says whom to ask instead, and so in which area the child is."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        found = parts.records.find(answer.results[0], call.signed_in.user.user) if answer.results else None
        if found is None or not found.child.shielded or "address" in (answer.body or {}):
            return answer
        area = parts.records.read(found.child.child, frozenset({PROVENANCE}))["provenance"]["responsible"]
        return replace(answer, body={**(answer.body or {}), "ask": f"{area} contact team"})

    return parts.changing("view", change)


@fault("total-count-header", breaks="R12", scenario=15)
def total_count_header(parts: Parts) -> Parts:
    """A header counts every match, those that are not shown among them."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        if answer.status != OK:
            return answer
        total = str(len(raw_matches(parts, call)))
        return replace(answer, headers={**answer.headers, "x-total-count": total})

    return parts.changing("search", change)


@fault("single-match-redirects", breaks="R12", scenario=11)
def single_match_redirects(parts: Parts) -> Parts:
    """A search with a single match sends the user on to its record, shown or not."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        if answer.status != OK or answer.results:
            return answer
        found = raw_matches(parts, call)
        if len(found) != 1:
            return answer
        return replace(answer, status=303, headers={"location": f"/children/{found[0].child.number}"})

    return parts.changing("search", change)


@fault("suggestions-over-hidden-values", breaks="R12", scenario=17)
def suggestions_over_hidden_values(parts: Parts) -> Parts:
    """Where a postcode finds nobody, those like it are suggested, of hidden addresses too."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        asked = call.body.get("postcode") if isinstance(call.body, dict) else None
        if answer.status != OK or answer.results or not isinstance(asked, str):
            return answer
        rows = parts.storage.run(
            """SELECT DISTINCT a.postcode FROM addresses a JOIN children c ON c.address = a.address
            WHERE a.postcode_key BETWEEN :low AND :high ORDER BY a.postcode_key LIMIT 5""",
            {"low": asked.casefold()[:3], "high": f"{asked.casefold()[:3]}\uffff"},
        )
        return replace(answer, body={**(answer.body or {}), "did_you_mean": [row[0] for row in rows.fetchall()]})

    return parts.changing("search", change)
