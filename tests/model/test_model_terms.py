"""The closed vocabularies keep their order and their bits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overreach.model.terms import Facet, Rung, Severity, facets_of, mask_of


@given(st.sets(st.sampled_from(Facet)))
def test_a_mask_holds_exactly_the_facets_put_in(facets: set[Facet]) -> None:
    """And gives them back in the order of the report."""
    assert facets_of(mask_of(facets)) == tuple(facet for facet in Facet if facet in facets)


@given(st.lists(st.sampled_from(Facet)))
def test_a_facet_named_twice_counts_once(facets: list[Facet]) -> None:
    """A mask is a set."""
    assert mask_of(tuple(facets)) == mask_of(frozenset(facets))


def test_every_facet_has_a_bit_of_its_own() -> None:
    """The first facet has the lowest."""
    assert [facet.bit for facet in Facet] == [1 << place for place in range(len(Facet))]


def test_rungs_ascend_from_asking_to_going_past_the_application() -> None:
    """The order in which reach is booked."""
    assert sorted(Rung, key=lambda rung: rung.height) == [
        "open",
        "declared",
        "override",
        "granted",
        "chained",
        "outside",
    ]
    assert Rung.OPEN.height == 0


def test_severities_ascend() -> None:
    """What is critical is above everything."""
    assert sorted(Severity, key=lambda severity: severity.height) == ["low", "medium", "high", "critical"]
