"""The matrix: what the policy permits (exact) beside what the live system did (observed), entry by entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from overreach.model.finding import NotExamined
from overreach.model.review import Entry
from overreach.model.terms import LOCATING, Facet, Part, Verdict
from overreach.pack.sweep import SweepConfig
from overreach.probe import bounds
from overreach.probe.plan import GUARDED
from overreach.probe.tally import Count, Key
from overreach.reach.count import Reach, ReachEntry

NO_READER = "no reader"
NOTHING_TO_SEE = "no such pair, or no child among them with a value"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the policy says there was to ask of each entry."""

    demand: Mapping[Key, int]
    """Denied pairs of users who can sign in."""
    policies: Mapping[Key, tuple[str, ...]]
    """The policies behind the decision on most of its pairs."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """All entries, and those that were not proven."""

    entries: tuple[Entry, ...]
    gaps: tuple[NotExamined, ...]
    underreach: int


def build_matrix(
    reach: Reach, counts: Mapping[Key, Count], asked: Asked, config: SweepConfig, *, swept: bool
) -> Matrix:
    """Join the exact counts with the observed ones."""
    controls = _facets_seen(counts)
    readable = {entry.facet for entry in reach.entries if entry.pairs}
    entries: list[Entry] = []
    reasons: Counter[tuple[str, bool]] = Counter()
    refused = 0
    for exact in reach.entries:
        key = (exact.role, exact.record_class, exact.facet, exact.rung)
        count = counts.get(key, Count())
        refused += count.refused
        controlled = exact.facet in controls or exact.facet not in readable
        wanted = _wanted(exact, asked.demand, config)
        verdict, why = _verdict(exact, count, wanted, swept=swept, controlled=controlled)
        entry = _entry(exact, count, verdict, why, asked.policies.get(key, ()))
        entries.append(entry)
        if entry.verdict is Verdict.UNPROVEN:
            blocking = entry.facet in LOCATING and entry.record_class in GUARDED
            reasons[entry.why, blocking] += 1
    gaps = tuple(
        NotExamined(
            Part.SWEEP, "matrix entries" + (" that locate a guarded child" if blocking else ""), why, count, blocking
        )
        for (why, blocking), count in sorted(reasons.items())
    )
    return Matrix(tuple(entries), gaps, refused)


def _facets_seen(counts: Mapping[Key, Count]) -> set[Facet]:
    """Facets that somebody entitled was given: the positive control of the operation."""
    return {facet for (_, _, facet, _), count in counts.items() if count.allowed}


def _wanted(exact: ReachEntry, demand: Mapping[Key, int], config: SweepConfig) -> int:
    """Denied pairs to be asked for an entry: what its bound needs, or all there are."""
    denied = demand.get((exact.role, exact.record_class, exact.facet, exact.rung), 0)
    guarded = exact.record_class in GUARDED and exact.facet in LOCATING
    return min(denied, config.locating_probes if guarded else config.other_probes)


def _entry(exact: ReachEntry, count: Count, verdict: Verdict, why: str, policies: tuple[str, ...]) -> Entry:
    return Entry(
        role=exact.role,
        record_class=exact.record_class,
        facet=exact.facet,
        rung=exact.rung,
        pairs=exact.pairs,
        users=exact.users,
        children=exact.children,
        one_member=exact.one_member,
        verdict=verdict,
        probes=count.denied,
        failures=count.failures,
        bound=bounds.upper(count.failures, count.denied) if count.denied else None,
        allowed_probes=count.allowed + count.refused,
        why=why,
        policies=policies,
        finding=count.finding,
    )


def _verdict(  # noqa: PLR0911 - the order of the rules is the point
    exact: ReachEntry, count: Count, wanted: int, *, swept: bool, controlled: bool
) -> tuple[Verdict, str]:
    if count.failures:
        return Verdict.OVERREACH, ""
    if not swept:
        return Verdict.UNPROVEN, "the sweep was left out"
    if count.refused:
        return Verdict.UNDERREACH, ""
    if count.denied < wanted:
        reason = next(iter(count.why), "") or "fewer denied pairs than the bound needs could be asked"
        return Verdict.UNPROVEN, reason
    if not controlled:
        return Verdict.UNPROVEN, "no positive control: nobody entitled was given this facet"
    if not wanted and not count.allowed:
        return Verdict.HELD, NOTHING_TO_SEE
    return Verdict.HELD, "" if exact.one_member else NO_READER
