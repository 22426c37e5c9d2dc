"""What the page counts beside the matrix: the same as going through every pair, with people who exist."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from overreach.model.exact import ExactReach
from overreach.model.terms import LOCATING, Facet, Rung
from overreach.pack.config import Pack
from overreach.policy.amend import another
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.reach.count import Reach, reach
from overreach.reach.whatif import what_if
from overreach.report.reach.alternatives import questions
from overreach.report.reach.counting import examine
from overreach.report.reach.deciding import deciding

ROOT = Path(__file__).parents[2]
PACK = Pack.read(ROOT)


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Population:
    """A small England."""
    folder = tmp_path_factory.mktemp("england") / "people"
    generate(load_recipe(ROOT, "small_england"), Order(200, 120, 3), folder)
    return Population.open(folder)


@pytest.fixture(scope="module")
def grid(population: Population) -> Grid:
    """The pack's policy over it."""
    return Grid.build(Policy.load(PACK.scenarios, PACK.switches), population, PACK.rungs)


@pytest.fixture(scope="module")
def counts(grid: Grid, population: Population) -> Reach:
    """The matrix."""
    return reach(grid, population)


@pytest.fixture(scope="module")
def exact(grid: Grid, counts: Reach, population: Population) -> ExactReach:
    """Everything else."""
    return examine(PACK, grid, counts, population, questions(PACK, grid.policy))


def test_a_ladder_counts_everybody_at_a_rung_or_below(grid: Grid, exact: ExactReach, population: Population) -> None:
    """Distinct users and children, as going through all pairs counts them; and the grid keeps its rungs."""
    users, children = np.arange(population.users_count)[:, None], np.arange(population.children_count)[None, :]
    masks = {
        rung: np.bitwise_or.reduce(
            [grid.facets_many(users, children, each.claims) for each in grid.rungs if each.rung.height <= rung.height]
        )
        for rung in {each.rung for each in grid.rungs}
    }
    roles = np.array([grid.users.as_mapping(int(each))["role"] for each in grid.user_class])[:, None]
    place = list(grid.policy.classes).index("shielded")
    relations = grid.relations.numbers(users, children)
    member = grid.class_members()[place][grid.user_class[:, None], grid.child_class[None, :], relations]
    seen = 0
    for step in exact.ladder:
        if step.record_class == "shielded":
            open_to = ((masks[step.rung] & step.facet.bit) > 0) & member & (roles == step.role)
            told = (int(open_to.sum()), int(open_to.any(axis=1).sum()), int(open_to.any(axis=0).sum()))
            assert (step.pairs, step.users, step.children) == told
            seen += told[0]
    assert seen > 0
    assert {step.facet for step in exact.ladder} == LOCATING
    assert grid.rungs == PACK.rungs


def test_the_policies_of_a_row_are_those_that_decide_its_pairs(grid: Grid, population: Population) -> None:
    """For one role: each policy with as many pairs as deciding them one by one gives."""
    claims = {rung: [each.claims for each in grid.rungs if each.rung is rung] for rung in Rung}
    rows = deciding(grid)["management_team", "shielded"]
    told: Counter[tuple[str, Rung]] = Counter()
    for row in rows:
        if Facet.WHEREABOUTS in row.facets:
            told.update(dict.fromkeys(((row.policy, rung) for rung in row.rungs), row.pairs))
    found: Counter[tuple[str, Rung]] = Counter()
    for user in range(population.users_count):
        if grid.users.as_mapping(int(grid.user_class[user]))["role"] != "management_team":
            continue
        for child in range(population.children_count):
            if "shielded" not in grid.classes_of(user, child):
                continue
            for rung in (Rung.OPEN, Rung.DECLARED, Rung.OVERRIDE):
                made = [grid.decision(user, child, Facet.WHEREABOUTS, each) for each in claims[rung]]
                allowed = [each for each in made if each.allowed]
                names = {name for each in allowed or made for name in each.policies}
                found.update((name, rung) for name in names)
                if allowed:
                    break
    forbids = {name for name, rule in grid.policy.rules.items() if rule.effect == "forbid"}
    permits = {key: many for key, many in found.items() if key[0] not in forbids}
    assert permits == {key: many for key, many in told.items() if key[0] not in forbids}
    # A forbid with no permit beside it decides nothing that a reader could have had: only the others are told.
    assert all(told[key] <= found[key] for key in told)
    assert permits


def test_a_merged_row_stands_for_every_change(exact: ExactReach, population: Population, grid: Grid) -> None:
    """What the comparison found, facet by facet and rung by rung, is all there and nothing else."""
    for question, told in zip(questions(PACK, grid.policy), exact.alternatives, strict=True):
        found = what_if(grid.policy, another(grid.policy, question.file, question.switches), population, PACK.rungs)
        spread = {
            (row.role, facet, rung): (row.lost, row.lost_involved, row.gained)
            for row in told.by_role
            for facet in row.facets
            for rung in row.rungs
        }
        assert spread == {
            (each.role, each.facet, each.rung): (each.lost.pairs, each.lost_involved.pairs, each.gained.pairs)
            for each in found.everybody
        }
        sums: Counter[tuple[str, Facet, Rung]] = Counter()
        for each in found.changes:
            sums[each.record_class, each.facet, each.rung] += each.lost.pairs
        by_class = {(r.record_class, f, rung): r.lost for r in told.by_class for f in r.facets for rung in r.rungs}
        assert by_class == dict(sums)
        assert told.question.startswith("What if ")


def test_everybody_named_is_somebody_of_the_population(exact: ExactReach, population: Population) -> None:
    """Users and children of examples, steps and accounts."""
    users = set(population.query(population.shape.user_fields)["username"].to_pylist())
    numbers = set(population.query(population.shape.child_fields)["number"].to_pylist())
    cases = [case for each in exact.alternatives for case in each.cases]
    assert cases
    assert exact.ways
    named = {one.user for group in (exact.ways, cases, exact.accounts) for one in group}
    named |= {step.user for way in exact.ways for step in way.steps}
    named |= {name for each in exact.fewest for name in each.users}
    assert named <= users
    assert {one.child for one in exact.ways} | {case.child for case in cases} <= numbers
