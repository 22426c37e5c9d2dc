"""Many violations, one finding a cause: the same key in every run, the smallest witness, a command that repeats it."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.probe.hand_made import ABSENT, WELFARE, Hand, answered

from overreach.model.decision import Claims
from overreach.model.finding import Finding, Witness
from overreach.model.probe import Observation, Probe, Request, Violation
from overreach.model.terms import Facet, Kind, Part, Rung, Severity
from overreach.probe import bounds
from overreach.probe.findings import Gatherer, curl, merge
from overreach.probe.session import Bench
from overreach.probe.tally import Count

URL = "http://127.0.0.1:4711"


@pytest.fixture(scope="module")
def hand(bench: Bench) -> Hand:
    """The small world in hand."""
    return Hand(bench)


def gatherer(hand: Hand) -> Gatherer:
    """One that has heard nothing."""
    return Gatherer(hand.bench.population, hand.bench.policy, hand.bench.grid)


@pytest.fixture(scope="module")
def leaks(hand: Hand) -> list[Observation]:
    """Views that gave whole records of shielded children, to many users at two rungs."""
    grid, population = hand.bench.grid, hand.bench.population
    found: list[Observation] = []
    for child in range(population.children_count):
        for user in range(0, population.users_count, 11):
            if grid.classes_of(user, child)[0] == "shielded":
                for claims in (Claims(), WELFARE):
                    record = hand.record(child, [Facet.IDENTITY, Facet.WHEREABOUTS, Facet.HEALTH])
                    seen = hand.observe(hand.probe("view", user, child, claims), answered(record))
                    found += [seen] if seen.violations else []
    assert len(found) > 20
    return found


def shielded(findings: list[Finding]) -> Finding:
    """The finding about shielded records."""
    return next(each for each in findings if each.key == "access:POST /children/view:shielded")


def test_everything_of_one_cause_is_one_finding(hand: Hand, leaks: list[Observation]) -> None:
    """Over users, children, facets and rungs; what is another cause is another finding."""
    gathered = gatherer(hand)
    for each in leaks:
        gathered.add(each)
    findings = gathered.findings({})
    keys = [finding.key for finding in findings]
    assert len(keys) == len(set(keys))
    assert {violation.record_class for each in leaks for violation in each.violations} == {
        key.rpartition(":")[2] for key in keys
    }
    finding = shielded(findings)
    assert finding.kind is Kind.ACCESS
    assert finding.severity is Severity.CRITICAL
    assert Facet.WHEREABOUTS in finding.facets
    assert finding.parts == (Part.SWEEP,)
    assert finding.rule
    assert not any(digit in finding.title for digit in "0123456789")


def test_the_blast_radius_is_what_was_seen_and_what_the_cells_hold(hand: Hand, leaks: list[Observation]) -> None:
    """Seen never exceeds the exact size of the cells."""
    gathered = gatherer(hand)
    for each in leaks:
        gathered.add(each)
    blast = shielded(gathered.findings({})).blast
    of_class = [(each.probe.user, v.child) for each in leaks for v in each.violations if v.record_class == "shielded"]
    assert blast.seen_users == len({user for user, _ in of_class})
    assert blast.seen_children == len({child for _, child in of_class})
    cells = {hand.bench.grid.cell(user, child) for user, child in of_class if child is not None}
    users, children = range(hand.bench.population.users_count), range(hand.bench.population.children_count)
    reached = [(u, c) for u in users for c in children if hand.bench.grid.cell(u, c) in cells]
    assert (blast.upto_users, blast.upto_children) == (len({u for u, _ in reached}), len({c for _, c in reached}))


def test_the_share_is_bounded_by_what_the_sweep_asked(hand: Hand, leaks: list[Observation]) -> None:
    """Over the roles concerned, the facet that locates, and the rungs at which it came; without counts it is open."""
    gathered = gatherer(hand)
    for each in leaks:
        gathered.add(each)
    role = shielded(gathered.findings({})).roles[0]
    counts = {
        (role, "shielded", Facet.WHEREABOUTS, Rung.OPEN): Count(denied=20, failures=20),
        (role, "shielded", Facet.WHEREABOUTS, Rung.OVERRIDE): Count(denied=1000),
        (role, "shielded", Facet.HEALTH, Rung.OPEN): Count(denied=1000, failures=1),
        ("nobody", "shielded", Facet.WHEREABOUTS, Rung.OPEN): Count(denied=1000, failures=1),
    }
    assert shielded(gathered.findings(counts)).blast.share_at_least == bounds.lower(20, 20)
    assert shielded(gathered.findings({})).blast.share_at_least is None


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_of_observations(
    hand: Hand, leaks: list[Observation], random: object
) -> None:
    """Keys, witnesses and figures are those of another run, and nothing in them names where the target was."""
    one, other = gatherer(hand), gatherer(hand)
    for each in leaks:
        one.add(each)
    shuffled = list(leaks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for each in shuffled:
        other.add(each)
    assert one.findings({}) == other.findings({})
    assert "127.0.0.1" not in repr(one.findings({}))


def test_the_witness_is_the_smallest_that_shows_it(hand: Hand, leaks: list[Observation]) -> None:
    """A facet that locates a child first, then the fewest claims."""
    gathered = gatherer(hand)
    for each in leaks:
        gathered.add(each)
    witness = shielded(gathered.findings({})).witness
    assert "rung open" in witness.summary
    assert "whereabouts" in witness.answer
    assert "reason" not in witness.request
    assert witness.user in {hand.bench.population.user_fields(each.probe.user)["username"] for each in leaks}
    assert hand.bench.population.child_by_number(witness.child) is not None


def test_a_witness_that_was_told_of_another_record_names_both(hand: Hand, leaks: list[Observation]) -> None:
    """Which was asked for, and which came: the first sign that two requests were mixed up."""
    gathered = gatherer(hand)
    population = hand.bench.population
    other = next(each for each in range(population.children_count) if each != leaks[0].probe.child)
    gathered.add(replace(leaks[0], probe=replace(leaks[0].probe, child=other)))
    (finding, *_) = gathered.findings({})
    wanted = population.child_fields(other)["number"]
    assert f"of record {wanted} and was told of record {finding.witness.child}" in finding.witness.summary


def test_the_command_repeats_the_request_and_holds_no_token(hand: Hand, leaks: list[Observation]) -> None:
    """The target's address and the user's session stand in it as variables."""
    gathered = gatherer(hand)
    gathered.add(leaks[0])
    words = shlex.split(gathered.findings({})[0].witness.request)
    assert words[:4] == ["curl", "-X", "POST", "$TARGET/children/view"]
    assert "Authorization: Bearer $TOKEN" in words
    assert words[-1] == leaks[0].probe.request.body


@settings(max_examples=25, deadline=None)
@given(
    st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(["$TOKEN", "`id`", "$(id)", "'", '"', "\\", "!", "\n", " "]),
)
def test_a_shell_takes_the_command_word_for_word(text: str, trap: str) -> None:
    """Whatever path and body hold: nothing but the address and the token is filled in."""
    body = f"{text}{trap}{text}"
    probe = Probe(Part.SWEEP, "view", 0, "", 0, Rung.OPEN, Claims(), Request("POST", f"/x/{body}", body, "r"))
    stub = 'curl() { for word in "$@"; do printf "%s\\0" "$word"; done; }'
    script = f"{stub}; TOKEN=secret; TARGET={URL}; {curl(probe)}"
    words = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout.decode().split("\0")[:-1]
    assert words == [
        "-X",
        "POST",
        f"{URL}/x/{body}",
        "-H",
        "Authorization: Bearer secret",
        "-H",
        "Content-Type: application/json",
        "-d",
        body,
    ]


def violation(kind: Kind, subject: str, record_class: str = "", facet: Facet | None = None) -> Violation:
    """One made by hand."""
    return Violation(kind, "POST /x", subject, record_class, None, facet, (), "seen")


@pytest.mark.parametrize(
    ("made", "key", "rule", "severity"),
    [
        (violation(Kind.DUTY, "log"), "duty:POST /x:log", "R9", Severity.HIGH),
        (violation(Kind.DUTY, "alert"), "duty:POST /x:alert", "R13", Severity.HIGH),
        (violation(Kind.ACTION, "sign_in"), "action:POST /x:sign_in", "R4", Severity.CRITICAL),
        (violation(Kind.ACTION, "shield"), "action:POST /x:shield", "R4", Severity.HIGH),
        (
            violation(Kind.INFERENCE, "carers", "adopted", Facet.CARERS),
            "inference:POST /x:carers:adopted",
            "R12",
            Severity.MEDIUM,
        ),
        (
            violation(Kind.ACCESS, "contacts", "ordinary", Facet.CONTACTS),
            "access:POST /x:ordinary",
            "R7",
            Severity.HIGH,
        ),
    ],
)
def test_a_violation_without_a_policy_rests_on_the_default_deny(
    hand: Hand, made: Violation, key: str, rule: str, severity: Severity
) -> None:
    """With the rule of its kind, a sentence and a remedy."""
    gathered = gatherer(hand)
    gathered.take(hand.probe("view", 1, 2), made)
    (finding,) = gathered.findings({})
    assert (finding.key, finding.rule, finding.severity) == (key, rule, severity)
    assert finding.title
    assert finding.remedy
    assert finding.blast.seen_users == 1


def test_the_rules_are_those_of_the_policies_that_deny(hand: Hand) -> None:
    """Each once; an inference breaks the rule of searching as well."""
    policy = next(name for name, rule in hand.bench.policy.rules.items() if rule.rule)
    gathered = gatherer(hand)
    made = replace(violation(Kind.INFERENCE, "carers", "shielded", Facet.CARERS), policies=(policy, policy))
    gathered.take(hand.probe("view", 1, 2), made)
    (finding,) = gathered.findings({})
    rules = finding.rule.split()
    assert set(hand.bench.policy.rules[policy].rule.split()) | {"R12"} == set(rules)
    assert len(rules) == len(set(rules))


def test_what_violates_nothing_gives_no_finding(hand: Hand) -> None:
    """A clean run has none."""
    gathered = gatherer(hand)
    gathered.add(hand.observe(hand.probe("view", 1, 2), ABSENT))
    assert gathered.findings({}) == []


def test_findings_of_several_parts_are_merged_worst_first(hand: Hand) -> None:
    """One a key."""
    gathered = gatherer(hand)
    gathered.take(hand.probe("view", 1, 2), violation(Kind.INFERENCE, "carers", "adopted", Facet.CARERS))
    gathered.take(hand.probe("view", 1, 2), violation(Kind.ACTION, "sign_in"))
    findings = gathered.findings({})
    merged = merge([*reversed(findings), *findings])
    assert [finding.severity for finding in merged] == [Severity.CRITICAL, Severity.MEDIUM]
    assert merged == findings


def told(key: str, part: Part, facets: tuple[Facet, ...], kind: Kind = Kind.ACCESS, subject: str = "") -> Finding:
    """A finding of one part."""
    witness = Witness(part, "", "", "")
    return Finding(key, kind, "t", "R7", Severity.HIGH, (), facets, subject, (part,), witness)


WIDE = told("access:POST /x:shielded", Part.SWEEP, (Facet.WHEREABOUTS, Facet.CARERS), subject="whereabouts, carers")
DUTY = told("duty:POST /x:log", Part.SWEEP, (), Kind.DUTY, "log")


@pytest.mark.parametrize(
    ("found", "scenario"),
    [
        (WIDE, told("access:whereabouts", Part.SCENARIOS, (Facet.WHEREABOUTS,), subject="whereabouts")),
        (WIDE, told("inference:carers", Part.SCENARIOS, (Facet.CARERS,), Kind.INFERENCE, "carers")),
        (DUTY, told("duty:log", Part.SCENARIOS, (), Kind.DUTY, "log")),
    ],
)
def test_what_a_scenario_saw_too_is_folded_into_the_finding_of_another_part(found: Finding, scenario: Finding) -> None:
    """Whichever came first; the scenario is named as a further part, and nothing else changes."""
    for order in permutations([found, scenario]):
        assert merge(order) == [replace(found, parts=(Part.SWEEP, Part.SCENARIOS))]


@pytest.mark.parametrize(
    ("found", "other"),
    [
        (WIDE, told("access:health", Part.SCENARIOS, (Facet.HEALTH,), subject="health")),
        (WIDE, told("action:shield", Part.SCENARIOS, (), Kind.ACTION, "shield")),
        (DUTY, told("duty:alert", Part.SCENARIOS, (), Kind.DUTY, "alert")),
        (WIDE, told("access:POST /y:shielded", Part.LOAD, (Facet.WHEREABOUTS,), subject="whereabouts")),
    ],
)
def test_what_nobody_else_saw_stays_a_finding_of_its_own(found: Finding, other: Finding) -> None:
    """Another facet, action or duty; and what another part than the scenarios found is never folded in."""
    for order in permutations([found, other]):
        assert {finding.key for finding in merge(order)} == {found.key, other.key}
        assert {finding.parts for finding in merge(order)} == {found.parts, other.parts}


@pytest.mark.parametrize("subject", ["whereabouts", "contacts"])
def test_who_may_not_read_is_told_in_the_title(hand: Hand, subject: str) -> None:
    """In words, of whose records."""
    gathered = gatherer(hand)
    gathered.take(hand.probe("view", 1, 2), violation(Kind.ACCESS, subject, "out_of_area", Facet(subject)))
    (finding,) = gathered.findings({})
    assert finding.title == f"POST /x gives {subject} of out of area records to users who may not read them"


def test_a_scenario_names_an_action_in_words_and_is_folded_in_all_the_same(hand: Hand) -> None:
    """`sign_in` and `sign in` are one action."""
    gathered = gatherer(hand)
    gathered.take(hand.probe("view", 1, 2), violation(Kind.ACTION, "sign_in"))
    (found,) = gathered.findings({})
    scenario = told("scenario:test_a:action:sign_in", Part.SCENARIOS, (), Kind.ACTION, "sign in")
    assert merge([found, scenario]) == [replace(found, parts=(Part.SWEEP, Part.SCENARIOS))]


def test_folding_never_makes_what_was_found_milder() -> None:
    """The gate compares severities: a critical finding of a scenario stays critical."""
    scenario = told("access:whereabouts", Part.SCENARIOS, (Facet.WHEREABOUTS,), subject="whereabouts")
    merged = merge([WIDE, replace(scenario, severity=Severity.CRITICAL)])
    assert max(finding.severity.height for finding in merged) == Severity.CRITICAL.height


def test_a_readable_file_does_not_explain_what_the_application_gave_away() -> None:
    """A copy beside the application is another cause than a view that gives too much."""
    file = told("access:outside:export.csv", Part.OUTSIDE, (Facet.WHEREABOUTS,), subject="whereabouts")
    scenario = told("access:whereabouts", Part.SCENARIOS, (Facet.WHEREABOUTS,), subject="whereabouts")
    assert {finding.key for finding in merge([file, scenario])} == {file.key, scenario.key}
