"""Lifting a shield takes two officers."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.terms import Facet
from overreach.population.strategies import pairs, reasons, users
from overreach.scenario.expect import expect_given, expect_held
from overreach.scenario.profile import scenario
from overreach.scenario.world import Worlds


@scenario(32, "R10")
@given(data=st.data(), times=st.integers(1, 3))
def test_one_officer_alone_cannot_lift_a_shield(world: Worlds, data: st.DataObject, times: int) -> None:
    """Scenario 32, R10: however often one officer asks, the record stays shielded."""
    here = world()
    team = users(here, role="management_team")
    officer, child = data.draw(pairs(here, user=team, relation="in_area", archive_year=0))
    reason = data.draw(reasons(here))
    onlooker = data.draw(users(here, but=["management_team"]))
    expect_given(here.as_(officer).shield(child))
    for _ in range(times):
        expect_held(here.as_(officer).unshield(child))
    expect_held(here.as_(onlooker).view(child, reason))


@scenario(32, "R10")
@given(data=st.data())
def test_a_second_officer_lifts_a_shield(world: Worlds, data: st.DataObject) -> None:
    """Scenario 32, R10: when another officer of the area agrees it is lifted, and only then."""
    here = world()
    team = users(here, role="management_team")
    # A carer who also cares for a shielded child keeps the contacts protected, whatever becomes of this shield.
    protected = data.draw(st.booleans())
    officer, child = data.draw(pairs(here, user=team, relation="in_area", archive_year=0, contacts_protected=protected))
    second = data.draw(team)
    assume(second != officer and here.grid.relation(second, child)[0])
    reason = data.draw(reasons(here))
    onlooker, _ = data.draw(pairs(here, user=users(here, but=["management_team"])))
    expect_given(here.as_(officer).shield(child))
    expect_held(here.as_(officer).unshield(child), here.as_(onlooker).view(child, reason))
    expect_given(here.as_(second).unshield(child))
    reply = here.as_(onlooker).view(child, reason)
    readable = here.grid.facets(onlooker, child, Claims(reason)) & Facet.WHEREABOUTS.bit
    expect_given(reply, Facet.WHEREABOUTS) if readable else expect_held(reply)


@scenario(32, "R10")
@given(data=st.data())
def test_shielding_again_undoes_a_wish_to_unshield(world: Worlds, data: st.DataObject) -> None:
    """Scenario 32, R10: an approval given before the record was shielded anew does not count afterwards."""
    here = world()
    team = users(here, role="management_team")
    officer, child = data.draw(pairs(here, user=team, relation="in_area", archive_year=0))
    second = data.draw(team)
    assume(second != officer and here.grid.relation(second, child)[0])
    expect_given(here.as_(officer).shield(child))
    expect_held(here.as_(officer).unshield(child), here.as_(second).shield(child), here.as_(second).unshield(child))
