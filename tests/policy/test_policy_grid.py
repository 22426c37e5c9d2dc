"""The grid of all decisions: agrees with cedarpy, counts exactly, follows changes."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import PACK, ROLES, RUNGS, SWITCHES, DrawnPeople

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Duty, Facet, facets_of
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.pairwise import Asked, Entities, decide
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate

_POLICY = Policy.load(PACK, SWITCHES)
_WELFARE = Claims("welfare")

_PEOPLE = st.builds(
    DrawnPeople,
    users=st.integers(1, 12),
    children=st.integers(0, 25),
    areas=st.integers(1, 4),
    seed=st.integers(0, 10_000),
)


@pytest.mark.parametrize("far", ["national", "declared", "own"])
def test_cedarpy_agrees_with_the_columns_on_a_sample(far: str) -> None:
    """Two readings of the same text, by different code, at every value of the distance switch."""
    policy = Policy.load(PACK, {"G1": "yes", "G2": "yes", "G3": far})
    grid = Grid.build(policy, DrawnPeople(120, 300, 6, seed=3), RUNGS)
    assert grid.check(600, seed=1) == 600


def test_a_difference_between_the_two_readings_stops_the_run() -> None:
    """If one column were wrong, the sample would show it and name it."""
    grid = Grid.build(_POLICY, DrawnPeople(120, 300, 6, seed=3, odd=0.5), RUNGS)
    holding = grid.holding(_WELFARE)
    assert isinstance(holding, dict)
    holding["shielded"] = np.zeros((1, 1, 1), dtype=np.bool_)
    with pytest.raises(PolicyError, match="two readings of the policy differ on"):
        grid.check(5000, seed=1)


@settings(max_examples=12, deadline=None)
@given(_PEOPLE)
def test_cells_hold_exactly_the_pairs(people: DrawnPeople) -> None:
    """Every pair is in one cell; counting by classes and areas gives what counting pairs gives."""
    grid = Grid.build(_POLICY, people, RUNGS)
    pairs = [(user, child) for user in range(people.users_count) for child in range(people.children_count)]
    cells = grid.cells()
    assert dict(zip(cells["cell"].tolist(), cells["pairs"].tolist(), strict=True)) == Counter(
        grid.cell(user, child) for user, child in pairs
    )
    areas, involved = set(people.user_areas), set(people.involvements)
    for user, child in pairs:
        near = (user, people.children[child][1]) in areas
        assert grid.relation(user, child) == (near, (user, child) in involved)


@settings(max_examples=6, deadline=None)
@given(_PEOPLE)
def test_one_pair_and_many_pairs_are_decided_alike(people: DrawnPeople) -> None:
    """`facets`, `facets_many` and `decision` are three views of one table."""
    grid = Grid.build(_POLICY, people, RUNGS)
    users = np.arange(people.users_count)[:, None]
    children = np.arange(people.children_count)[None, :]
    for claims in (Claims(), Claims("child_protection", override=True)):
        many = grid.facets_many(users, children, claims)
        for (user, child), mask in np.ndenumerate(many):
            assert grid.facets(user, child, claims) == mask
            allowed = {f for f in Facet if grid.decision(user, child, f, claims).allowed}
            assert allowed == set(facets_of(int(mask)))


def test_claims_of_no_rung_are_decided_when_asked() -> None:
    """A reason that is not coded is no reason, and forbids the whole request."""
    people = DrawnPeople(60, 60, 2, seed=1, odd=0)
    grid = Grid.build(_POLICY, people, ())
    user = next(n for n, row in enumerate(people.users) if row[1] == "social_worker")
    child = next(c for c in range(60) if grid.relation(user, c)[0])
    assert grid.facets(user, child, Claims()) == Facet.EXISTENCE.bit | Facet.IDENTITY.bit
    assert grid.facets(user, child, Claims("section_47")) & Facet.WHEREABOUTS.bit
    assert grid.facets(user, child, Claims("because")) == 0
    assert grid.decision(user, child, Facet.IDENTITY, Claims("because")).policies == ("coded-reason",)


def test_actions_about_no_child_are_decided_without_one() -> None:
    """A declaration asks the system, whichever number it names; shielding needs the child."""
    people = DrawnPeople(200, 50, 2, seed=1, odd=0)
    grid = Grid.build(_POLICY, people, RUNGS)
    by_role = {row[1]: row[0] for row in people.users}
    assert grid.decision(by_role["midwife"], None, Action.SEARCH, Claims()).duties == {Duty.LOG}
    assert grid.allows(by_role["midwife"], 3, Action.DECLARE, Claims())
    assert not grid.allows(by_role["central_team"], None, Action.SEARCH, Claims())
    assert grid.allows(by_role["central_team"], None, Action.READ_LOG, Claims())
    with pytest.raises(PolicyError, match="`shield` is asked of a child, and none is given"):
        grid.allows(by_role["management_team"], None, Action.SHIELD, Claims())


def test_a_child_that_is_shielded_during_the_run_is_decided_anew() -> None:
    """The change may make a class that did not exist; cells of other pairs keep their keys."""
    people = DrawnPeople(60, 40, 2, seed=5, odd=0)
    grid = Grid.build(_POLICY, people, RUNGS)
    user = next(n for n, row in enumerate(people.users) if row[1] == "social_worker")
    first, second = [c for c in range(40) if grid.relation(user, c)[0]][:2]
    before = grid.cell(user, second)
    assert grid.facets(user, first, _WELFARE) & Facet.WHEREABOUTS.bit
    grid.set_child(first, shielded=True)
    assert not grid.facets(user, first, _WELFARE) & Facet.WHEREABOUTS.bit
    assert grid.decision(user, first, Facet.WHEREABOUTS, _WELFARE).policies == ("shielded",)
    assert "shielded" in grid.classes_of(user, first)
    assert grid.cell(user, second) == before != grid.cell(user, first)
    assert grid.facets(user, second, _WELFARE) & Facet.WHEREABOUTS.bit
    assert grid.check(300, seed=1) == 300
    grid.set_child(first, shielded=False)
    assert grid.cell(user, first) == grid.cell(user, second) == before


def test_a_child_that_moves_is_in_the_area_of_its_new_authority() -> None:
    """Only the responsible authority counts."""
    people = DrawnPeople(30, 10, 3, seed=5, odd=0)
    grid = Grid.build(_POLICY, people, RUNGS)
    areas = set(people.user_areas)
    for area in range(3):
        grid.set_child(4, responsible=area)
        assert [grid.relation(user, 4)[0] for user in range(30)] == [(user, area) in areas for user in range(30)]


def test_facts_that_nobody_has_are_refused() -> None:
    """The known ones are listed."""
    grid = Grid.build(_POLICY, DrawnPeople(5, 5, 1, seed=1), RUNGS)
    with pytest.raises(PolicyError, match="no fact of a child is called `shilded`") as caught:
        grid.set_child(1, shilded=True)
    assert "shielded" in caught.value.remedy


def test_a_role_that_the_policy_does_not_know_is_refused() -> None:
    """Its users would otherwise count as reaching nothing."""
    people = DrawnPeople(5, 5, 1, seed=1)
    people.replace_role(2, "astrologer")
    with pytest.raises(PolicyError, match="users of role `astrologer`"):
        Grid.build(_POLICY, people, RUNGS)
    assert "astrologer" not in ROLES


def test_the_policy_and_the_population_must_speak_of_the_same_sets() -> None:
    """An area test on other attributes than the population's is refused before anything is counted."""
    people = DrawnPeople(5, 5, 1, seed=1)
    people.rename_sets(area=("patches", "responsible"), involved="involved")
    with pytest.raises(PolicyError, match="compares `areas` with `responsible`"):
        Grid.build(_POLICY, people, RUNGS)
    people.rename_sets(area=("areas", "responsible"), involved="team")
    with pytest.raises(PolicyError, match="tests involvement by `involved`"):
        Grid.build(_POLICY, people, RUNGS)


