"""Posts: how many users each role has, and where they work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.policy.drawn_people import FLAGS, GOOD, PACK, SWITCHES
from tests.population.bases import JUDGEMENT, NATION, VILLAGE, base, setting

from overreach.model.decision import Claims
from overreach.model.terms import Action
from overreach.policy.load import Policy
from overreach.policy.oracle import Oracle
from overreach.population.childindex.judgement import Posts
from overreach.population.childindex.posts import headcounts, post
from overreach.population.recipe import Order

_ROLES = JUDGEMENT.roles


@given(st.integers(60, 400_000), st.integers(4, 150))
def test_headcounts_add_up_and_leave_no_role_without_users(users: int, authorities: int) -> None:
    """Headcounts add up to the users, and no role goes without."""
    counts = headcounts(JUDGEMENT, users, min(authorities, users // 15))
    assert counts.sum() == users
    assert counts.min() >= 1


def test_a_nation_is_split_by_the_weights_of_the_recipe() -> None:
    """A nation's users are split by weight, to a tenth of a per cent of the whole, and in at least 25 roles."""
    role = base(NATION).staff.posting.role
    counts = np.bincount(role, minlength=len(_ROLES))
    weights = np.array([item.weight for item in _ROLES])
    assert counts.sum() == NATION.users
    assert (counts > 0).sum() >= 25
    assert np.abs(counts / NATION.users - weights / weights.sum()).max() < 0.001


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_roles_are_spread_as_the_recipe_says(order: Order) -> None:
    """National roles have no area, every authority has the same number of its own officers, the rest are local."""
    posting, authorities = base(order).staff.posting, len(base(order).setting.authorities)
    for row, role in enumerate(_ROLES):
        area = posting.area[posting.role == row]
        assert (area < 0).all() == (role.posts is Posts.NATIONAL)
        if role.posts is Posts.EACH:
            assert len(set(np.bincount(area, minlength=authorities).tolist())) == 1
        if role.posts is Posts.LOCAL:
            assert len(np.unique(area)) >= min(len(area), 5, authorities)


def test_the_first_users_of_a_role_go_where_there_is_something_to_see() -> None:
    """The first data managers go to the authorities with records in their first archive year."""
    order = replace(VILLAGE, children=3_000, users=1_000)
    place = setting(order)
    archived = np.zeros(len(place.authorities), dtype=np.int64)
    archived[[3, 17, 40]] = 1
    posting = post(place, {Posts.ARCHIVE: archived})
    managers = posting.role == [role.name for role in _ROLES].index("data_manager")
    assert {3, 17, 40} <= set(posting.area[managers].tolist())


def test_the_rights_that_the_recipe_states_are_those_of_the_policy() -> None:
    """A role shields and overrides, by the recipe, exactly if the policy permits it."""
    oracle = Oracle(Policy.load(PACK, SWITCHES), ("areas", "responsible"), "involved")
    child = {**dict.fromkeys(FLAGS, False), "archive_year": 0}
    claims = Claims(reason="child_protection")
    for role in _ROLES:
        user = {"role": role.name, **GOOD}
        may = [
            oracle.decide(user, child, what, claims, (True, False)).allowed for what in (Action.SHIELD, Action.OVERRIDE)
        ]
        assert may == [role.shields, role.overrides]
