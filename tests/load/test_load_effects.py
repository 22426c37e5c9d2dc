"""What events change, and that it can be taken back."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from tests.load.events import change_of, drawn, of_kind

from overreach.load.befalling import Befalling, facts_of, tied
from overreach.load.effects import Effect, Effects, MergedPeople
from overreach.model.canary import TokenKind
from overreach.model.decision import Claims
from overreach.model.terms import Facet
from overreach.policy.grid import Grid
from overreach.probe.session import Bench

SAID = Claims("welfare")


@pytest.fixture(scope="module")
def effects(bench: Bench) -> Effects:
    """A copy of the facts."""
    return Effects(Grid.build(bench.policy, bench.population, bench.pack.rungs), bench.population, bench.pack.load.ties)


@pytest.fixture(scope="module")
def events(bench: Bench) -> list[Befalling]:
    """The events of a load."""
    return drawn(bench)


def effect_of(bench: Bench, effects: Effects, what: Befalling) -> Effect:
    """What an event does."""
    return effects.of(what.event, change_of(bench, what))


def each_of(bench: Bench, effects: Effects, events: list[Befalling], kind: str) -> Iterator[tuple[Befalling, Effect]]:
    """Events of a kind, while they are put on."""
    found = of_kind(events, kind)
    assert found
    for what in found:
        effect = effect_of(bench, effects, what)
        effects.put_on(effect)
        yield what, effect
        effects.take_off(effect)


def masks(bench: Bench, grid: Grid, children: frozenset[int]) -> list[int]:
    """What everybody may read of some children."""
    users = range(bench.population.users_count)
    return [grid.facets(user, child, said) for user in users for child in sorted(children) for said in (Claims(), SAID)]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_put_on_and_taken_off_leaves_the_start(
    bench: Bench, effects: Effects, events: list[Befalling], seed: int
) -> None:
    """In any order, with any others: effects do not meet."""
    draws = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
    some = draws.sample(events, 4)
    order = draws.sample(some, 4)
    touched = frozenset[int]().union(*(each.touched for each in some))
    before = masks(bench, bench.grid, touched)
    found = {id(each): effect_of(bench, effects, each) for each in some}
    for each in some:
        effects.put_on(found[id(each)])
    for each in order:
        effects.take_off(found[id(each)])
    assert masks(bench, effects.grid, touched) == before


def test_a_shield_hides_the_child_and_protects_those_tied_to_it(
    bench: Bench, effects: Effects, events: list[Befalling]
) -> None:
    """Nobody reads more; the carers' contacts are protected on every other record; the bench's own facts stay."""
    (tie,) = bench.pack.load.ties
    for what, _ in each_of(bench, effects, events, "shield"):
        assert facts_of(effects.grid, what.child)["shielded"] is True
        assert facts_of(bench.grid, what.child)["shielded"] is False
        for other in tied(bench.population, what.child, tie.by):
            assert facts_of(effects.grid, other)["contacts_protected"] is True
        after, before = (masks(bench, grid, what.touched) for grid in (effects.grid, bench.grid))
        assert all(new & ~(old | Facet.PROTECTION.bit) == 0 for new, old in zip(after, before, strict=True))


def test_lifting_a_shield_frees_those_whom_no_other_shield_protects(
    bench: Bench, effects: Effects, events: list[Befalling]
) -> None:
    """A carer of another shielded child stays protected."""
    (tie,) = bench.pack.load.ties
    for what, _ in each_of(bench, effects, events, "unshield"):
        assert facts_of(effects.grid, what.child)["shielded"] is False
        for other in tied(bench.population, what.child, tie.by):
            still = any(facts_of(effects.grid, each)["shielded"] for each in tied(bench.population, other, tie.by))
            assert facts_of(effects.grid, other)["contacts_protected"] is still


def test_after_a_move_one_area_is_responsible_and_who_had_the_other_has_lost_it(
    bench: Bench, effects: Effects, events: list[Befalling]
) -> None:
    """Both or neither is not allowed; involvements that came with the old area end, others go on."""
    for what, effect in each_of(bench, effects, events, "move"):
        assert effect.areas is not None
        old, new = effect.areas
        assert old != new
        has_area = bench.grid.relations.has_area
        for user in range(bench.population.users_count):
            in_area, involved = effects.grid.relation(user, what.child)
            assert in_area == has_area[user, new]
            gone = bool(has_area[user, old]) and not has_area[user, new]
            assert involved == (bench.grid.relation(user, what.child)[1] and not gone)
            assert (user in effect.left) == gone


def test_of_two_records_that_become_one_the_stricter_counts(
    bench: Bench, effects: Effects, events: list[Befalling]
) -> None:
    """Whoever worked with the one works with the other, within its area."""
    for what, _ in each_of(bench, effects, events, "merge"):
        assert what.into is not None
        first, second = (facts_of(bench.grid, child) for child in (what.child, what.into))
        after = facts_of(effects.grid, what.into)
        for fact in what.event.unites:
            assert after[fact] == (first[fact] or second[fact])
        for user in range(bench.population.users_count):
            here = bool(bench.grid.relations.has_area[user, bench.grid.relations.area_of[what.into]])
            worked = bench.grid.relation(user, what.child)[1] and here
            assert effects.grid.relation(user, what.into)[1] == (bench.grid.relation(user, what.into)[1] or worked)


def test_what_was_the_one_records_is_the_others(bench: Bench, events: list[Befalling]) -> None:
    """Tokens and values of a record that ended belong to the one that stays, and to nobody else."""
    what = of_kind(events, "merge")[0]
    assert what.into is not None
    people = MergedPeople(bench.population, {what.child: what.into})
    assert people.token_children(TokenKind.RECORD, what.child) == (what.into,)
    assert people.token_children(TokenKind.RECORD, what.into) == (what.into,)
    for facet in Facet:
        values = bench.population.facet_values(what.child, facet)
        assert people.facet_values(what.into, facet) == values | bench.population.facet_values(what.into, facet)
    other = next(child for child in range(bench.population.children_count) if child not in (what.child, what.into))
    assert people.facet_values(other, Facet.IDENTITY) == bench.population.facet_values(other, Facet.IDENTITY)
