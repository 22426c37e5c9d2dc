"""Small worlds: a registry that is as it was, whatever an example did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import find, settings

from overreach.model.decision import Claims
from overreach.model.errors import PackError
from overreach.model.terms import Action, Facet, Verdict
from overreach.pack.config import find_pack
from overreach.population.people import NoSuchMemberError
from overreach.population.strategies import pairs, users
from overreach.scenario.expect import Overreached, expect_given, expect_held, expect_same
from overreach.scenario.live import Target
from overreach.scenario.people import matching
from overreach.scenario.world import Terms, World, Worlds

ROOT = Path(__file__).parents[2]
PLAIN = settings(database=None, deadline=None, max_examples=200, derandomize=True)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """One registry for all of these tests."""
    pack = find_pack(ROOT)
    with closing(Worlds(Terms(pack, tmp_path_factory.mktemp("worlds"), 2007, pack.switches))) as made:
        yield made


def officer_and_child(here: World) -> tuple[int, int]:
    """The first officer with a live child of the area that has no shield."""
    team = users(here, role="management_team")
    return find(
        pairs(here, user=team, relation="in_area", shielded=False, archive_year=0), lambda _: True, settings=PLAIN
    )


def test_a_restored_world_has_forgotten_everything(worlds: Worlds) -> None:
    """Shield, log and facts are as they were; the sessions go on."""
    here = worlds()
    officer, child = officer_and_child(here)
    before = here.grid.child_class.copy()
    first = here.as_(officer).view(child, "welfare")
    expect_given(here.as_(officer).shield(child))
    assert here.as_(officer).view(child, "welfare").json["protection"]["shielded"] is True
    assert here.grid.child_class[child] != before[child]
    here = worlds()
    assert np.array_equal(here.grid.child_class, before)
    expect_same(here.as_(officer).view(child, "welfare"), first, Facet.PROTECTION)
    reader = here.reader()
    rows = reader.entries(reader.log(after=here.logged))
    assert [row["operation"] for row in rows] == ["view"]


def test_an_answer_is_judged_by_the_facts_of_its_moment(worlds: Worlds) -> None:
    """What was rightly given before a shield would be an overreach after it."""
    here = worlds()
    officer, child = officer_and_child(here)
    nobody = users(here, but=["management_team"])
    reader, _ = find(
        pairs(here, user=nobody, given=Facet.WHEREABOUTS, claims=Claims("welfare")),
        lambda pair: bool(here.grid.facets(pair[0], child, Claims("welfare")) & Facet.WHEREABOUTS.bit),
        settings=PLAIN,
    )
    reply = here.as_(reader).view(child, "welfare")
    expect_given(reply, Facet.WHEREABOUTS)
    expect_given(here.as_(officer).shield(child))
    again = here.bench.judge.observe(reply.observation.probe, here.pack.target.operation("view"), reply.answer)
    assert again.verdict is Verdict.OVERREACH
    expect_held(here.as_(reader).view(child, "welfare"))


def test_answers_that_differ_are_told_apart(worlds: Worlds) -> None:
    """And the failure carries a finding with a witness that repeats it, without any session."""
    here = worlds()
    user, child = find(pairs(here, given=Facet.WHEREABOUTS, claims=Claims("welfare")), lambda _: True, settings=PLAIN)
    asker = here.as_(user)
    nobody = asker.perform("view", reason="welfare", fields=here.absent.like(child, ["number"]))
    with pytest.raises(Overreached) as caught:
        expect_same(asker.view(child, "welfare"), nobody, Facet.EXISTENCE)
    finding = caught.value.finding
    assert "$TOKEN" in finding.witness.request
    assert asker.session.authorization.removeprefix("Bearer ") not in str(finding)
    assert finding.witness.user == here.population.user_fields(user)["username"]


def test_what_nobody_has_is_nobodys(worlds: Worlds) -> None:
    """Made in the form of a real value, and the same each time."""
    here = worlds()
    for child in range(0, 200, 20):
        made = here.absent.like(child, ["number", "postcode", "carer_phone"])
        assert here.population.child_by_number(str(made["number"])) is None
        assert not matching(here.population, (Facet.WHEREABOUTS,), [str(made["postcode"])])
        assert made == here.absent.like(child, ["number", "postcode", "carer_phone"])
        assert len(str(made["postcode"])) == len(str(here.population.child_fields(child)["postcode"]))


def test_strategies_choose_from_the_people_as_they_were(worlds: Worlds) -> None:
    """What requests have changed since does not move anybody: an example replays as it was drawn."""
    here = worlds()
    officer, child = officer_and_child(here)
    expect_given(here.as_(officer).shield(child))
    assert officer_and_child(here) == (officer, child)


def test_a_member_that_does_not_exist_is_no_proof(worlds: Worlds) -> None:
    """An empty cell must not pass for one: a scenario that ends so is unproven."""
    nobody = users(worlds(), role="system_supplier", may=Action.EXPORT)
    with pytest.raises(NoSuchMemberError, match="no user of role `system_supplier` who may sign in"):
        find(nobody, lambda _: True, settings=PLAIN)


def test_the_shared_target_refuses_requests_that_change_it(worlds: Worlds) -> None:
    """They belong into a world."""
    here = worlds()
    shared = Target(here.bench, here._sender, here._door, "shared")
    actor = shared.as_(next(iter(here._desk._sessions)))
    with pytest.raises(PackError, match="`declare` on the shared target changes its state"):
        actor.declare(0, "welfare")
    with pytest.raises(PackError, match="`view` on the shared target depends on its state"):
        actor.view(0)
