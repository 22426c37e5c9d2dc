"""A shielded child is not found by anything that its shield hides."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.population.strategies import pairs, reasons
from overreach.scenario.expect import expect_nobody, expect_same
from overreach.scenario.live import Target
from overreach.scenario.people import permitted
from overreach.scenario.profile import scenario


def ask_for(target: Target, data: st.DataObject, by: str, field: str) -> None:
    """Search for a shielded child by a hidden value, and for nobody by a value like it: no difference shows."""
    reason = data.draw(reasons(target) | st.none())
    facets = target.pack.target.operation(f"search by {by}").by
    hidden = facets[-1]
    user, child = data.draw(
        pairs(target, denied=hidden, claims=Claims(reason), having=[field], shielded=True, archive_year=0)
    )
    asker = target.as_(user)
    reply = asker.search(by, child, reason)
    expect_nobody(reply, [child])
    # Somebody who may be found by the same value (a sibling at the address) makes the answers differ rightly.
    said = [value for name, value in target.population.child_fields(child).items() if name == field and value]
    assume(not permitted(target, user, facets, said, Claims(reason)))
    nobody = asker.search(by, None, reason, target.absent.like(child, [field]))
    expect_same(reply, nobody, hidden)


@scenario(11, "R12")
@given(data=st.data())
def test_a_shielded_child_is_not_found_by_postcode(target: Target, data: st.DataObject) -> None:
    """Scenario 11, R12: the answer equals that for a postcode that nobody has."""
    ask_for(target, data, "postcode", "postcode")


@pytest.mark.parametrize("by", ["school", "practice"])
@scenario(12, "R12")
@given(data=st.data())
def test_a_shielded_child_is_not_found_by_who_serves_it(target: Target, data: st.DataObject, by: str) -> None:
    """Scenario 12, R12: neither the school's list nor the practice's has it."""
    ask_for(target, data, by, by)


@pytest.mark.parametrize(("by", "field"), [("telephone", "carer_phone"), ("e-mail", "carer_email")])
@scenario(13, "R12")
@given(data=st.data())
def test_a_shielded_child_is_not_found_by_a_guessed_contact(
    target: Target, data: st.DataObject, by: str, field: str
) -> None:
    """Scenario 13, R12: a guessed number or address is neither confirmed nor denied."""
    ask_for(target, data, by, field)


@scenario(14, "R11 R12")
@given(data=st.data())
def test_a_shielded_child_is_not_found_by_its_carer(target: Target, data: st.DataObject) -> None:
    """Scenario 14, R11 R12: the carer's name finds nobody where the policy hides it."""
    ask_for(target, data, "carer", "carer_name")


@scenario(22, "R11 R12")
@given(data=st.data())
def test_a_shielded_child_is_not_found_by_its_former_name(target: Target, data: st.DataObject) -> None:
    """Scenario 22, R11 R12: the name before an adoption or a flight leads to nobody."""
    ask_for(target, data, "former name", "former_name")
