"""Which children may befall what in a load."""

from __future__ import annotations

from itertools import combinations

import pytest
from tests.load.events import drawn, of_kind

from overreach.load.befalling import MOST, ONE_IN, draw, facts_of, tied, touched_by
from overreach.load.members import members
from overreach.probe.session import Bench

KINDS = ("shield", "unshield", "move", "merge")


def test_every_kind_of_event_is_drawn_and_the_same_seed_draws_the_same(bench: Bench) -> None:
    """Every process knows the events without being told."""
    events = drawn(bench)
    assert {each.event.name for each in events} == set(KINDS)
    assert drawn(bench) == events
    assert drawn(bench, seed=2) != events
    most = min(MOST, -(-bench.population.children_count // ONE_IN))
    assert all(len(of_kind(events, kind)) <= most for kind in KINDS)


@pytest.mark.parametrize("seed", range(5))
def test_no_child_is_touched_by_two_events(bench: Bench, seed: int) -> None:
    """So a child's facts are those of the start or those after one change, whatever else happens."""
    events = drawn(bench, seed)
    assert all(first.touched.isdisjoint(second.touched) for first, second in combinations(events, 2))
    assert all({each.child, each.into} - {None} <= each.touched for each in events)


def test_who_is_tied_by_a_carer_is_touched_too(bench: Bench) -> None:
    """A shield protects the carer's contacts wherever else they stand; ties go both ways."""
    (tie,) = bench.pack.load.ties
    for each in drawn(bench):
        others = tied(bench.population, each.child, tie.by)
        assert others <= each.touched
        assert all(each.child in tied(bench.population, other, tie.by) for other in others)


def test_where_nothing_ties_children_a_merge_touches_both_all_the_same(bench: Bench) -> None:
    """The row of the log that names the record that stays is explained in any pack."""
    merges = of_kind(drawn(bench), "merge")
    assert merges
    for each in merges:
        assert touched_by(bench.population, (), each.child, each.into) == {each.child, each.into}


def test_a_fact_that_follows_is_in_the_population_what_the_tie_says(bench: Bench) -> None:
    """What is worked out after a change is what the start has: nothing flips that did not change."""
    (tie,) = bench.pack.load.ties
    for child in range(bench.population.children_count):
        others = tied(bench.population, child, tie.by)
        follows = any(facts_of(bench.grid, other)[tie.follows] for other in others)
        assert facts_of(bench.grid, child)[tie.fact] is follows


@pytest.mark.parametrize("seed", range(5))
def test_events_befall_children_as_they_must_be(bench: Bench, seed: int) -> None:
    """Nobody unshields who is not shielded; of a merge, both records are of one area and nothing gets lost."""
    values, area_of = bench.judge.reader.value_facets, bench.grid.relations.area_of
    for each in drawn(bench, seed):
        assert each.event.given.items() <= facts_of(bench.grid, each.child).items()
        assert area_of[each.child] >= 0
        if each.into is not None:
            assert each.child != each.into
            assert area_of[each.child] == area_of[each.into]
            renewed = sum(facet.bit for facet in each.event.renews)
            assert not values(each.child) & ~values(each.into) & ~renewed


def test_where_nobody_could_carry_it_out_nothing_is_drawn(bench: Bench) -> None:
    """Neither without users, nor without those whose post it is."""
    assert draw(bench, 1, []) == []
    users = [user for user in members(bench, 1) if bench.population.user_fields(user)["role"] == "social_worker"]
    assert users
    assert draw(bench, 1, users) == []
