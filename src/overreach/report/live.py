"""What a running system made of what follows from the policy alone, in lines for a reader and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from overreach.model.terms import facets_of
from overreach.probe.live.asking import Reply
from overreach.probe.live.counterexamples import Outcome, Tried, overall

_SAID = {
    Outcome.REACHES: "the system reaches it, too",
    Outcome.REFUSES: "the system refuses, although the policy would allow it",
    Outcome.UNPROVEN: "unproven on the running system",
}


def tried_text(tried: Mapping[str, Sequence[Tried]]) -> Iterator[str]:
    """Lines: each invariant that fails, what the system makes of it, and the requests that show it."""
    for invariant, ones in tried.items():
        yield f"{overall(ones).upper()} {invariant}"
        yield from _told(ones)
    counts = ", ".join(f"{sum(overall(ones) is one for ones in tried.values())} {_COUNTED[one]}" for one in Outcome)
    yield f"{len(tried)} invariants tried on the running system: {counts}" if tried else "nothing to try: all follow"


def tried_json(tried: Mapping[str, Sequence[Tried]]) -> list[dict[str, Any]]:
    """The same as JSON, every facet and action for itself."""
    return [
        {"id": invariant, "outcome": overall(ones).value, "counterexamples": [_tried_json(one) for one in ones]}
        for invariant, ones in tried.items()
    ]


def replies_json(replies: Iterable[Reply]) -> list[dict[str, Any]]:
    """Requests in order, each with its answer."""
    return [
        {
            "username": reply.username,
            "operation": reply.operation,
            "request": reply.request,
            "status": reply.status,
            "opened": [facet.value for facet in facets_of(reply.opened)],
            "unusable": reply.unusable,
        }
        for reply in replies
    ]


def requests_text(replies: Iterable[Reply]) -> Iterator[str]:
    """One line a request, and one its answer."""
    for reply in replies:
        opened = ", ".join(facet.value for facet in facets_of(reply.opened))
        yield f"    {reply.username}: {reply.request}"
        yield f"      {reply.status}{f', with {opened}' if opened else ''}"


_COUNTED = {Outcome.REACHES: "reached", Outcome.REFUSES: "refused", Outcome.UNPROVEN: "unproven"}


def _alike(one: Tried) -> tuple[Outcome, str, str]:
    """What is told together: the same outcome, of the same people, or for the same reason."""
    if one.outcome is Outcome.UNPROVEN:
        return one.outcome, "", one.why
    return one.outcome, one.username, one.number


def _told(ones: Sequence[Tried]) -> Iterator[str]:
    """One line for what is alike; the requests of the first of each outcome."""
    shown: set[Outcome] = set()
    groups: dict[tuple[Outcome, str, str], list[Tried]] = {}
    for one in sorted(ones, key=lambda each: list(Outcome).index(each.outcome)):
        groups.setdefault(_alike(one), []).append(one)
    for (outcome, *_), alike in groups.items():
        first, names = alike[0], ", ".join(f"`{one.what}`" for one in alike)
        if outcome is Outcome.UNPROVEN:
            yield f"  {names}: {_SAID[outcome]}: {first.why}"
            continue
        whom = f"{first.username}{f', record {first.number}' if first.number else ''}"
        yield f"  {names}: {_SAID[outcome]}; asked as {whom}"
        if outcome in shown:
            yield "    requests in --json"
        else:
            yield from requests_text(first.replies)
        shown.add(outcome)


def _tried_json(one: Tried) -> dict[str, Any]:
    claims = None if one.like is None else one.like.claims
    return {
        "action": one.what.value,
        "outcome": one.outcome.value,
        "why": one.why,
        "username": one.username or None,
        "number": one.number or None,
        "claims": claims and {"reason": claims.reason, "override": claims.override, "approvals": claims.approvals},
        "in_area": None if one.like is None else one.like.relation[0],
        "involved": None if one.like is None else one.like.relation[1],
        "requests": replies_json(one.replies),
        "people_tried": one.tries,
    }
