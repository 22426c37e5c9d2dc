"""A shield holds from the very request on, for everybody, whatever they saw before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.terms import Facet
from overreach.population.strategies import pairs, reasons, users
from overreach.scenario.expect import expect_given, expect_held
from overreach.scenario.profile import scenario
from overreach.scenario.world import World, Worlds

SEARCHES = {"postcode": "postcode", "telephone": "carer_phone", "school": "school"}


def officers(here: World) -> st.SearchStrategy[tuple[int, int]]:
    """An officer, and a child of the officer's area that has no shield yet."""
    team = users(here, role="management_team")
    return pairs(here, user=team, relation="in_area", shielded=False, archive_year=0)


@scenario(24, "R10 R11")
@given(data=st.data())
def test_nothing_that_was_visible_remains_after_a_shield(world: Worlds, data: st.DataObject) -> None:
    """Scenario 24, R10 R11: earlier answers, stated reasons and given numbers are worth nothing once it is shielded."""
    here = world()
    officer, child = data.draw(officers(here))
    reason = data.draw(reasons(here))
    others = data.draw(st.lists(users(here, but=["management_team"]), min_size=1, max_size=3, unique=True))
    fields = here.population.child_fields(child)
    searches = [by for by, field in SEARCHES.items() if fields[field] is not None]
    askers = [here.as_(user) for user in others]
    for asker in askers:
        expect_held(asker.search("name", child, reason), asker.declare(child, reason), asker.open(child))
    expect_given(here.as_(officer).shield(child))
    for asker in askers:
        expect_held(asker.open(child), asker.view(child, reason))
        expect_held(*(asker.search(by, child, reason) for by in searches))


@scenario(31, "R10")
@given(data=st.data())
def test_a_shield_holds_from_the_request_on(world: Worlds, data: st.DataObject) -> None:
    """Scenario 31, R10: the first answer after the request is already masked; no moment lies between."""
    here = world()
    officer, child = data.draw(officers(here))
    reason = data.draw(reasons(here))
    asker = data.draw(users(here, but=["management_team"]))
    before = here.grid.facets(asker, child, Claims(reason)) & Facet.WHEREABOUTS.bit
    first = here.as_(asker).view(child, reason)
    if before:
        expect_given(first, Facet.WHEREABOUTS)
    expect_given(here.as_(officer).shield(child))
    expect_held(here.as_(asker).view(child, reason))
