"""What is left when a session has ended."""

from __future__ import annotations

import itertools

import pytest

from overreach.load.asking import after_leaving
from overreach.load.door import signs_in
from overreach.model.decision import Claims
from overreach.model.probe import Disclosure, Observation, Probe, Request
from overreach.model.terms import Facet, Grade, Kind, Part, Rung, Verdict

PROBE = Probe(Part.LOAD, "view", 1, "nurse", 2, Rung.OPEN, Claims(), Request("GET", "/children/2", "", "load-1-1"))


def told(status: int, *facets: Facet) -> Observation:
    """What came back after signing out, judged as if nothing had ended."""
    found = tuple(Disclosure(2, facet, Grade.TOKEN, "body") for facet in facets)
    return Observation(PROBE, status, 0.1, found, Verdict.UNPROVEN if status == 401 else Verdict.HELD, "a reason")


def test_a_refusal_after_signing_out_is_as_it_should_be() -> None:
    """The session is not accepted: that proves something here."""
    left = after_leaving(told(401), "GET /children/{number}")
    assert (left.verdict, left.why) == (Verdict.HELD, "")


def test_anything_disclosed_after_signing_out_is_overreach() -> None:
    """Whatever the policy permitted before."""
    left = after_leaving(told(200, Facet.IDENTITY, Facet.EXISTENCE), "GET /children/{number}")
    assert left.verdict is Verdict.OVERREACH
    assert {violation.kind for violation in left.violations} == {Kind.ACCESS}
    assert {violation.facet for violation in left.violations} == {Facet.IDENTITY, Facet.EXISTENCE}
    assert all(violation.record_class == "signed_out" for violation in left.violations)


def test_an_error_after_signing_out_proves_nothing() -> None:
    """As everywhere."""
    assert after_leaving(told(503), "GET /children/{number}") == told(503)


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 0), (0.25, 250), (1.0, 1000), (0.001, 1)])
def test_those_who_sign_in_by_themselves_are_evenly_spread(share: float, wanted: int) -> None:
    """Exactly the share of them, the first not later than the others."""
    chosen = [place for place in range(1000) if signs_in(place, share)]
    assert len(chosen) == wanted
    gaps = {after - before for before, after in itertools.pairwise(chosen)}
    assert len(gaps) <= 1
