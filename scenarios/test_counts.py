"""Counts, pages and order tell no more than the rows do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.terms import Facet, Kind
from overreach.population.strategies import children, reasons, users
from overreach.scenario.expect import expect, expect_held
from overreach.scenario.live import Target
from overreach.scenario.people import children_by, shown
from overreach.scenario.profile import scenario

PAGE = 25  # rows on a page
FIELDS = {"postcode": Facet.WHEREABOUTS, "school": Facet.EDUCATION, "practice": Facet.HEALTH}


@scenario(15, "R12")
@given(data=st.data())
def test_counts_and_pages_do_not_tell(target: Target, data: st.DataObject) -> None:
    """Scenario 15, R12: count and pages are of those who may be found, whoever else has the value."""
    field = data.draw(st.sampled_from(sorted(FIELDS)))
    reason = data.draw(reasons(target) | st.none())
    user = data.draw(users(target))
    child = data.draw(children(target, having=[field]))
    value, facet = str(target.population.child_fields(child)[field]), FIELDS[field]
    found = children_by(target.population, field)[value.casefold()]
    expected = shown(target, user, (facet,), found, Claims(reason))
    reply = target.as_(user).query((facet,), {field: value}, reason)
    expect_held(reply)
    if reply.ok:
        told = (reply.json["count"], reply.json["pages"])
        pages = -(-len(expected) // PAGE)
        detail = (
            f"a search by {field} tells of {told[0]} records on {told[1]} pages, of whom {len(expected)} may be found"
        )
        expect(told == (len(expected), pages), reply, Kind.INFERENCE, facet, detail, facet=facet)