def _one_permit(folder: Path, condition: str) -> Policy:
    for name in ("policy.cedarschema", "classes.cedar"):
        shutil.copy(PACK / name, folder)
    text = f'@id("only") permit (principal, action == Action::"health", resource) when {{ {condition} }};'
    (folder / "policy.cedar").write_text(text)
    (folder / "invariants.cedar").write_text("")
    return Policy.load(folder, SWITCHES)


@pytest.mark.parametrize(
    "condition",
    [
        'resource.responsible == Authority::"1"',
        'resource.responsible != Authority::"0"',
        'resource.responsible in [Authority::"0", Authority::"2"]',
        '[Authority::"1"].contains(resource.responsible)',
        'principal.areas.contains(resource.responsible) && resource.responsible == Authority::"0"',
    ],
)
def test_an_authority_may_be_named(tmp_path: Path, condition: str) -> None:
    """The area of a child is an entity, as its authority is in the policy; both ways of asking cedarpy agree."""
    generate(load_recipe(PACK.parent, "small_england"), Order(200, 60, 7), tmp_path / "people")
    people = Population.open(tmp_path / "people")
    policy = _one_permit(tmp_path, condition)
    grid = Grid.build(policy, people, RUNGS)
    asked = [Asked(user, child, Facet.HEALTH, Claims()) for user in range(60) for child in range(20)]
    decisions = list(decide(policy, Entities.read(policy, people, range(60), range(20)), asked))
    assert {decision.allowed for decision in decisions} == {True, False}
    for one, decision in zip(asked, decisions, strict=True):
        assert grid.decision(one.user, one.child, one.what, one.claims) == decision
    assert grid.check(200, seed=1) == 200


def test_facts_of_another_type_than_the_schema_says_stop_the_run(tmp_path: Path) -> None:
    """A name where the policy compares with a number would otherwise just never be equal."""
    people = DrawnPeople(4, 6, 2, seed=1)
    people.shape = replace(people.shape, child_facts={**people.shape.child_facts, "archive_year": "'seven'"})
    with pytest.raises(PolicyError, match="`only`: facts that are str cannot be compared with int"):
        Grid.build(_one_permit(tmp_path, "resource.archive_year == 7"), people, RUNGS)


def test_a_context_without_switches_has_none(tmp_path: Path) -> None:
    """Where the schema declares no switches, `context has switches` does not hold, in either reading."""
    _one_permit(tmp_path, "context has switches || principal.left")
    text = (tmp_path / "policy.cedarschema").read_text().replace("switches: Switches", "")
    text = text.replace("type Switches = { G1: G1, G2: G2, G3: G3 };", "").replace(
        "approvals: Long,", "approvals: Long"
    )
    (tmp_path / "policy.cedarschema").write_text(text)
    (tmp_path / "classes.cedar").write_text("")
    policy = Policy.load(tmp_path, {})
    grid = Grid.build(policy, DrawnPeople(20, 10, 2, seed=1), RUNGS)
    assert policy.context == {}
    assert grid.check(200, seed=1) == 200
