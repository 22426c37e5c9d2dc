"""Breaking the glass opens one record, for one visit, and rings a bell."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from overreach.model.terms import Facet, Kind
from overreach.population.strategies import children, reasons, users
from overreach.scenario.expect import expect, expect_given, expect_held
from overreach.scenario.profile import scenario
from overreach.scenario.world import Worlds

BREAKERS = ("child_protection_worker", "police_child_protection_officer")


@scenario(4, "R13")
@given(data=st.data())
def test_an_override_opens_one_record_for_one_visit(world: Worlds, data: st.DataObject) -> None:
    """Scenario 4, R13: looking at another record ends it, and nobody else sees behind the shield meanwhile."""
    here = world()
    breaker = here.as_(data.draw(users(here, role=BREAKERS)))
    child, other = data.draw(children(here, shielded=True, archive_year=0)), data.draw(children(here))
    onlooker = here.as_(data.draw(users(here, but=["management_team"])))
    reason = data.draw(reasons(here))
    assume(other != child and onlooker.user != breaker.user)
    expect_given(breaker.override(child, reason))
    expect_given(breaker.view(child, reason), Facet.WHEREABOUTS)
    expect_held(onlooker.view(child, reason))
    expect_held(breaker.view(other, reason), breaker.view(child, reason))


@scenario(4, "R13")
@given(data=st.data())
def test_an_override_that_was_closed_is_closed(world: Worlds, data: st.DataObject) -> None:
    """Scenario 4, R13: after the end of the visit the shield is as it was, for searches too."""
    here = world()
    breaker = here.as_(data.draw(users(here, role=BREAKERS)))
    child = data.draw(children(here, having=("postcode",), shielded=True, archive_year=0))
    reason = data.draw(reasons(here))
    expect_given(breaker.override(child, reason))
    expect_held(breaker.view(child, reason), breaker.search("postcode", child, reason))
    expect_held(breaker.end_override(child), breaker.view(child, reason), breaker.search("postcode", child, reason))


@scenario(4, "R13")
@given(data=st.data())
def test_every_override_raises_an_alert(world: Worlds, data: st.DataObject) -> None:
    """Scenario 4, R13: the alert names user and record, and others than the breaker can read it."""
    here = world()
    breaker = here.as_(data.draw(users(here, role=BREAKERS)))
    child = data.draw(children(here, archive_year=0))
    reply = breaker.override(child, data.draw(reasons(here)))
    expect_given(reply)
    alerts = here.reader().alerts()
    expect_given(alerts)
    number = here.population.child_fields(child)["number"]
    raised = {(alert["user"], alert["child"], alert["request_id"]) for alert in alerts.json["alerts"]}
    wanted = (breaker.session.username, number, reply.request_id)
    expect(wanted in raised, reply, Kind.DUTY, "alert", "no alert names this override")


@scenario(4, "R13")
@given(data=st.data())
def test_breaking_the_glass_again_rings_again(world: Worlds, data: st.DataObject) -> None:
    """Scenario 4, R13: an override must be repeated next time, and every one of them is told of."""
    here = world()
    breaker = here.as_(data.draw(users(here, role=BREAKERS)))
    child, reason = data.draw(children(here, shielded=True, archive_year=0)), data.draw(reasons(here))
    replies = [breaker.override(child, reason) for _ in range(2)]
    raised = {alert["request_id"] for alert in here.reader().alerts().json["alerts"]}
    for reply in replies:
        expect_given(reply)
        expect(reply.request_id in raised, reply, Kind.DUTY, "alert", "no alert names this override")


@scenario(4, "R13")
@given(data=st.data())
def test_an_override_opens_nobody_else_of_the_household(world: Worlds, data: st.DataObject) -> None:
    """Scenario 4, R13: one record means one record, whoever else lives at the address."""
    here = world()
    breaker = here.as_(data.draw(users(here, role=BREAKERS)))
    child, reason = (
        data.draw(children(here, having=("house",), shielded=True, archive_year=0)),
        data.draw(reasons(here)),
    )
    fields = [here.population.child_fields(row) for row in range(here.population.children_count)]
    mates = [row for row, each in enumerate(fields) if row != child and each["house"] == fields[child]["house"]]
    expect_given(breaker.override(child, reason))
    expect_held(*(breaker.view(mate, reason) for mate in mates))
