"""The pack's real policy: every pair of 20 users and 200 children, at every facet and every claims of every rung."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from tests.policy.chosen_people import ChosenPeople
from tests.policy.drawn_people import PACK
from tests.reach.asked_of_cedar import Answers, answers, assert_counted

from overreach.pack.config import Pack, find_pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.oracle import ROLE
from overreach.policy.pairwise import Entities
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.reach.count import reach

ROOT = PACK.parent
HOSPITAL = ROOT / "docs" / "examples" / "hospital"
_PACK = Pack.read(ROOT)
_POLICY = Policy.load(_PACK.scenarios, _PACK.switches)


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    """A world of the pack's own recipe, with its policy decided."""
    folder = tmp_path_factory.mktemp("world") / "people"
    generate(load_recipe(_PACK.root, "small_england"), Order(600, 200, 2007), folder)
    return Grid.build(_POLICY, Population.open(folder), _PACK.rungs)


def _members(grid: Grid) -> dict[str, list[int]]:
    """Role -> its users, those with most involvements first."""
    involved = np.bincount(grid.relations.involved_users, minlength=grid.people.users_count)
    found: dict[str, list[int]] = defaultdict(list)
    for user in np.argsort(-involved, kind="stable").tolist():
        found[str(grid.users.as_mapping(int(grid.user_class[user]))[ROLE])].append(user)
    return dict(sorted(found.items()))


def _reads(grid: Grid, user: int) -> bool:
    return any(np.any(grid.masks(context.claims)[grid.user_class[user]]) for context in grid.rungs)


def _chosen(grid: Grid, roles: Iterable[str], children: int) -> ChosenPeople:
    """An active member of each role and two who may read nothing; children of every class, many involved with them."""
    members = _members(grid)
    users = [next((user for user in members[role] if _reads(grid, user)), members[role][0]) for role in roles]
    users += [user for user in range(grid.people.users_count) if not _reads(grid, user) and user not in users][:2]
    classes = [int(np.argmax(grid.child_class == number)) for number in range(len(grid.children))]
    near = [int(child) for user in users for child in grid.relations.children_involved_with(user)[:8]]
    all_of_them = dict.fromkeys([*classes, *near, *range(grid.people.children_count)])
    return ChosenPeople(grid.people, users, list(all_of_them)[:children])


def _assert_all(pack: Pack, policy: Policy, people: ChosenPeople) -> None:
    entities = Entities.read(policy, people, range(people.users_count), range(people.children_count))
    grid = Grid.build(policy, people, pack.rungs)
    found = answers(policy, people, pack.rungs, entities, shared=True)
    _assert_decided(grid, found)
    assert_counted(reach(grid, people), found)


def _assert_decided(grid: Grid, found: Answers) -> None:
    """Each pair by itself, before anything is counted; and its record classes."""
    users, children = np.ogrid[: grid.people.users_count, : grid.people.children_count]
    for (facet, context), allowed in found.allowed.items():
        ours = grid.facets_many(users, children, context.claims) & facet.bit > 0
        assert np.array_equal(ours, allowed), (facet, context, np.argwhere(ours != allowed)[:3])
    for user, child in np.ndindex(len(users), children.size):
        assert set(grid.classes_of(user, child)) == {name for name, each in found.members.items() if each[user, child]}


def test_all_facets_and_rungs_of_20_users_and_200_children(everybody: Grid) -> None:
    """Each of the 4,000 pairs is asked of cedarpy; what is counted is what its answers come to.

    Children of whom all attributes are equal share the questions about them.
    """
    people = _chosen(everybody, list(_members(everybody))[:18], 200)
    assert (people.users_count, people.children_count) == (20, 200)
    _assert_all(_PACK, _POLICY, people)


def test_all_facets_and_rungs_of_the_other_roles(everybody: Grid) -> None:
    """The roles that twenty users leave out, on fewer children, of all classes still."""
    _assert_all(_PACK, _POLICY, _chosen(everybody, list(_members(everybody))[18:], 40))


def test_all_facets_and_rungs_of_a_hospital(tmp_path: Path) -> None:
    """Wards, care and restricted patients: other names, the same counting."""
    pack = find_pack(HOSPITAL)
    recipe = load_recipe(ROOT, "hospital")
    generate(recipe, Order(max(300, recipe.min_children), max(120, recipe.min_users), 7), tmp_path / "people")
    policy = Policy.load(pack.scenarios, pack.switches)
    everybody = Grid.build(policy, Population.open(tmp_path / "people"), pack.rungs)
    people = _chosen(everybody, list(_members(everybody)), 40)
    _assert_all(pack, policy, people)
    assert any(entry.pairs for entry in reach(Grid.build(policy, people, pack.rungs), people).entries)
