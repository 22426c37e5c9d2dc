"""What a running system made of what follows from the policy alone, in lines for a reader and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from overreach.model.terms import facets_of
from overreach.population.store import Population
from overreach.probe.live.asking import Reply
from overreach.probe.live.chains import Ending, Walked
from overreach.probe.live.counterexamples import Outcome, Tried, overall
from overreach.probe.live.people import People
from overreach.reach.closure import Chain

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


def walked_text(
    walked: Sequence[Walked], population: Population, steps: Callable[[Chain], Sequence[str]], left_out: int
) -> Iterator[str]:
    """Lines: each chain that was walked, how it ended, and the requests; `steps` puts a chain's steps into words."""
    yield "On the running system, each on a target of its own:"
    for each in walked:
        opened = ", ".join(facet.value for facet in each.chain.facets)
        yield f"\n{each.ending.upper()}{_where(each)}: {each.why}"
        yield f"  {'; '.join(steps(each.chain))}: to {opened}"
        if each.people is not None:
            yield f"  walked by {_people(each.people, population)}{_tries(each)}"
        yield from requests_text(each.replies)
    counts = ", ".join(f"{sum(each.ending is ending for each in walked)} {ending}" for ending in Ending)
    rest = f"; {left_out} more were not walked" if left_out else ""
    yield f"\n{len(walked)} kinds of chains walked: {counts}{rest}"


def walked_json(walked: Walked, population: Population) -> dict[str, Any]:
    """One chain that was walked, as JSON."""
    return {
        "role": walked.chain.role,
        "record_class": walked.chain.record_class,
        "facets": [facet.value for facet in walked.chain.facets],
        "steps": [taken.name for taken in walked.chain.steps],
        "ending": walked.ending.value,
        "at": walked.at,
        "why": walked.why,
        **_people_json(walked.people, population),
        "opened": [facet.value for facet in facets_of(walked.opened)],
        "people_tried": walked.tries,
        "before": replies_json(walked.before),
        "requests": replies_json(walked.replies),
    }


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


def _where(walked: Walked) -> str:
    """At which step it ended, unless it did not."""
    if walked.ending is Ending.WENT_THROUGH or not walked.at:
        return ""
    return f" at step {walked.at}" if walked.at <= len(walked.chain.steps) else " at the reading"


def _people(people: People, population: Population) -> str:
    named = _people_json(people, population)
    helper = "" if people.other is None else f" with {named['other_username']} ({named['other_role']})"
    return f"{named['username']}{helper}, child {named['number']}"


def _people_json(people: People | None, population: Population) -> dict[str, Any]:
    """Names of people; all null where there are none."""
    user = None if people is None else population.user_fields(people.user)
    other = None if people is None or people.other is None else population.user_fields(people.other)
    return {
        "username": user and user["username"],
        "other_username": other and other["username"],
        "other_role": other and other["role"],
        "number": None if people is None else population.child_fields(people.child)["number"],
    }


def _tries(walked: Walked) -> str:
    if walked.ending is Ending.WENT_THROUGH:
        return f", at try {walked.tries}"
    return f", who came farthest in {walked.tries} tries" if walked.tries > 1 else ""
