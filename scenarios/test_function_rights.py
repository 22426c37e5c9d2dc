"""Roles that lack a right cannot use it, whatever number they name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet, Kind
from overreach.population.strategies import children, reasons, users
from overreach.scenario.expect import expect, expect_held, expect_same
from overreach.scenario.profile import scenario
from overreach.scenario.world import Worlds

REFUSED = 400


@pytest.mark.parametrize("operation", ["shield", "unshield", "override"])
@scenario(39, "R7 R10 R13")
@given(data=st.data())
def test_a_right_that_the_role_lacks_is_refused_alike(world: Worlds, data: st.DataObject, operation: str) -> None:
    """Scenario 39, R7 R10 R13: refused for every record, in the words that meet a number never issued."""
    here = world()
    action = here.pack.target.operation(operation).action or Action.SEARCH
    user, child = data.draw(st.tuples(users(here), children(here)))
    reason = data.draw(reasons(here))
    claims = Claims(reason, override=True, approvals=1)
    actor = here.as_(user)
    reply = actor.perform(operation, child, reason=reason)
    expect_held(reply)
    if not any(here.grid.allows(user, each, action, claims) for each in range(here.population.children_count)):
        never_issued = actor.perform(operation, reason=reason, fields=here.absent.like(child, ["number"]))
        expect(reply.status >= REFUSED, reply, Kind.ACTION, action, f"{operation} was acknowledged")
        expect_same(reply, never_issued, Facet.EXISTENCE)


@scenario(42, "R7 R9")
@given(data=st.data())
def test_the_log_is_not_for_everybody(world: Worlds, data: st.DataObject) -> None:
    """Scenario 42, R7 R9: the log shows who looked for whom; only those who watch over it may read it."""
    here = world()
    actor = here.as_(data.draw(users(here, may_not=Action.READ_LOG)))
    for reply in (actor.log(limit=5), actor.alerts(limit=5)):
        expect_held(reply)
        expect(reply.status >= REFUSED, reply, Kind.ACTION, Action.READ_LOG, "the log was read")
