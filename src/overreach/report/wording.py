"""Figures, names and signs as every format writes them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

from overreach.model.finding import Finding, Hazard
from overreach.model.terms import Facet, Rung

#: A rung as a sign: the fuller the circle, the less a role has to do.
RUNG_SIGN: dict[Rung, str] = {
    Rung.OPEN: "●",
    Rung.DECLARED: "◕",
    Rung.OVERRIDE: "◑",
    Rung.GRANTED: "◔",
    Rung.CHAINED: "○",
    Rung.OUTSIDE: "□",
}
#: The same where the terminal knows no more than ASCII.
RUNG_LETTER: dict[Rung, str] = {
    Rung.OPEN: "O",
    Rung.DECLARED: "D",
    Rung.OVERRIDE: "V",
    Rung.GRANTED: "G",
    Rung.CHAINED: "C",
    Rung.OUTSIDE: "X",
}
RUNG_WORDS: dict[Rung, str] = {
    Rung.OPEN: "just asks",
    Rung.DECLARED: "states a reason that nobody checks",
    Rung.OVERRIDE: "breaks the glass",
    Rung.GRANTED: "another officer must approve",
    Rung.CHAINED: "several steps, each permitted",
    Rung.OUTSIDE: "database, backup, archive or export",
}
_COMPACT_FROM = 10_000
_SEPARATED = {"\n", "\t"}


def words(name: str) -> str:
    """A registered name as words: `head_teacher` gives `head teacher`."""
    return name.replace("_", " ")


def number(count: int) -> str:
    """Thousands apart: `51,100`."""
    return f"{count:,}"


def median(count: float) -> str:
    """A figure that may lie between two whole numbers: `51,100`, `2.5`."""
    return f"{count:,.10g}"


def compact(count: int) -> str:
    """At most five characters: exact below 10,000, then `51.1k`, `1.2m`."""
    if count < _COMPACT_FROM:
        return number(count)
    for unit, size in (("m", 1_000_000), ("k", 1_000)):
        if count >= size:
            scaled = count / size
            return f"{scaled:.1f}{unit}" if scaled < 100 else f"{scaled:.0f}{unit}"  # noqa: PLR2004 - width
    return number(count)


def people(count: int, one: str, many: str) -> str:
    """A figure with its unit: `1 child`, `51,100 children`."""
    return f"{number(count)} {one if count == 1 else many}"


def children(count: int) -> str:
    """A number of children, with its unit."""
    return people(count, "child", "children")


def users(count: int) -> str:
    """A number of users, with its unit."""
    return people(count, "user", "users")


def percent_at_most(share: float) -> str:
    """An upper bound, rounded up so that it stays one: 0.00998 gives `1.0 %`."""
    return f"{math.ceil(round(share * 1000, 6)) / 10:.1f} %"


def percent_at_least(share: float) -> str:
    """A lower bound, rounded down so that it stays one."""
    return f"{math.floor(round(share * 1000, 6)) / 10:.1f} %"


def duration(seconds: float) -> str:
    """Seconds, or minutes and seconds from two minutes on."""
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def listed(names: Iterable[str]) -> str:
    """Names in words, with commas; a dash for none."""
    return ", ".join(words(name) for name in names) or "-"


def _must_show(letter: str) -> bool:
    # Control, format (bidirectional, zero width), surrogate, private, unassigned, line separators.
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


_PLAIN = re.compile(r"[\n\t\x20-\x7e]*")


def visible(text: str) -> str:
    """The same text; characters that cannot be seen, or that turn a line around, become `[U+202E]`."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(
        f"[U+{ord(letter):04X}]" if letter not in _SEPARATED and _must_show(letter) else letter for letter in text
    )


def one_line(text: str) -> str:
    """Visible, and on one line."""
    return " ".join(visible(text).split())


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by severity, then by children and users they could reach, then by key."""
    return sorted(
        findings,
        key=lambda one: (
            -one.severity.height,
            -one.blast.upto_children,
            -one.blast.seen_children,
            -one.blast.upto_users,
            one.key,
        ),
    )


def most_first(hazards: Iterable[Hazard]) -> list[Hazard]:
    """Hazards by children concerned, then by key."""
    return sorted(hazards, key=lambda one: (-one.children, one.key))


def concerned(finding: Finding) -> str:
    """The facets that a finding is about, or the action or duty."""
    return listed(facet.value for facet in finding.facets) if finding.facets else finding.subject


def column_order(facets: Iterable[Facet]) -> list[Facet]:
    """Facets in the order of the report's columns."""
    wanted = set(facets)
    return [facet for facet in Facet if facet in wanted]
