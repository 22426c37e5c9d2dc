"""Two worlds that differ only in what shields hide look the same to those whom the shields are against."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.terms import Facet
from overreach.population.strategies import children, reasons, users
from overreach.scenario.expect import expect_same
from overreach.scenario.profile import scenario
from overreach.scenario.world import Worlds

FIELDS = {"postcode": "postcode", "school": "school", "practice": "practice"}
ENTITLED = ("management_team",)


@scenario(21, "R10 R11 R12")
@given(data=st.data())
def test_hidden_values_change_nothing_that_an_outsider_sees(world: Worlds, data: st.DataObject) -> None:
    """Scenario 21, R10 R11 R12: every search and view answers alike, wherever the shielded children live."""
    here, there = world.twins()
    user = data.draw(users(here, but=ENTITLED))
    child = data.draw(children(here, shielded=True))
    reason = data.draw(reasons(here))
    one, other = here.as_(user), there.as_(user)
    expect_same(one.view(child, reason), other.view(child, reason), Facet.WHEREABOUTS)
    for by, field in FIELDS.items():
        fields = here.population.child_fields(child)
        assume(fields[field] is not None)
        facet = here.pack.target.operation(f"search by {by}").by[-1]
        if here.grid.facets(user, child, Claims(reason)) & facet.bit:
            continue
        said, there_said = one.search(by, child, reason), other.search(by, None, reason, fields)
        expect_same(said, there_said, facet)
