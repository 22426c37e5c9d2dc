"""The hospital: its policy, its counts, and an engine that does not notice that this is not ContactPoint."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from overreach.cli.main import overreach
from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Duty, Facet
from overreach.pack.config import Pack, built_in
from overreach.policy.grid import Grid
from overreach.policy.invariants import invariant_violations
from overreach.policy.load import Policy
from overreach.policy.oracle import Question, ask, child_entity, request, user_entity
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.reach.count import Reach, reach
from overreach.reach.hazards import hazards

ROOT: Final = built_in()
EXAMPLE: Final = ROOT / "docs" / "examples" / "hospital"
PACK: Final = Pack.read(EXAMPLE)
POLICY: Final = Policy.load(PACK.scenarios, PACK.switches)
SMALL: Final = Order(80, 100, 7)
OPEN: Final = Claims()
BROKEN: Final = Claims("emergency", override=True)
DOCTORS: Final = ("consultant", "junior_doctor", "emergency_doctor", "ward_sister")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small hospital on disk."""
    out = tmp_path_factory.mktemp("hospital") / "small"
    generate(load_recipe(ROOT, "hospital"), SMALL, out)
    return out


@pytest.fixture(scope="module")
def world(folder: Path) -> Population:
    """The same, opened."""
    return Population.open(folder)


@pytest.fixture(scope="module")
def grid(world: Population) -> Grid:
    """The policy, decided for it."""
    return Grid.build(POLICY, world, PACK.rungs)


class TestCounts:
    """Counting by classes and wards equals asking cedarpy about every pair."""

    def test_reach_is_what_cedarpy_says_pair_by_pair(self, world: Population, grid: Grid) -> None:
        """Real wards and care relationships as sets of entities; the facets in which the roles differ most."""
        facets = (Facet.IDENTITY, Facet.WHEREABOUTS, Facet.HEALTH)
        allowed = _by_cedar(world, facets)
        counts = reach(grid, world)
        assert sum(map(len, allowed.values()))
        for entry in counts.entries:
            if entry.facet in facets:
                pairs = allowed[entry.role, entry.record_class, entry.facet, entry.rung]
                assert entry.pairs == len(pairs), entry
                assert entry.users == len({user for user, _ in pairs}), entry
                assert entry.children == len({child for _, child in pairs}), entry

    def test_both_readings_of_the_policy_agree_on_every_facet_and_action(self, grid: Grid) -> None:
        """The second oracle decides a sample of all cells again."""
        assert grid.check(1_500, 7) == 1_500

    def test_the_command_counts_a_pack_that_is_no_contactpoint(self, folder: Path) -> None:
        """One object with the rungs and roles of the hospital."""
        result = CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(EXAMPLE), "--json"])
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        assert document["pairs"] == SMALL.children * SMALL.users
        reached = [cell for cell in document["cells"] if cell["pairs"]]
        assert {cell["rung"] for cell in reached} == {"open", "override"}
        assert {"bank_nurse", "researcher"} <= {cell["role"] for cell in reached}
        assert "it_support" not in {cell["role"] for cell in reached}

    def test_the_sibling_on_the_same_ward_is_a_hazard(self, world: Population, grid: Grid) -> None:
        """Two pairs: the home of one patient stands on the record of another."""
        (found,) = hazards(grid, world)
        assert found.key == "restricted-at-the-same-home"
        assert found.children == 2
        assert found.users > 0


def _by_cedar(world: Population, facets: tuple[Facet, ...]) -> dict[tuple[str, ...], set[tuple[int, int]]]:
    """(role, record class, facet, rung) -> the pairs first permitted there, every one of them asked by cedarpy."""
    entities = [*_staff(world), *_patients(world)]
    grid = Grid.build(POLICY, world, PACK.rungs)
    roles = [str(world.user_fields(user)["role"]) for user in range(world.users_count)]
    places = [(user, child) for user in range(world.users_count) for child in range(world.children_count)]
    found: dict[tuple[str, ...], set[tuple[int, int]]] = defaultdict(set)
    for facet in facets:
        seen: set[tuple[int, int]] = set()
        for context in PACK.rungs:
            question = Question({}, {}, facet, context.claims, (False, False))
            decisions = ask(POLICY, entities, [request(POLICY, *place, question) for place in places])
            fresh = {place for place, one in zip(places, decisions, strict=True) if one.allowed} - seen
            seen |= fresh
            for user, child in fresh:
                for name in grid.classes_of(user, child):
                    found[roles[user], name, facet, context.rung].add((user, child))
    return found


