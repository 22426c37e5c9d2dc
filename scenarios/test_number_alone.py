"""A record number identifies; it opens nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.terms import Facet
from overreach.population.strategies import children, pairs, reasons, users
from overreach.scenario.expect import expect_same
from overreach.scenario.live import Target
from overreach.scenario.profile import scenario
from overreach.scenario.world import Worlds


@scenario(9, "R7 R12")
@given(data=st.data())
def test_a_record_that_may_not_be_seen_answers_like_none(target: Target, data: st.DataObject) -> None:
    """Scenario 9, R7 R12: forbidden and never issued are the same bytes, so walking numbers teaches nothing."""
    reason = data.draw(reasons(target))
    user, child = data.draw(pairs(target, denied=Facet.EXISTENCE, claims=Claims(reason)))
    asker = target.as_(user)
    never_issued = asker.perform("view", reason=reason, fields=target.absent.like(child, ["number"]))
    expect_same(asker.view(child, reason), never_issued, Facet.EXISTENCE)


@scenario(10, "R7")
@given(data=st.data())
def test_a_number_opens_nothing_without_the_date_of_birth(target: Target, data: st.DataObject) -> None:
    """Scenario 10, R7: a number learned from a letter, with a wrong date of birth, answers like one never issued."""
    user, child = data.draw(st.tuples(users(target), children(target)))
    reason = data.draw(reasons(target))
    asker, wrong = target.as_(user), {"date_of_birth": "1891-01-01"}
    guessed = asker.perform("view", reason=reason, fields={**target.population.child_fields(child), **wrong})
    never_issued = asker.perform("view", reason=reason, fields={**target.absent.like(child, ["number"]), **wrong})
    expect_same(guessed, never_issued, Facet.EXISTENCE)


@scenario(10, "R7")
@given(data=st.data())
def test_a_number_that_no_search_gave_opens_nothing(world: Worlds, data: st.DataObject) -> None:
    """Scenario 10, R7: a stated reason does not help: the number must come from a search in the same session."""
    here = world()
    user, child = data.draw(st.tuples(users(here), children(here)))
    asker = here.as_(user)
    asker.declare(child, data.draw(reasons(here)))
    never_issued = asker.perform("open", fields=here.absent.like(child, ["number"]))
    expect_same(asker.open(child), never_issued, Facet.EXISTENCE)
