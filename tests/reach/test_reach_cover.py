"""Stolen accounts: what one opens, and how few open everything, against going through all of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import FEW_PEOPLE, PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.terms import Facet, Rung
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.reach.cover import Cover, cover
from overreach.reach.covering import Covering
from overreach.reach.outcomes import Bools, coded
from overreach.reach.stolen import ALL, Stolen
from overreach.reach.tally import Tally

_POLICY = Policy.load(PACK, SWITCHES)
_OWN = Policy.load(PACK, SWITCHES | {"G3": "own"})


def _fewest(reached: list[frozenset[int]]) -> int:
    """The size of the smallest choice that covers everything that any of them does, by trying all."""
    everything = frozenset().union(*reached)
    for size in range(len(reached) + 1):
        if any(frozenset().union(*some) == everything for some in combinations(reached, size)):
            return size
    raise AssertionError


def _covered(grid: Grid, chosen: Bools) -> Cover:
    of, holds = coded([chosen])
    return cover(Covering(grid, Tally(grid, of), holds[:, 0]))


@settings(max_examples=25, deadline=None)
@given(
    FEW_PEOPLE,
    st.integers(0, 2**32),
    st.sampled_from([0.1, 0.3, 0.6]),
)
def test_the_fewest_lie_between_what_is_proven_and_what_was_picked(
    people: DrawnPeople, seed: int, share: float
) -> None:
    """For choices of pairs that follow no policy: the accounts picked do it, and no fewer than proven can."""
    grid = Grid.build(_POLICY, people, RUNGS)
    chosen = np.random.default_rng(seed).random((len(grid.users), len(grid.children), 4)) < share
    reached = [
        frozenset(
            child
            for child in range(people.children_count)
            if chosen[grid.users.of[user], grid.children.of[child], grid.relations.number(user, child)]
        )
        for user in range(people.users_count)
    ]
    found = _covered(grid, chosen)
    assert found.children == len(frozenset().union(*reached))
    assert frozenset().union(*(reached[user] for user in found.users)) == frozenset().union(*reached)
    assert len(found.users) == found.at_most
    assert found.at_least <= _fewest(reached) <= found.at_most


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([_POLICY, _OWN]))
def test_accounts_and_covers_equal_opening_every_pair(seed: int, policy: Policy) -> None:
    """What the best account of each role opens, and the fewest at every rung, pair by pair."""
    people = DrawnPeople(9, 12, 3, seed=seed, odd=0.3)
    grid = Grid.build(policy, people, RUNGS)
    stolen = Stolen(grid)
    shielded = {child for child in range(12) if people.children[child][3]}

    def opened(user: int, rung: Rung, facets: int) -> frozenset[int]:
        claims = [context.claims for context in RUNGS if context.rung.height <= rung.height]
        return frozenset(c for c in range(12) if any(grid.facets(user, c, each) & facets for each in claims))

    every = sum(facet.bit for facet in Facet)
    for account in stolen.accounts():
        mine = [user for user in range(9) if people.users[user][1] == account.role]
        bits = every if account.facet is None else account.facet.bit
        counts = {user: opened(user, Rung.GRANTED, bits) for user in mine}
        if account.record_class not in (ALL, "shielded"):
            continue
        kept = shielded if account.record_class else set(range(12))
        sizes = [len(children & kept) for children in counts.values()]
        assert (account.accounts, account.most, account.median) == (len(mine), max(sizes), float(np.median(sizes)))
        assert len(counts[account.user] & kept) == max(sizes)
    for fewest in stolen.fewest():
        if fewest.record_class in (ALL, "shielded"):
            kept = shielded if fewest.record_class else set(range(12))
            reached = [opened(user, fewest.rung, Facet.WHEREABOUTS.bit) & kept for user in range(9)]
            assert fewest.children == len(kept)
            assert fewest.cover.at_least <= _fewest(reached) <= fewest.cover.at_most


def test_classes_about_the_pair_are_left_out() -> None:
    """Out of area is about user and child: there is no set of such children to open."""
    stolen = Stolen(Grid.build(_POLICY, DrawnPeople(60, 80, 3, seed=1), RUNGS))
    assert stolen.classes[:2] == (ALL, "shielded")
    assert "out_of_area" not in stolen.classes


def test_disjoint_areas_need_one_account_each() -> None:
    """Where only the own area counts and everybody has one, the bounds meet at the number of areas."""
    people = DrawnPeople(200, 300, 5, seed=3, odd=0.0)
    grid = Grid.build(_OWN, people, RUNGS)
    chosen = np.zeros((len(grid.users), len(grid.children), 4), dtype=np.bool_)
    chosen[:, :, [1, 3]] = True
    found = _covered(grid, chosen)
    assert found.children == 300
    assert found.at_least <= found.at_most <= 5
    assert found.at_least >= 3
