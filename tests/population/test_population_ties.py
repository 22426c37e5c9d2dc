"""Ties of users to children."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from tests.population.bases import JUDGEMENT, NATION, VILLAGE, base, fresh_base, orders, setting, sizes

from overreach.population.childindex.part_zero import Base
from overreach.population.childindex.ties import KINDS, TieKind, Ties, tie
from overreach.population.recipe import Order

_PARTNERS = {TieKind.COLLEAGUE: TieKind.CARER, TieKind.ACCOMPLICE: TieKind.THREAT}


def _rows(ties: Ties) -> list[tuple[object, ...]]:
    return list(zip(*(getattr(ties, field.name).tolist() for field in fields(ties)), strict=True))


def _check_ties(of: Base) -> None:
    ties, staff = of.ties, of.staff
    assert len(np.unique(ties.user)) == len(ties.user)
    assert staff.accounts.active[ties.user].all()
    assert (staff.posting.area[ties.user] == ties.authority).all()
    assert (ties.authority >= 0).all()
    assert (staff.names.family[ties.user] == ties.family).all()
    for kind in TieKind:
        found = ties.of_kind(kind)
        roles = {JUDGEMENT.roles[row].overrides for row in staff.posting.role[found.user].tolist()}
        assert roles <= {kind is TieKind.THREAT_WITH_OVERRIDE}
        at_home = kind is TieKind.NEIGHBOUR
        assert ((found.street >= 0) == at_home).all()
        assert not at_home or (of.streets.authority(found.street) == found.authority).all()
    _check_families(of)


def _check_families(of: Base) -> None:
    ties, employer = of.ties, of.staff.employers.of_user
    led: dict[tuple[int, int], dict[TieKind, int]] = {}
    for kind, user, part, number in zip(
        ties.kind.tolist(), ties.user.tolist(), ties.part.tolist(), ties.number.tolist(), strict=True
    ):
        assert KINDS[kind] not in led.setdefault((part, number), {})
        led[part, number][KINDS[kind]] = user
    for users in led.values():
        principal = [kind for kind in users if kind not in _PARTNERS]
        assert len(principal) == 1
        for kind in users.keys() & _PARTNERS.keys():
            assert principal == [_PARTNERS[kind]]
            assert employer[users[kind]] == employer[users[principal[0]]]
    for part in np.unique(ties.part).tolist():
        numbers = sorted(number for place, number in led if place == part)
        assert numbers == list(range(len(numbers)))


@settings(max_examples=40, deadline=None)
@given(orders)
def test_nobody_has_two_ties_and_each_is_what_its_kind_says(order: Order) -> None:
    """Tied users are local and active, each in one tie; colleagues and accomplices work with whom they go along."""
    of = fresh_base(order)
    _check_ties(of)
    each = min(JUDGEMENT.user_cohorts.of(order.users), max(1, order.children // 50))
    counts = np.bincount(of.ties.kind, minlength=len(KINDS))
    assert counts.max() <= each
    assert counts[KINDS.index(TieKind.THREAT)] >= 1
    assert counts[KINDS.index(TieKind.CARER)] >= 1
    # Families with ties are never so many that an authority would be made of them.
    assert len(set(zip(of.ties.part.tolist(), of.ties.number.tolist(), strict=True))) * 10 <= max(50, order.children)


@pytest.mark.parametrize("order", [VILLAGE, NATION])
def test_every_kind_is_met_as_often_as_the_recipe_says(order: Order) -> None:
    """Every kind of tie is there as often as the recipe says, in a village and in a nation."""
    of = base(order)
    counts = np.bincount(of.ties.kind, minlength=len(KINDS))
    each = JUDGEMENT.user_cohorts.of(order.users)
    # One abuser has no accomplice: he is the father whom a record names.
    assert counts.tolist() == [each - (kind is TieKind.ACCOMPLICE) for kind in KINDS]
    _check_ties(of)


def test_ties_are_spread_evenly_over_the_parts() -> None:
    """Families with ties are spread over the parts as the children are, to a family."""
    of = base(NATION)
    families = {(part, number) for part, number in zip(of.ties.part.tolist(), of.ties.number.tolist(), strict=True)}
    per_part = np.bincount([part for part, _ in families], minlength=len(sizes(NATION)) + 1)
    assert per_part[0] == 0
    exact = len(families) * sizes(NATION) / NATION.children
    assert np.abs(per_part[1:] - exact).max() < 1


def test_a_part_with_hardly_any_children_has_no_ties() -> None:
    """A part with hardly any children has no ties."""
    of = base(VILLAGE)
    ties = tie(setting(VILLAGE), of.staff, of.streets, np.array([199, 1], dtype=np.int64))
    assert set(ties.part.tolist()) == {1}


def test_the_ties_of_the_parts_are_all_ties() -> None:
    """The ties of part 1, then those of part 2 and so on are all ties."""
    ties = base(NATION).ties
    parts = [row for part in range(len(sizes(NATION)) + 1) for row in _rows(ties.of_part(part))]
    assert parts == _rows(ties)
    assert not len(ties.of_part(0).user)


def test_tied_users_live_where_children_are_many() -> None:
    """An authority's tied children are never more than a tenth of its children, but for two or three."""
    of = base(NATION)
    principal = of.ties.of_kind(*(kind for kind in TieKind if kind not in _PARTNERS))
    tied = np.bincount(principal.authority, minlength=len(of.setting.weights))
    children = of.setting.weights * NATION.children // of.setting.weights.sum()
    assert (tied <= children // 10 + 3).all()
