"""The answer in a sentence: in numbers, whether clean or not."""

from __future__ import annotations

import pytest

from overreach.audit.words import NOTES, by_design, people, sentence
from overreach.model.finding import BlastRadius, Finding, Witness
from overreach.model.review import Entry
from overreach.model.terms import Facet, Kind, Part, Rung, Severity, Verdict


def entry(role: str, rung: Rung = Rung.OPEN, pairs: int = 0, failures: int = 0) -> Entry:
    """Whereabouts of shielded children for a role."""
    verdict = Verdict.OVERREACH if failures else Verdict.HELD
    where = Facet.WHEREABOUTS
    return Entry(role, "shielded", where, rung, pairs, pairs, pairs, 0, verdict, failures, failures, None)


def finding(
    roles: tuple[str, ...], facets: tuple[Facet, ...], blast: BlastRadius | None = None, record_class: str = "shielded"
) -> Finding:
    """A finding of some roles."""
    witness = Witness(Part.SWEEP, "", "", "")
    return Finding(
        f"access:POST /x:{record_class}",
        Kind.ACCESS,
        "it leaks",
        "R7",
        Severity.HIGH,
        roles,
        facets,
        "",
        (Part.SWEEP,),
        witness,
        blast or BlastRadius(),
    )


def test_a_clean_audit_says_who_was_asked_and_what_is_permitted_by_design() -> None:
    """With the number of judged requests."""
    entries = [entry("manager", Rung.DECLARED, pairs=4), entry("nurse"), entry("officer", Rung.OVERRIDE, pairs=2)]
    assert sentence(entries, [], 1234) == (
        "None of 3 roles reached what the policy denies it, in 1,234 judged answers."
        " By design 2 roles can read whereabouts of shielded children: 1 by stating a reason that nobody checks,"
        " 1 by breaking the glass."
    )


def test_reaching_a_shielded_childs_whereabouts_comes_first() -> None:
    """With what was seen and how far it goes."""
    entries = [entry("nurse", failures=1), entry("manager")]
    worst = finding(("nurse",), (Facet.WHEREABOUTS,), BlastRadius(1, 2, 30, 4000))
    told = sentence(entries, [finding(("manager",), ()), worst], 10)
    assert told.startswith("1 of 2 roles reached the whereabouts of shielded children that the policy denies them")
    assert "(seen: 1 user, 2 children; up to 30 users and 4,000 children)" in told


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        ([finding(("nurse",), ())], "1 defect found; the worst concerns 1 of 2 roles: it leaks (R7)."),
        (
            [finding(("whoever holds the file",), (), BlastRadius(seen_children=3, upto_children=9))],
            "1 defect found; the worst concerns whoever holds the file: it leaks (seen: 3 children; up to 9 children).",
        ),
        ([finding((), ())] * 2, "2 defects found; the worst concerns the source code: it leaks (R7)."),
    ],
)
def test_other_findings_are_counted_and_the_worst_is_named(findings: list[Finding], told: str) -> None:
    """A finding in a source file concerns no role."""
    assert sentence([entry("nurse"), entry("manager")], findings, 10).startswith(told)


def test_whereabouts_of_other_children_are_not_told_as_those_of_shielded_ones() -> None:
    """A finding about the whereabouts of others counts among the rest, whoever else was reached."""
    entries = [entry("nurse", failures=1), entry("manager")]
    other = finding(("nurse",), (Facet.WHEREABOUTS,), BlastRadius(1, 2, 30, 4000), "ordinary")
    told = sentence(entries, [other], 10)
    assert told.startswith("1 defect found; the worst concerns 1 of 2 roles: it leaks (seen: 1 user, 2 children;")


def test_the_widest_finding_about_whereabouts_of_shielded_children_is_told() -> None:
    """By the children that were seen."""
    one, two = (finding(("nurse",), (Facet.WHEREABOUTS,), BlastRadius(1, seen, 1, 9)) for seen in (2, 7))
    assert "(seen: 1 user, 7 children; up to 1 user and 9 children)" in sentence(
        [entry("nurse", failures=1)], [one, two], 10
    )


def test_a_permission_is_told_apart_from_its_reach() -> None:
    """A role that may at two rungs is one role."""
    assert by_design([entry("nurse")]) == "By design no role can read the whereabouts of a shielded child."
    both = [entry("officer", Rung.DECLARED, 1), entry("officer", Rung.OVERRIDE, 1)]
    assert by_design(both) == (
        "By design 1 role can read whereabouts of shielded children:"
        " 1 by stating a reason that nobody checks, 1 by breaking the glass."
    )
    assert "1 by just asking" in by_design([entry("officer", Rung.OPEN, 1)])


def test_numbers_agree_with_their_nouns() -> None:
    """Thousands are separated."""
    assert [people(1, "child"), people(0, "child"), people(1, "user"), people(2500, "user")] == [
        "1 child",
        "0 children",
        "1 user",
        "2,500 users",
    ]


def test_the_notes_say_what_a_clean_result_does_not_prove() -> None:
    """Each is a sentence."""
    assert NOTES
    assert all(note.endswith(".") for note in NOTES)
