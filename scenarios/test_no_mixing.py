"""Two users' requests never mix."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.terms import Facet
from overreach.population.strategies import pairs, reasons, users
from overreach.scenario.expect import expect_held, expect_same
from overreach.scenario.live import Target
from overreach.scenario.profile import scenario


@scenario(17, "R7 R12")
@given(data=st.data())
def test_what_one_user_saw_is_not_told_to_the_next(target: Target, data: st.DataObject) -> None:
    """Scenario 17, R7 R12: after somebody entitled has read a record, the next asker gets an answer of its own."""
    reason = data.draw(reasons(target))
    first, child = data.draw(pairs(target, given=Facet.WHEREABOUTS, claims=Claims(reason)))
    second = data.draw(users(target))
    assume(first != second)
    one, other = target.as_(first), target.as_(second)
    before = one.view(child, reason)
    expect_held(before, other.view(child, reason), other.search("name", child, reason))
    expect_same(before, one.view(child, reason), Facet.IDENTITY)
