"""An entry's verdict: a leak first, then what was left out, refused, not asked often enough or not controlled."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from overreach.audit.matrix import NO_READER, NOTHING_TO_SEE, Asked, Matrix, build_matrix
from overreach.model.review import Entry
from overreach.model.terms import Facet, Rung, Verdict
from overreach.probe import bounds
from overreach.probe.session import Bench
from overreach.probe.tally import Count, Key
from overreach.reach.count import Reach, ReachEntry, reach

POLICIES = ("a-policy", "another-policy")
CONTROL = ("anybody", "any", Facet.HEALTH, Rung.DECLARED)


@pytest.fixture(scope="module")
def exact(bench: Bench) -> Reach:
    """What the policy permits in the small world."""
    return reach(bench.grid, bench.population)


@pytest.fixture(scope="module")
def one(exact: Reach) -> ReachEntry:
    """An entry that somebody may read, of a facet that locates nobody."""
    return next(each for each in exact.entries if each.pairs and each.facet is Facet.HEALTH)


def key_of(one: ReachEntry) -> Key:
    """Its key."""
    return one.role, one.record_class, one.facet, one.rung


def judged(  # noqa: PLR0913 - what an entry is judged by
    bench: Bench, exact: Reach, one: ReachEntry, count: Count, *, demand: int = 1000, swept: bool = True
) -> tuple[Entry, Matrix]:
    """The entry as the matrix has it, where its facet was seen elsewhere."""
    config = replace(bench.pack.sweep, locating_probes=30, other_probes=10)
    counts = {CONTROL: Count(allowed=1), key_of(one): count}
    matrix = build_matrix(exact, counts, Asked({key_of(one): demand}, {key_of(one): POLICIES}), config, swept=swept)
    found = next(
        each for each in matrix.entries if (each.role, each.record_class, each.facet, each.rung) == key_of(one)
    )
    return found, matrix


@pytest.mark.parametrize(
    ("count", "demand", "swept", "verdict"),
    [
        (Count(denied=10, failures=1, refused=1), 1000, True, Verdict.OVERREACH),
        (Count(denied=10, failures=1), 1000, False, Verdict.OVERREACH),
        (Count(denied=10, refused=1), 1000, False, Verdict.UNPROVEN),
        (Count(denied=2, refused=1), 1000, True, Verdict.UNDERREACH),
        (Count(denied=9, allowed=5), 1000, True, Verdict.UNPROVEN),
        (Count(denied=10), 1000, True, Verdict.HELD),
        (Count(denied=4), 4, True, Verdict.HELD),
        (Count(), 0, True, Verdict.HELD),
    ],
)
def test_the_order_of_verdicts(  # noqa: PLR0913, PLR0917 - one a column
    bench: Bench,
    exact: Reach,
    one: ReachEntry,
    count: Count,
    demand: int,
    swept: bool,  # noqa: FBT001 - a column
    verdict: Verdict,
) -> None:
    """All that can be asked is enough, however little it is."""
    entry, _ = judged(bench, exact, one, count, demand=demand, swept=swept)
    assert entry.verdict is verdict
    nothing = not demand and not count.allowed and verdict is Verdict.HELD
    assert bool(entry.why) == (verdict is Verdict.UNPROVEN or nothing)
    assert (entry.why == NOTHING_TO_SEE) == nothing


def test_a_pair_that_was_permitted_and_came_is_something_to_see(bench: Bench, exact: Reach, one: ReachEntry) -> None:
    """Where nothing is denied, a positive control makes the entry held without a remark."""
    entry, _ = judged(bench, exact, one, Count(allowed=1), demand=0)
    assert (entry.verdict, entry.why) == (Verdict.HELD, "")


def test_an_entry_names_what_decides_it_and_the_finding_that_it_belongs_to(
    bench: Bench, exact: Reach, one: ReachEntry
) -> None:
    """The policies of its own key only; a finding only where there was one."""
    entry, matrix = judged(bench, exact, one, Count(denied=10, failures=1, finding="access:POST /x:ordinary"))
    assert (entry.policies, entry.finding) == (POLICIES, "access:POST /x:ordinary")
    assert {(each.policies, each.finding) for each in matrix.entries if each != entry} == {((), "")}


def test_an_entry_keeps_its_exact_counts_and_its_bound(bench: Bench, exact: Reach, one: ReachEntry) -> None:
    """What was permitted stands beside what was observed."""
    entry, _ = judged(bench, exact, one, Count(denied=10, allowed=3, refused=2))
    assert (entry.pairs, entry.users, entry.children) == (one.pairs, one.users, one.children)
    assert (entry.probes, entry.failures, entry.allowed_probes) == (10, 0, 5)
    assert entry.bound == bounds.upper(0, 10)
    assert judged(bench, exact, one, Count())[0].bound is None


def test_the_reason_is_that_of_the_answers(bench: Bench, exact: Reach, one: ReachEntry) -> None:
    """Where answers proved nothing, it says why."""
    count = Count(denied=1, unproven=9, why=Counter({"timed out": 9}))
    assert judged(bench, exact, one, count)[0].why == "timed out"


def test_without_a_positive_control_silence_proves_nothing(bench: Bench, exact: Reach, one: ReachEntry) -> None:
    """A facet that nobody entitled was given may be one that the operation never gives."""
    counts = {key_of(one): Count(denied=100)}
    matrix = build_matrix(exact, counts, Asked({}, {}), bench.pack.sweep, swept=True)
    entry = next(
        each for each in matrix.entries if (each.role, each.record_class, each.facet, each.rung) == key_of(one)
    )
    assert (entry.verdict, entry.why[:19]) == (Verdict.UNPROVEN, "no positive control")


def test_where_nobody_may_read_it_says_so(bench: Bench, exact: Reach) -> None:
    """Held, with no reader."""
    nobody = next(each for each in exact.entries if not each.pairs and each.facet is Facet.HEALTH)
    entry, _ = judged(bench, exact, nobody, Count(denied=59))
    assert (entry.verdict, entry.why) == (Verdict.HELD, NO_READER)


def test_gaps_add_up_and_those_that_locate_a_guarded_child_block(bench: Bench, exact: Reach, one: ReachEntry) -> None:
    """Every unproven entry is in exactly one of them."""
    _, matrix = judged(bench, exact, one, Count(), swept=False)
    unproven = [entry for entry in matrix.entries if entry.verdict is Verdict.UNPROVEN]
    assert len(unproven) == len(matrix.entries) == sum(gap.count for gap in matrix.gaps)
    blocking = sum(
        entry.facet in {Facet.WHEREABOUTS, Facet.CONTACTS} and entry.record_class in {"shielded", "out_of_area"}
        for entry in unproven
    )
    assert sum(gap.count for gap in matrix.gaps if gap.blocking) == blocking > 0
