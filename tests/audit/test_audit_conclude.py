"""From what the parts gave to the review: nothing that was not examined is passed over."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.probe.hand_made import ABSENT, Hand, answered

from overreach.audit.conclude import Live, Reckoning, conclude, refuse_contradictions, run_info
from overreach.audit.listen import Listener
from overreach.audit.options import OPTIONAL, Options
from overreach.audit.words import NOTES
from overreach.model.errors import PolicyError
from overreach.model.finding import Finding, NotExamined, Witness
from overreach.model.review import Control, PartOutcome, PartSummary, Review
from overreach.model.terms import ExitCode, Facet, Kind, Part, Severity, Verdict
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.probe import bounds
from overreach.probe.findings import Gatherer
from overreach.probe.session import Bench
from overreach.report.reach.roles import role_summaries

Conclude = Callable[..., Review]
FINDING = Finding("k", Kind.SOURCE, "t", "R24", Severity.LOW, (), (), "", (Part.SCAN,), Witness(Part.SCAN, "", "", ""))


@pytest.fixture(scope="module")
def alone(bench: Bench) -> Reckoning:
    """What follows from the policy alone."""
    return Reckoning.make(bench, 1)


@pytest.fixture
def concluded(bench: Bench, options: Options, alone: Reckoning) -> Conclude:
    """Conclude a live audit of some parts."""

    def make(live: Live, parts: frozenset[Part] = frozenset(OPTIONAL)) -> Review:
        began = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
        info = run_info(options, bench, "run-1", began, 1.5, live.url)
        return conclude(replace(options, parts=parts), bench, alone, live, info)

    return make


def outcome(part: Part, *controls: Control, findings: tuple[Finding, ...] = ()) -> PartOutcome:
    """What a part handed over."""
    return PartOutcome(PartSummary(part, ran=True, seconds=0.0, figures=()), findings, controls)


def test_a_part_that_was_left_out_blocks(concluded: Conclude, silent: Callable[..., Live]) -> None:
    """Each of them, by name."""
    review = concluded(silent(), frozenset())
    left_out = {gap.part for gap in review.not_examined if gap.reason == "left out on the command line"}
    assert left_out == set(OPTIONAL)
    assert all(gap.blocking for gap in review.not_examined if gap.part in OPTIONAL and "part" in gap.what)
    assert review.exit_code == ExitCode.UNPROVEN


def test_a_sweep_that_saw_nothing_proves_nothing(concluded: Conclude, silent: Callable[..., Live]) -> None:
    """Every cell and every entry that could be asked about is unproven."""
    review = concluded(silent(outcome(Part.SWEEP)))
    assert review.cells_unproven == review.cells > 0
    assert review.exit_code == ExitCode.UNPROVEN
    assert any(gap.what == "cells" and gap.count == review.cells for gap in review.not_examined)


def test_a_control_that_failed_blocks(concluded: Conclude, silent: Callable[..., Live]) -> None:
    """With its own words; one that passed does not."""
    controls = (
        Control("a detector works", passed=False, detail="it saw nothing"),
        Control("b", passed=True, detail=""),
    )
    review = concluded(silent(outcome(Part.WIRE, *controls)))
    (gap,) = [gap for gap in review.not_examined if gap.what.startswith("control: ")]
    assert (gap.what, gap.reason, gap.blocking) == ("control: a detector works", "it saw nothing", True)
    assert set(controls) <= set(review.controls)


def test_a_finding_of_a_part_is_a_finding_of_the_review(concluded: Conclude, silent: Callable[..., Live]) -> None:
    """Once, whoever else found it."""
    twice = outcome(Part.SCAN, findings=(FINDING, FINDING))
    review = concluded(silent(twice))
    assert review.findings == (FINDING,)
    assert review.exit_code == ExitCode.FINDINGS
    assert "1 defect found" in review.sentence


def test_answers_that_prove_nothing_are_told_with_their_reason(
    bench: Bench, concluded: Conclude, silent: Callable[..., Live]
) -> None:
    """How many of each."""
    hand, live = Hand(bench), silent(outcome(Part.SWEEP))
    for child in range(3):
        live.listener.hear(hand.observe(hand.probe("view", 1, child), answered({}, 503)))
    review = concluded(live)
    assert live.listener.verdicts[Part.SWEEP, Verdict.UNPROVEN] == 3
    assert NotExamined(Part.SWEEP, "answers", "status 503", 3) in review.not_examined


def test_the_review_says_what_it_takes_to_see_the_run_again(
    bench: Bench, concluded: Conclude, silent: Callable[..., Live]
) -> None:
    """Seed, digests, switches, versions."""
    run = concluded(silent()).run
    assert (run.run_id, run.started, run.seconds, run.seed) == ("run-1", "2026-01-02T03:04:05Z", 1.5, 1)
    assert (run.children, run.users) == (200, 120)
    assert run.policy_digest == bench.policy.digest
    assert run.population_digest == bench.population.digest
    assert dict(run.switches) == dict(bench.pack.switches)
    assert {"python", "cedarpy", "locust"} <= {name for name, _ in run.versions}
    assert 0 < run.shielded < 200


def test_every_user_is_in_one_role(bench: Bench) -> None:
    """Head counts add up, and the order is that of the policy's schema."""
    roles = role_summaries(bench.population, bench.policy)
    assert sum(role.users for role in roles) == 120
    assert len({role.role for role in roles}) == len(roles)
    present = {role.role for role in roles}
    schema = bench.policy.schema.enumerations["Role"]
    assert [role.role for role in roles] == [name for name in schema if name in present]


