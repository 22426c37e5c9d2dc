"""Organisations employ, manage and are accredited; some tokens are shared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from tests.population.bases import JUDGEMENT, NATION, VILLAGE, base, fresh_base, orders

from overreach.population.childindex.judgement import Workplace
from overreach.population.childindex.part_zero import Base
from overreach.population.recipe import Order


def _check_employers(of: Base) -> None:
    staff, roles = of.staff, of.setting.judgement.roles
    employers, posting = staff.employers, staff.posting
    sector = np.array([employers.sectors.index(role.sector) for role in roles])[posting.role]
    assert (employers.sector[employers.of_user] == sector).all()
    assert (employers.authority[employers.of_user] == posting.area).all()
    assert (employers.accredited[employers.of_user] == ~staff.accounts.in_state("unaccredited")).all()
    assert len(np.unique(employers.of_user)) == len(employers.sector) == len(employers.name)
    managed = employers.manager >= 0
    _, first = np.unique(employers.of_user, return_index=True)
    assert sorted(np.flatnonzero(~managed).tolist()) == sorted(first.tolist())
    assert (employers.manager[managed] == first[employers.of_user[managed]]).all()


def _check_tokens(of: Base) -> None:
    shares, staff = of.staff.shares_token_with, of.staff
    borrowers = np.flatnonzero(shares >= 0)
    owners = shares[borrowers]
    both = np.r_[borrowers, owners]
    assert len(np.unique(both)) == len(both)
    assert staff.accounts.active[both].all()
    assert (staff.employers.of_user[borrowers] == staff.employers.of_user[owners]).all()
    assert len(borrowers) == JUDGEMENT.shared_tokens.of(of.setting.order.users)


@settings(max_examples=30, deadline=None)
@given(orders)
def test_everybody_works_where_the_post_is(order: Order) -> None:
    """An organisation has its users' sector, area and accreditation; its first user manages the others.

    Some users sign in with the token of a colleague, both of them in order otherwise.
    """
    of = fresh_base(order)
    _check_employers(of)
    _check_tokens(of)


def test_a_nation_of_employers_holds_together() -> None:
    """The same at the size of a nation."""
    _check_employers(base(NATION))
    _check_tokens(base(NATION))


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_schools_and_practices_employ_their_own(order: Order) -> None:
    """Heads work in schools, doctors in practices; none has a second before each has its first."""
    staff, roles = base(order).staff, JUDGEMENT.roles
    for name, houses in (("head_teacher", base(order).schools), ("general_practitioner", base(order).practices)):
        row = [role.name for role in roles].index(name)
        users = np.flatnonzero((staff.posting.role == row) & ~staff.accounts.in_state("unaccredited"))
        names = set(houses.name.to_pylist())
        assert {staff.employers.name[place].as_py() for place in staff.employers.of_user[users][:50].tolist()} <= names
        heads = np.unique(staff.employers.of_user[users], return_counts=True)[1]
        area = staff.posting.area[users]
        assert heads.max() <= (-(-np.bincount(area) // houses.count.sum(axis=0)[: area.max() + 1])).max()
        assert roles[row].workplace in {Workplace.SCHOOL, Workplace.PRACTICE}


def test_a_nation_has_many_organisations_of_moderate_size() -> None:
    """No organisation of a nation has more users than the recipe says, and sectors have several in large areas."""
    employers = base(NATION).staff.employers
    assert np.bincount(employers.of_user).max() <= JUDGEMENT.users_per_organisation
    per_area = np.bincount(
        employers.authority[(employers.sector == employers.sectors.index("social care")) & employers.accredited]
    )
    assert per_area.max() > 3
    assert per_area.min() >= 1
