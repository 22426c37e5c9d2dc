"""One history, played against the policy alone and against a running registry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.errors import PackError
from overreach.model.terms import Facet, facets_of
from overreach.pack.config import find_pack
from overreach.population.histories import Deed, Step, histories
from overreach.population.people import People
from overreach.population.strategies import pairs, users
from overreach.probe.session import Bench
from overreach.scenario.expect import expect_held
from overreach.scenario.replay import decided, performable, replayed
from overreach.scenario.world import Terms, Worlds

ROOT = Path(__file__).parents[2]
PLAIN = settings(
    database=None, deadline=None, max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """One registry for all of these tests."""
    pack = find_pack(ROOT)
    with closing(Worlds(Terms(pack, tmp_path_factory.mktemp("replays"), 2007, pack.switches))) as made:
        yield made


@pytest.fixture(scope="module")
def people(bench: Bench) -> People:
    """The index of children, 200 of them."""
    return People(bench.population, bench.grid)


def team(people: People) -> tuple[int, int, int]:
    """Two officers of one area, and a live child of it without a shield."""
    officers = users(people, role="management_team")
    wanted = pairs(people, user=officers, relation="in_area", shielded=False, archive_year=0)
    officer, child = find(
        wanted, lambda pair: len(people.colleagues(pair[0])) > 1, settings=settings(PLAIN, max_examples=500)
    )
    return officer, people.colleagues(officer)[1], child


def test_a_running_registry_says_what_the_policy_says(worlds: Worlds) -> None:
    """Whatever the history: every answer is judged right, and what is read is what the policy lets be read."""

    @PLAIN
    @given(st.data())
    def play(data: st.DataObject) -> None:
        here = worlds()
        history = data.draw(histories(here, most=5, deeds=performable(here)))
        on_paper = decided(here, history)
        replies = replayed(here, history)
        expect_held(*replies)
        for said, reply in zip(on_paper, replies, strict=True):
            assert reply.facets <= set(facets_of(said.facets))

    play()


def test_what_was_stated_before_counts_later(people: People) -> None:
    """A reason opens what it opens until the end, for that user and that record."""
    user, child = find(pairs(people, given=Facet.WHEREABOUTS, claims=Claims("welfare")), lambda _: True, settings=PLAIN)
    before, _, after = decided(
        people, [Step(user, Deed.READ, child), Step(user, Deed.DECLARE, child, "welfare"), Step(user, Deed.READ, child)]
    )
    assert not before.facets & Facet.WHEREABOUTS.bit
    assert after.claims == Claims("welfare")
    assert after.facets & Facet.WHEREABOUTS.bit


def test_a_shield_takes_two_to_lift_and_nothing_remains(people: People) -> None:
    """One officer's wish is not yet allowed; a second officer's is; afterwards all is as it was."""
    one, two, child = team(people)
    start = people.grid.child_class.copy()
    read = Step(one, Deed.READ, child, "welfare")
    alone = [Step(one, Deed.SHIELD, child), Step(one, Deed.UNSHIELD, child), Step(one, Deed.UNSHIELD, child)]
    said = decided(people, [*alone, Step(two, Deed.UNSHIELD, child), read])
    assert [each.allowed for each in said] == [True, False, False, True, True]
    assert said[3].claims.approvals == 1
    assert np.array_equal(people.grid.child_class, start)


def test_an_override_ends_with_the_day(people: People) -> None:
    """And with its end."""
    breaker, child = find(
        pairs(people, user=users(people, role="child_protection_worker"), shielded=True, archive_year=0),
        lambda _: True,
        settings=PLAIN,
    )
    broken = Step(breaker, Deed.OVERRIDE, child, "child_protection")
    for over in (Step(breaker, Deed.END, child), Step(breaker, Deed.READ, child, days=1)):
        said = decided(people, [broken, Step(breaker, Deed.READ, child), over, Step(breaker, Deed.READ, child)])
        assert said[1].claims.override
        assert said[1].facets & Facet.WHEREABOUTS.bit
        assert not said[-1].claims.override


def test_whoever_has_left_is_allowed_nothing(people: People) -> None:
    """Not even what was open before."""
    one, two, child = team(people)
    first, left, after, other = decided(
        people,
        [
            Step(one, Deed.READ, child, "welfare"),
            Step(one, Deed.LEAVE),
            Step(one, Deed.READ, child, "welfare"),
            Step(two, Deed.READ, child, "welfare"),
        ],
    )
    assert (first.allowed, left.allowed, after.allowed, other.allowed) == (True, True, False, True)
    assert after.facets == 0


def test_what_a_target_cannot_do_is_refused(worlds: Worlds) -> None:
    """Nobody leaves a registry by a request, and its days pass by themselves."""
    here = worlds()
    assert performable(here) == tuple(deed for deed in Deed if deed not in {Deed.MOVE, Deed.MERGE, Deed.LEAVE})
    for step in (Step(0, Deed.LEAVE), Step(0, Deed.READ, 0, days=2)):
        with pytest.raises(PackError, match="cannot be performed on this target"):
            replayed(here, [step])
