"""Comparing two policies over a population equals deciding every pair by both."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.decision import RungContext
from overreach.model.terms import Facet, Rung
from overreach.policy.amend import another
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.oracle import Oracle
from overreach.reach.whatif import Change, Totals, WhatIf, what_if

_POLICY = Policy.load(PACK, SWITCHES)
_FILES = sorted((PACK / "what_if").glob("*.cedar"))
_OTHERS = [another(_POLICY, file, SWITCHES) for file in _FILES] + [
    another(_POLICY, None, SWITCHES | {"G3": "own"}),
    another(_POLICY, None, {"G1": "yes", "G2": "yes", "G3": "national"}),
]
_PLAIN = tuple(context for context in RUNGS if context.rung is not Rung.GRANTED)

Pair = tuple[int, int]
Key = tuple[str, str, Facet, Rung]


def _opened(policy: Policy, people: DrawnPeople, rungs: tuple[RungContext, ...]) -> dict[tuple[Facet, Rung], set[Pair]]:
    """The pairs open for a facet at a rung or below, asked one by one."""
    grid = Grid.build(policy, people, rungs)
    found: dict[tuple[Facet, Rung], set[Pair]] = defaultdict(set)
    for context in rungs:
        for user in range(people.users_count):
            for child in range(people.children_count):
                mask = grid.facets(user, child, context.claims)
                for higher in {each.rung for each in rungs if each.rung.height >= context.rung.height}:
                    for facet in Facet:
                        if mask & facet.bit:
                            found[facet, higher].add((user, child))
    return found


def _totals(pairs: set[Pair]) -> Totals:
    return Totals(len(pairs), len({user for user, _ in pairs}), len({child for _, child in pairs}))


def _by_hand(other: Policy, people: DrawnPeople, rungs: tuple[RungContext, ...]) -> dict[Key, Change]:
    before, after = _opened(_POLICY, people, rungs), _opened(other, people, rungs)
    grid = Grid.build(_POLICY, people, rungs)
    moved: dict[Key, tuple[set[Pair], set[Pair]]] = defaultdict(lambda: (set(), set()))
    for facet, rung in {*before, *after}:
        for side, pairs in enumerate(
            (after[facet, rung] - before[facet, rung], before[facet, rung] - after[facet, rung])
        ):
            for user, child in pairs:
                for name in ("", *grid.classes_of(user, child)):
                    moved[str(people.users[user][1]), name, facet, rung][side].add((user, child))
    work = set(people.involvements)
    return {
        key: Change(*key, gained=_totals(gained), lost=_totals(lost), lost_involved=_totals(lost & work))
        for key, (gained, lost) in moved.items()
    }


@settings(max_examples=12, deadline=None)
@given(
    st.builds(
        DrawnPeople,
        users=st.integers(1, 8),
        children=st.integers(1, 12),
        areas=st.integers(1, 3),
        seed=st.integers(0, 10_000),
        odd=st.sampled_from([0.1, 0.4]),
    ),
    st.sampled_from(_OTHERS),
)
def test_changes_equal_deciding_every_pair_by_both_policies(people: DrawnPeople, other: Policy) -> None:
    """Gained, lost and lost though involved, by role, record class, facet and rung."""
    found = what_if(_POLICY, other, people, RUNGS)
    expected = _by_hand(other, people, RUNGS)
    both = (*found.everybody, *found.changes)
    assert {(each.role, each.record_class, each.facet, each.rung): each for each in both} == expected


def _asked(found: WhatIf, other: Policy, people: DrawnPeople) -> None:
    """Every example is what cedarpy says of it before and after."""
    area, involved = people.shape.area_attribute, people.shape.involved_attribute
    for example in found.examples:
        facts = people.user_facts(example.user), people.child_facts(example.child)
        where = (example.in_area, example.involved)
        assert example.involved == ((example.user, example.child) in people.involvements)
        assert people.users[example.user][1] == example.role
        for policy, decision in ((_POLICY, example.before), (other, example.after)):
            assert Oracle(policy, area, involved).decide(*facts, example.facet, example.claims, where) == decision


@pytest.mark.parametrize("other", _OTHERS, ids=[*(file.stem for file in _FILES), "own", "regulation"])
def test_examples_are_confirmed_by_cedarpy(other: Policy) -> None:
    """A named user and child, the decision before and after, and the policies that made it."""
    people = DrawnPeople(120, 150, 3, seed=5, odd=0.3)
    found = what_if(_POLICY, other, people, _PLAIN)
    assert found.examples
    assert all(example.before.allowed != example.after.allowed for example in found.examples)
    _asked(found, other, people)


def _sum(found: WhatIf, facet: Facet, rung: Rung) -> tuple[int, int]:
    chosen = [each for each in found.everybody if each.facet is facet and each.rung is rung]
    return sum(each.lost.pairs for each in chosen), sum(each.lost_involved.pairs for each in chosen)


def _other(name: str) -> Policy:
    return another(_POLICY, PACK / "what_if" / f"{name}.cedar", SWITCHES)


def test_what_practitioners_lose_stands_beside_what_is_protected() -> None:
    """By the switch those who are involved keep their children; where only the area counts they do not."""
    people = DrawnPeople(120, 150, 3, seed=5, odd=0.1)
    lost, work = _sum(what_if(_POLICY, _OTHERS[-2], people, _PLAIN), Facet.WHEREABOUTS, Rung.OVERRIDE)
    assert lost > 0
    assert work == 0
    stricter, work = _sum(what_if(_POLICY, _other("own_area_only"), people, _PLAIN), Facet.WHEREABOUTS, Rung.OVERRIDE)
    assert stricter == lost + work
    assert work > 0


def test_an_override_by_two_is_lost_for_one_and_kept_for_two() -> None:
    """The rung `granted` is added, so that what needs a second person is told from what is lost altogether."""
    people = DrawnPeople(120, 150, 3, seed=5, odd=0.3)
    found = what_if(_POLICY, _other("override_by_two"), people, _PLAIN)
    assert _sum(found, Facet.WHEREABOUTS, Rung.OVERRIDE)[0] > 0
    assert _sum(found, Facet.WHEREABOUTS, Rung.GRANTED) == (0, 0)


def test_without_a_national_search_a_known_number_still_opens() -> None:
    """Only what a search needs is closed."""
    people = DrawnPeople(60, 80, 3, seed=5)
    found = what_if(_POLICY, _other("no_national_search"), people, _PLAIN)
    assert {each.facet for each in found.everybody} == {Facet.EXISTENCE, Facet.IDENTITY, Facet.FORMER_NAMES}


def test_the_same_policy_changes_nothing(tmp_path: Path) -> None:
    """A whole file that is the policy itself is compared like any other."""
    copy = tmp_path / "policy.cedar"
    copy.write_text((PACK / "policy.cedar").read_text(encoding="utf-8"), encoding="utf-8")
    found = what_if(_POLICY, another(_POLICY, copy, SWITCHES), DrawnPeople(60, 80, 3, seed=5), _PLAIN)
    assert found == WhatIf((), (), ())
