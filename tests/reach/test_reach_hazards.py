"""Hazards: what another child's record tells."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.terms import LOCATING, Facet
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.reach.hazards import hazards

_POLICY = Policy.load(PACK, SWITCHES)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_hazards_count_distinct_children_and_users_exactly(seed: int) -> None:
    """A child counts where somebody may read its sibling's address and not its own, at the same claims."""
    people = DrawnPeople(12, 30, 3, seed=seed, odd=0.3)
    grid = Grid.build(_POLICY, people, RUNGS)
    pairs = [
        (child, other)
        for child, one in enumerate(people.children)
        for other, two in enumerate(people.children)
        if child != other and one[2] == two[2] and one[3] and not two[3]
    ]
    concerned = {
        (user, child)
        for user in range(12)
        for child, other in pairs
        for context in RUNGS
        for facet in LOCATING
        if grid.facets(user, other, context.claims) & facet.bit
        and not grid.facets(user, child, context.claims) & facet.bit
    }
    found = hazards(grid, people)
    if not concerned:
        assert found == ()
        return
    (hazard,) = found
    assert hazard.children == len({child for _, child in concerned})
    assert hazard.users == len({user for user, _ in concerned})
    assert "synthetic child" in hazard.example


def test_only_the_facets_asked_about_count() -> None:
    """Nobody may read a sibling's shield: there is none."""
    people = DrawnPeople(60, 80, 3, seed=1, odd=0.3)
    grid = Grid.build(_POLICY, people, RUNGS)
    assert hazards(grid, people)
    assert hazards(grid, people, [Facet.EXISTENCE]) != hazards(grid, people)
