"""What no ordinary user may see, on any record."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.terms import Facet, Kind
from overreach.population.strategies import children, pairs, reasons, users
from overreach.scenario.expect import expect, expect_given, expect_held
from overreach.scenario.live import Target
from overreach.scenario.profile import scenario
from overreach.scenario.world import Worlds


@scenario(1, "R7 R8")
@given(data=st.data())
def test_what_is_permitted_is_given(target: Target, data: st.DataObject) -> None:
    """Scenario 1, R7 R8: the control without which silence proves nothing: practitioners get what their work needs."""
    reason = data.draw(reasons(target))
    user, child = data.draw(pairs(target, given=Facet.WHEREABOUTS, claims=Claims(reason)))
    expect_given(target.as_(user).view(child, reason), Facet.IDENTITY, Facet.WHEREABOUTS)


@scenario(3, "R10 R11")
@given(data=st.data())
def test_a_shielded_record_shows_no_way_to_the_child(target: Target, data: st.DataObject) -> None:
    """Scenario 3, R10 R11: name, gender, date of birth and number, and nothing that says where; involved or not."""
    reason = data.draw(reasons(target))
    user, child = data.draw(
        pairs(target, denied=Facet.WHEREABOUTS, claims=Claims(reason), shielded=True, archive_year=0)
    )
    asker = target.as_(user)
    expect_held(asker.view(child, reason), asker.search("name", child, reason))


@scenario(8, "R7 R8")
@given(data=st.data())
def test_other_areas_stay_closed_without_a_reason(world: Worlds, data: st.DataObject) -> None:
    """Scenario 8, R7 R8: a child of another area needs a stated reason, even to be found."""
    here = world()
    user, child = data.draw(pairs(here, relation="far", having=["postcode"]))
    asker = here.as_(user)
    expect_held(asker.search("name", child), asker.view(child), asker.search("postcode", child))


@scenario(19, "R11")
@given(data=st.data())
def test_a_carer_does_not_lead_to_a_shielded_sibling(target: Target, data: st.DataObject) -> None:
    """Scenario 19, R11: contacts of a carer who also cares for a shielded child show on no record."""
    reason = data.draw(reasons(target))
    user, child = data.draw(
        pairs(target, contacts_protected=True, denied=Facet.CONTACTS, claims=Claims(reason), having=["carer_phone"])
    )
    asker = target.as_(user)
    expect_held(asker.view(child, reason), asker.search("telephone", child, reason))


@scenario(23, "R2")
@given(data=st.data())
def test_sensitive_services_appear_to_nobody_but_those_who_broker(target: Target, data: st.DataObject) -> None:
    """Scenario 23, R2: not even that there is one."""
    user = data.draw(users(target, but=["management_team"]))
    child = data.draw(children(target, sensitive_service=True))
    reply = target.as_(user).view(child, data.draw(reasons(target)))
    expect_held(reply)
    told = isinstance(reply.json, dict) and "sensitive_services" in reply.json
    facet = Facet.SENSITIVE_SERVICES
    expect(not told, reply, Kind.ACCESS, facet, "the record names sensitive services", facet=facet)


@scenario(41, "R15")
@given(data=st.data())
def test_the_archive_is_closed(target: Target, data: st.DataObject) -> None:
    """Scenario 41, R15: an archived record shows to the data manager of its first year and later to the supplier."""
    reason = data.draw(st.sampled_from(["welfare", "section_47", "serious_case_review"]))
    user = data.draw(users(target))
    year = data.draw(st.integers(1, 3))
    child = data.draw(children(target, archive_year=year))
    asker = target.as_(user)
    expect_held(asker.view(child, reason), asker.search("name", child, reason))