def _staff(world: Population) -> Iterator[dict[str, Any]]:
    wards: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in world.table("ward_staff").to_pylist():
        wards[row["member"]].append(_uid("Ward", row["ward"]))
    for row in world.table("staff").to_pylist():
        facts = {
            "role": row["role"],
            "left": row["left_on"] is not None,
            "suspended": row["suspended"],
            "trained": (world.meta.as_of - row["trained_on"]).days <= 365,
            "on_shift": row["on_shift"],
        }
        yield _with(user_entity(row["member"], facts), wards=wards[row["member"]])


def _patients(world: Population) -> Iterator[dict[str, Any]]:
    care: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in world.table("care").to_pylist():
        care[row["patient"]].append(_uid("User", row["member"]))
    sensitive = {row["patient"] for row in world.table("clinics").to_pylist() if row["sensitive"]}
    for row in world.table("patients").to_pylist():
        facts = {name: row[name] for name in ("status", "restricted", "research_consent")}
        entity = child_entity(row["patient"], facts | {"sensitive_clinic": row["patient"] in sensitive})
        ward = "nobody's" if row["ward"] is None else row["ward"]
        yield _with(entity, ward=_uid("Ward", ward), cared_for_by=care[row["patient"]])


def _with(entity: dict[str, Any], **sets: Any) -> dict[str, Any]:  # noqa: ANN401 - Cedar's own JSON
    return entity | {"attrs": entity["attrs"] | sets}


def _uid(kind: str, name: object) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": str(name)}}


class TestPolicy:
    """The rules H1 to H7 of the example's page."""

    def test_every_invariant_follows(self, grid: Grid) -> None:
        """For every class of staff and patients, every relation and every set of claims."""
        assert invariant_violations(grid) == ()

    def test_every_record_class_has_pairs_and_every_role_members(self, world: Population, grid: Grid) -> None:
        """No column and no row of the matrix is empty."""
        counts: Reach = reach(grid, world)
        roles = POLICY.schema.enumerations["Role"]
        assert {entry.role for entry in counts.entries} == set(roles)
        assert {entry.record_class for entry in counts.entries} == set(POLICY.classes)

    def test_a_restricted_record_is_closed_to_the_ward_and_open_to_those_who_care(
        self, world: Population, grid: Grid
    ) -> None:
        """H4: the ex-partner sees nothing; somebody else sees where the patient lives."""
        for user, child in _cohort(world, "ex_partner"):
            assert grid.relation(user, child) == (True, False)
            assert grid.facets(user, child, OPEN) == 0
        for (child,) in _rows(world, "SELECT patient FROM patients WHERE restricted"):
            masks = [grid.facets(user, child, OPEN) for user in range(world.users_count)]
            assert any(mask & Facet.HEALTH.bit for mask in masks), child

    def test_a_member_of_staff_does_not_read_the_own_record(self, world: Population, grid: Grid) -> None:
        """H4: the record of a colleague is restricted on the colleague's own ward."""
        for user, child in _cohort(world, "colleague"):
            assert grid.relation(user, child)[0]
            assert grid.facets(user, child, OPEN) == 0

    def test_a_bank_nurse_reads_nothing_off_shift(self, world: Population, grid: Grid) -> None:
        """H1: knowing the ward is not being on it."""
        for user, child in _cohort(world, "bank_nurse_off_shift"):
            assert grid.relation(user, child)[0]
            assert grid.facets(user, child, OPEN) == grid.facets(user, child, BROKEN) == 0

    @pytest.mark.parametrize("role", POLICY.schema.enumerations["Role"])
    def test_the_glass_is_broken_by_doctors_and_sisters_only(self, grid: Grid, role: str) -> None:
        """H5: with a reason, at the price of an alert, and never for sensitive clinics."""
        user = _active(grid, role)
        child = next(c for c in range(SMALL.children) if grid.children.as_mapping(grid.child_class[c])["restricted"])
        breaking = grid.decision(user, child, Action.OVERRIDE, BROKEN)
        assert breaking.allowed is (role in DOCTORS)
        assert (Duty.ALERT in breaking.duties) is breaking.allowed
        assert not grid.decision(user, child, Action.OVERRIDE, Claims("curiosity", override=True)).allowed
        if grid.relation(user, child)[1]:
            return
        seen = grid.facets(user, child, BROKEN)
        assert bool(seen & Facet.WHEREABOUTS.bit) is (role in DOCTORS)
        assert not seen & Facet.SENSITIVE_SERVICES.bit

    def test_research_and_support_learn_who_nobody_is(self, grid: Grid) -> None:
        """H6: over all patients, one facet of those who agreed; nothing at all."""
        researcher, support = _active(grid, "researcher"), _active(grid, "it_support")
        everything = {
            grid.facets(researcher, child, claims) for child in range(SMALL.children) for claims in (OPEN, BROKEN)
        }
        assert everything == {0, Facet.HEALTH.bit}
        assert not any(grid.facets(support, child, BROKEN) for child in range(SMALL.children))

    def test_a_policy_that_names_other_sets_is_refused(self, world: Population) -> None:
        """The policy of the children's directory compares areas, the hospital wards."""
        other = Policy.load(ROOT / "scenarios", Pack.read(ROOT).switches)
        with pytest.raises(PolicyError, match="wards"):
            Grid.build(other, world, PACK.rungs)


