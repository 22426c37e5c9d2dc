"""Accounts: closed ones by quota, and every edge of a date."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from tests.population.bases import JUDGEMENT, NATION, VILLAGE, base, orders, setting

from overreach.population.childindex.accounts import STATES, VETTED_DAYS, further_areas, open_accounts
from overreach.population.childindex.columns import NEVER
from overreach.population.childindex.judgement import Posts
from overreach.population.childindex.posts import post
from overreach.population.recipe import Order

_TODAY = JUDGEMENT.as_of.toordinal() - 719_163  # days since 1970-01-01


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_states_are_met_exactly(order: Order) -> None:
    """Each state that closes an account has exactly as many users as the recipe says."""
    accounts = base(order).staff.accounts
    wanted = JUDGEMENT.account_states.of(order.users)
    assert [int(accounts.in_state(state).sum()) for state in STATES] == [wanted] * len(STATES)


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_the_edges_of_dates_are_present(order: Order) -> None:
    """Somebody's vetting lapsed today, lasts for today, and somebody leaves today, and tomorrow."""
    accounts = base(order).staff.accounts
    vetted_for = _TODAY - accounts.vetted_on
    assert vetted_for[accounts.in_state("lapsed")].min() == VETTED_DAYS + 1
    assert vetted_for[~accounts.in_state("lapsed")].max() == VETTED_DAYS
    stays = accounts.leaves_on == NEVER
    gone = ~stays & (accounts.leaves_on <= _TODAY)
    assert (gone == accounts.in_state("left")).all()
    assert accounts.leaves_on[gone].max() == _TODAY
    assert accounts.leaves_on[~stays & ~gone].min() == _TODAY + 1
    assert (~stays & ~gone).sum() == JUDGEMENT.leaving_later.of(order.users)


@settings(max_examples=30, deadline=None)
@given(orders)
def test_every_role_and_authority_keeps_accounts_in_order(order: Order) -> None:
    """A quarter of a role's accounts is closed at most, and of an authority's own officers one."""
    place = setting(order)
    posting = post(place, {})
    accounts = open_accounts(place, posting)
    heads = np.bincount(posting.role)
    assert (4 * np.bincount(posting.role[~accounts.active], minlength=len(heads)) <= heads).all()
    officer = np.array([role.posts is Posts.EACH for role in JUDGEMENT.roles])[posting.role]
    assert np.bincount(posting.area[officer & ~accounts.active], minlength=1).max() <= 1
    assert (np.bincount(accounts.state + 1, minlength=7)[1:] <= max(2, JUDGEMENT.account_states.of(order.users))).all()


@settings(max_examples=30, deadline=None)
@given(orders)
def test_further_areas_are_others_than_the_first(order: Order) -> None:
    """As many local users as the recipe says have one further area, or two; each another one."""
    place = setting(order)
    posting = post(place, {})
    user, area = further_areas(place, posting)
    assert len(np.unique(user)) == JUDGEMENT.several_areas.of(order.users)
    assert (posting.area[user] >= 0).all()
    assert (posting.area[user] != area).all()
    assert len(np.unique(user * 1_000 + area)) == len(user)
    assert np.bincount(user).max() == 2
