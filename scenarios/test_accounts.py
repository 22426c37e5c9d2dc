"""Who may open the door at all, and how often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.model.terms import Kind
from overreach.population.strategies import pairs, reasons, users
from overreach.scenario.expect import expect, expect_held
from overreach.scenario.live import Target
from overreach.scenario.profile import scenario
from overreach.scenario.world import Worlds

SIGNED_OUT = 401


@scenario(34, "R4 R5")
@given(data=st.data())
def test_lapsed_accounts_cannot_sign_in(target: Target, data: st.DataObject) -> None:
    """Scenario 34, R4 R5: leavers, suspended, unvetted, untrained, unsigned and unaccredited: nobody gets a session."""
    expect_held(target.sign_in(data.draw(users(target, allowed=False))))


@scenario(35, "R6")
@given(data=st.data())
def test_a_second_session_ends_the_first(world: Worlds, data: st.DataObject) -> None:
    """Scenario 35, R6: two people cannot use one account side by side; a one-time code works once."""
    here = world()
    user, child = data.draw(pairs(here))
    reason = data.draw(reasons(here))
    first = here.as_(user)
    code = here.next_code(user)
    opened, second = here.sign_in_again(user, code)
    assert second is not None, f"a second sign-in was refused with status {opened.status}"
    _, third = here.sign_in_again(user, code)
    if third is not None:
        replayed = third.perform("search by name", child, reason=reason)
        expect(replayed.status == SIGNED_OUT, replayed, Kind.ACTION, "session", "a one-time code worked twice")
    stale = first.perform("search by name", child, reason=reason)
    expect(stale.status == SIGNED_OUT, stale, Kind.ACTION, "session", "an ended session was answered")
    fresh = second.perform("search by name", child, reason=reason)
    expect(fresh.status != SIGNED_OUT, fresh, Kind.ACTION, "session", "a refused sign-in ended the live session")
