"""The relations of many people at once equal those of each pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import FEW_PEOPLE, DrawnPeople

from overreach.policy.relations import Relations, spans


@settings(max_examples=20, deadline=None)
@given(FEW_PEOPLE)
def test_users_who_share_all_their_areas_share_a_set(people: DrawnPeople) -> None:
    """Each set once, in ascending order of its bits, and the users' own rows."""
    relations = Relations(people)
    sets, of = relations.area_sets
    assert (sets[of] == relations.has_area).all()
    rows = [np.packbits(row).tobytes() for row in sets]
    assert rows == sorted(set(rows))


@settings(max_examples=20, deadline=None)
@given(FEW_PEOPLE, st.integers(0, 2**32))
def test_those_involved_with_many_children_are_those_involved_with_each(people: DrawnPeople, seed: int) -> None:
    """In the order of the children, some of them named twice; and part after part all of them."""
    relations = Relations(people)
    children = np.random.default_rng(seed).integers(0, max(people.children_count, 1), 2 * people.children_count)
    place, user = relations.involved_with(children)
    expected = [
        (at, int(one)) for at, child in enumerate(children) for one in relations.users_involved_with(int(child))
    ]
    assert list(zip(place.tolist(), user.tolist(), strict=True)) == expected
    parts = [zip(*(each.tolist() for each in part), strict=True) for part in relations.involvements()]
    assert [(one, child) for part in parts for one, child, _ in part] == sorted(
        people.involvements, key=lambda pair: (pair[1], pair[0])
    )


def test_runs_are_joined_and_empty_ones_left_out() -> None:
    """Each run counts up from its first place."""
    assert spans(np.array([4, 9, 0]), np.array([2, 0, 3])).tolist() == [4, 5, 0, 1, 2]
