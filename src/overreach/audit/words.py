"""The answer in a sentence, and what a clean answer does not prove."""

from __future__ import annotations

from collections.abc import Sequence

from overreach.model.finding import Finding
from overreach.model.review import Entry
from overreach.model.terms import Facet, Rung, Verdict

NOTES = (
    "A bound covers defects that strike at random, not ones aimed at pairs that were not drawn.",
    "Pairs were drawn over the users who signed in for the sweep, not over every user of the role.",
    "Synthetic people only: what depends on real data, real staff or the real network was not asked.",
    "The policy was taken as given; hazards are what it permits although it can harm.",
    "Access past the application (operators, disposal, paper) was seen only as far as files lay in reach.",
)


def sentence(entries: Sequence[Entry], findings: Sequence[Finding], probes: int) -> str:
    """The answer in a sentence, in numbers."""
    design = by_design(entries)
    roles = len({entry.role for entry in entries})
    if not findings:
        return f"None of {roles} roles reached what the policy denies it, in {probes:,} judged requests. {design}"
    reached = [
        entry
        for entry in entries
        if entry.verdict is Verdict.OVERREACH and entry.record_class == "shielded" and entry.facet is Facet.WHEREABOUTS
    ]
    if reached:
        who = len({entry.role for entry in reached})
        worst = max(findings, key=lambda each: each.blast.seen_children if Facet.WHEREABOUTS in each.facets else 0)
        seen = f"seen: {people(worst.blast.seen_users, 'user')}, {people(worst.blast.seen_children, 'child')}"
        upto = f"up to {people(worst.blast.upto_users, 'user')} and {people(worst.blast.upto_children, 'child')}"
        return (
            f"{who} of {roles} roles reached the whereabouts of shielded children that the policy denies them"
            f" ({seen}; {upto}). {design}"
        )
    worst = findings[0]
    count = "1 defect" if len(findings) == 1 else f"{len(findings)} defects"
    whom = f"{len(worst.roles)} of {roles} roles" if worst.roles else "the source"
    return f"{count} found; the worst concerns {whom}: {worst.title}. {design}"


def by_design(entries: Sequence[Entry]) -> str:
    """Who can read the whereabouts of shielded children because the policy says so."""
    telling = [
        entry
        for entry in entries
        if entry.pairs and entry.record_class == "shielded" and entry.facet is Facet.WHEREABOUTS
    ]
    permitted = {rung: {entry.role for entry in telling if entry.rung is rung} for rung in Rung}
    words = [f"{len(roles)} at rung {rung.value}" for rung, roles in permitted.items() if roles]
    if not words:
        return "By design no role can read the whereabouts of a shielded child."
    total = len(set().union(*permitted.values()))
    who = "1 role" if total == 1 else f"{total} roles"
    return f"By design {who} can read whereabouts of shielded children: {', '.join(words)}."


def people(number: int, noun: str) -> str:
    """A number with its noun: `1 child`, `2 children`, `3 users`."""
    plural = {"child": "children"}.get(noun, f"{noun}s")
    return f"{number:,} {noun if number == 1 else plural}"