def test_the_packs_own_policy_keeps_its_invariants(bench: Bench) -> None:
    """Nothing is raised."""
    refuse_contradictions(bench.grid)


def test_a_policy_that_permits_what_an_invariant_forbids_is_refused(bench: Bench, tmp_path: Path) -> None:
    """With the policy that permits it."""
    scenarios = tmp_path / "scenarios"
    shutil.copytree(bench.pack.scenarios, scenarios)
    with (scenarios / "policy.cedar").open("a") as file:
        file.write('\n@id("everything")\n@rule("R7")\n@duty("log")\npermit (principal, action, resource);\n')
    policy = Policy.load(scenarios, bench.pack.switches)
    grid = Grid.build(policy, bench.population, bench.pack.rungs)
    with pytest.raises(PolicyError, match=r"invariant `.*` does not hold") as refused:
        refuse_contradictions(grid)
    assert "everything" in refused.value.message
    assert "it shows at" in refused.value.remedy
    assert "\n" not in refused.value.remedy


@pytest.mark.parametrize(("parts", "judged"), [(OPTIONAL, 2), ([Part.SWEEP, Part.WIRE], 3)])
def test_what_crossed_the_wire_is_the_loads_own_traffic_and_not_judged_twice(
    bench: Bench, parts: list[Part], judged: int
) -> None:
    """Without a load, answers on the wire are somebody else's and count."""
    hand = Hand(bench)
    gatherer = Gatherer(bench.population, bench.policy, bench.grid)
    listener = Listener(bench, gatherer, lambda _line: None, frozenset(parts))
    for part in (Part.SWEEP, Part.LOAD, Part.WIRE):
        listener.hear(hand.observe(replace(hand.probe("view", 1, 2), part=part), ABSENT))
    assert listener.judged == judged


def test_what_a_load_gave_away_is_a_probe_once_though_it_crossed_the_wire(bench: Bench) -> None:
    """The same answer judged at both of its ends would otherwise narrow a bound that it says nothing more about."""
    hand = Hand(bench)
    # An address that siblings share is the whereabouts of each of them.
    alone = "SELECT min(child) FROM children WHERE address IS NOT NULL GROUP BY household HAVING count(*) = 1"
    children = set(bench.population.query(alone).column(0).to_pylist())
    pair = hand.pair(lambda user, child: child in children and not hand.mask(user, child) & Facet.WHEREABOUTS.bit)
    gatherer = Gatherer(bench.population, bench.policy, bench.grid)
    listener = Listener(bench, gatherer, lambda _line: None, frozenset(OPTIONAL))
    record = hand.record(pair[1], [Facet.IDENTITY, Facet.WHEREABOUTS])
    for part in (Part.LOAD, Part.WIRE):
        listener.hear(hand.observe(replace(hand.probe("view", *pair), part=part), answered(record)))
    counts = [count for (_, _, facet, _), count in listener.tally.counts().items() if facet is Facet.WHEREABOUTS]
    assert {(count.denied, count.failures) for count in counts} == {(1, 1)}


def test_the_notes_say_how_much_could_hide_where_it_matters_most(
    bench: Bench, concluded: Conclude, silent: Callable[..., Live]
) -> None:
    """Only where something was asked: the widest of the bounds."""
    live = silent(outcome(Part.SWEEP))
    assert concluded(live).notes == NOTES
    hand = Hand(bench)
    guarded = hand.pair(
        lambda user, child: (
            "shielded" in bench.grid.classes_of(user, child) and not hand.mask(user, child) & Facet.WHEREABOUTS.bit
        )
    )
    live.listener.hear(hand.observe(hand.probe("view", *guarded), ABSENT))
    first, *rest = concluded(live).notes
    assert f"more than {bounds.upper(0, 1):.1%} of the pairs" in first
    assert tuple(rest) == NOTES
