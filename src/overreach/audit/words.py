"""The answer in a sentence, and what a clean answer does not prove."""

from __future__ import annotations

from collections.abc import Sequence

from overreach.model.finding import Finding
from overreach.model.review import Entry
from overreach.model.terms import Facet, Rung

NOTES = (
    "A bound covers defects that strike at random, not ones aimed at pairs that were not drawn.",
    "Pairs were drawn over the users who signed in for the sweep, not over every user of the role.",
    "Synthetic people only: what depends on real data, real staff or the real network was not asked.",
    "The policy was taken as given; hazards are what it permits although it can harm.",
    "Access past the application (operators, disposal, paper) was seen only as far as files lay in reach.",
)


_HOW = {
    Rung.OPEN: "by just asking",
    Rung.DECLARED: "by stating a reason that nobody checks",
    Rung.OVERRIDE: "by breaking the glass",
}


def sentence(entries: Sequence[Entry], findings: Sequence[Finding], judged: int) -> str:
    """The answer in a sentence, in numbers."""
    design = by_design(entries)
    roles = {entry.role for entry in entries}
    if not findings:
        return f"None of {len(roles)} roles reached what the policy denies it, in {judged:,} judged answers. {design}"
    reached = {
        entry.role
        for entry in entries
        if entry.failures and entry.record_class == "shielded" and entry.facet is Facet.WHEREABOUTS
    }
    about = [each for each in findings if Facet.WHEREABOUTS in each.facets and each.key.endswith(":shielded")]
    if reached and about:
        return (
            f"{len(reached)} of {len(roles)} roles reached the whereabouts of shielded children that the policy denies"
            f" them ({extent(max(about, key=lambda each: each.blast.seen_children))}). {design}"
        )
    worst = findings[0]
    count = "1 defect" if len(findings) == 1 else f"{len(findings)} defects"
    concerned = len(roles & set(worst.roles))
    whom = f"{concerned} of {len(roles)} roles" if concerned else ", ".join(worst.roles) or "the source code"
    return f"{count} found; the worst concerns {whom}: {worst.title} ({extent(worst)}). {design}"


def extent(finding: Finding) -> str:
    """How far a finding goes, in words."""
    blast = finding.blast
    if not blast.seen_children and not blast.seen_users:
        return finding.rule
    seen = [people(blast.seen_users, "user")] * bool(blast.seen_users)
    seen += [people(blast.seen_children, "child")] * bool(blast.seen_children)
    upto = [people(blast.upto_users, "user")] * bool(blast.upto_users)
    upto += [people(blast.upto_children, "child")] * bool(blast.upto_children)
    return f"seen: {', '.join(seen)}; up to {' and '.join(upto)}"


def by_design(entries: Sequence[Entry]) -> str:
    """Who can read the whereabouts of shielded children because the policy says so."""
    telling = [
        entry
        for entry in entries
        if entry.pairs and entry.record_class == "shielded" and entry.facet is Facet.WHEREABOUTS
    ]
    permitted = {rung: {entry.role for entry in telling if entry.rung is rung} for rung in _HOW}
    words = [f"{len(roles)} {_HOW[rung]}" for rung, roles in permitted.items() if roles]
    if not words:
        return "By design no role can read the whereabouts of a shielded child."
    total = len(set().union(*permitted.values()))
    who = "1 role" if total == 1 else f"{total} roles"
    return f"By design {who} can read whereabouts of shielded children: {', '.join(words)}."


def people(number: int, noun: str) -> str:
    """A number with its noun: `1 child`, `2 children`, `3 users`."""
    plural = {"child": "children"}.get(noun, f"{noun}s")
    return f"{number:,} {noun if number == 1 else plural}"