def _cohort(world: Population, name: str) -> list[tuple[int, int]]:
    rows = world.query('SELECT "user", child FROM cohorts WHERE cohort = $name ORDER BY ALL', name=name).to_pylist()
    assert len(rows) >= 2
    return [(row["user"], row["child"]) for row in rows]


def _rows(world: Population, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in world.query(sql).to_pylist()]


def _active(grid: Grid, role: str) -> int:
    """The first member of a role whose account is open and whose shift it is."""
    for user in range(SMALL.users):
        facts = grid.users.as_mapping(int(grid.user_class[user]))
        closed = facts["left"] or facts["suspended"] or not facts["trained"]
        if facts["role"] == role and not closed and facts["on_shift"]:
            return user
    pytest.fail(f"nobody of role {role}")


#: Words of the children's directory that stand in the engine all the same: record classes with a meaning of their own
#: for the sweep and the report, and the parts of the scenarios that speak of shields. The list may only get shorter.
STILL_THERE: Final = {
    "audit/conclude.py": {"shielded", "authorities"},
    "audit/sweeping.py": {"shielded"},
    "audit/words.py": {"shielded"},
    "probe/findings.py": {"shielded", "archived", "contacts_protected"},
    "probe/plan.py": {"shielded", "out_of_area"},
    "probe/sweep.py": {"shielded"},
    "reach/count.py": {"shielded"},
    "report/histogram.py": {"shielded"},
    "report/matrix.py": {"shielded"},
    "scenario/history.py": {"shielded"},
    "scenario/people.py": {"shielded", "contacts_protected"},
    "scenario/twin.py": {
        *("former_addresses", "shielded", "shielded_since", "whereabouts_statement", "school"),
        *("caf_holder", "lead_professional"),
    },
}
_TABLES: Final = {
    *("authorities", "organisations", "user_areas", "households", "schools", "practices", "former_addresses"),
    *("child_carers", "involvements"),
}
_COLUMNS: Final = {
    *("authority", "responsible", "shielded", "shielded_since", "contacts_protected", "adopted", "looked_after"),
    *("archive_year", "whereabouts_statement", "school", "caf_holder", "lead_professional", "vetted", "accredited"),
}
_CLASSES: Final = {"out_of_area", "shielded_out_of_area", "archived"}


def _words() -> frozenset[str]:
    """Roles and reasons of the policy, tables, columns and record classes of the children's directory."""
    policy = Policy.load(ROOT / "scenarios", Pack.read(ROOT).switches)
    return frozenset({*policy.schema.enumerations["Role"], *policy.reasons(), *_TABLES, *_COLUMNS, *_CLASSES})


def _texts(file: Path) -> Iterator[str]:
    """The texts a module works with: everything in quotes but its docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_the_engine_speaks_no_further_word_of_the_directory() -> None:
    """Outside the registry and its recipes no module names a role, table, column or class of ContactPoint's."""
    engine, words = ROOT / "src" / "overreach", _words()
    apart = (engine / "contactpoint", engine / "population" / "childindex", engine / "population" / "wards")
    found = {}
    for file in sorted(engine.rglob("*.py")):
        if not any(file.is_relative_to(folder) for folder in apart):
            named = words.intersection(*[{word for text in _texts(file) for word in re.findall(r"\w+", text)}])
            if named - STILL_THERE.get(str(file.relative_to(engine)), set()):
                found[str(file.relative_to(engine))] = sorted(named)
    assert found == {}
