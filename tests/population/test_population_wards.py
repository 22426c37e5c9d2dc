"""The mechanism of hospitals: values by row alone, exact numbers over all parts, cohorts at any size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.model.canary import TokenKind
from overreach.pack.config import built_in
from overreach.population import canaries
from overreach.population.recipe import Order, Plan, Recipe, Tables, load_recipe
from overreach.population.sampling import quota
from overreach.population.store import Population
from overreach.population.wards.plan import PATIENTS, Hospital
from overreach.population.wards.rows import RowDraws, Shuffle
from overreach.population.wards.strata import Cohort, Strata
from overreach.population.wards.tables import patients
from overreach.population.writing import generate

LARGE = Order(PATIENTS + 3_000, 900, 11)
SIZES = (Order(80, 100, 3), Order(200, 160, 2007), LARGE)


def _recipe() -> Recipe:
    return load_recipe(built_in(), "hospital")


def _plan(order: Order) -> Plan:
    return _recipe().plan(order)


@pytest.fixture(scope="module", params=SIZES, ids=lambda order: f"{order.children} patients")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Population:
    """A hospital of the least size, one of 200 patients, and one in several parts."""
    out = tmp_path_factory.mktemp("hospital") / "world"
    generate(_recipe(), request.param, out)
    return Population.open(out)


def _none(world: Population, sql: str) -> None:
    assert world.query(sql).to_pylist() == []


def _one(world: Population, sql: str) -> int:
    value = world.query(sql).column(0).to_pylist()[0]
    assert isinstance(value, int)
    return value


class TestRows:
    """Values that depend on a row's number alone."""

    @settings(max_examples=60)
    @given(st.integers(1, 3_000), st.integers(0, 2**32))
    def test_a_shuffle_gives_each_row_one_place_and_finds_it_again(self, count: int, seed: int) -> None:
        """A permutation, and its inverse."""
        shuffle, rows = Shuffle(seed, "some", count), np.arange(count, dtype=np.int64)
        places = shuffle.places(rows)
        assert np.array_equal(np.sort(places), rows)
        assert np.array_equal(shuffle.rows(places), rows)

    @settings(max_examples=40)
    @given(st.lists(st.integers(0, 90), min_size=1, max_size=9).filter(any), st.integers(1, 2_000))
    def test_what_is_spread_is_exact_over_all_rows(self, weights: list[int], count: int) -> None:
        """Each category has its quota, whatever its weight."""
        shares = np.array(weights, dtype=np.int64)
        found = Shuffle(5, "some", count).spread(shares, np.arange(count, dtype=np.int64))
        assert np.array_equal(np.bincount(found, minlength=len(weights)), quota(shares, count))

    @settings(max_examples=40)
    @given(st.lists(st.integers(0, 2**40), min_size=1, max_size=30), st.integers(1, 2**32 - 1))
    def test_a_row_has_its_value_whoever_else_is_asked_about(self, rows: list[int], limit: int) -> None:
        """Asked alone or among others; always below the limit."""
        draws = RowDraws(9, "some")
        together = draws.below(limit, np.array(rows, dtype=np.int64))
        alone = [int(draws.below(limit, np.array([row], dtype=np.int64))[0]) for row in rows]
        assert together.tolist() == alone
        assert all(0 <= value < limit for value in alone)

    def test_the_values_are_the_same_on_any_machine(self) -> None:
        """Written down once: integers only, and no generator whose numbers may change."""
        rows = np.array([0, 1, 2, 1_000_000], dtype=np.int64)
        assert RowDraws(7, "some").below(1_000, rows).tolist() == [771, 678, 442, 300]
        assert Shuffle(7, "some", 1_000_001).places(rows).tolist() == [955520, 601487, 584621, 603787]

    def test_streams_of_other_names_have_nothing_to_do_with_each_other(self) -> None:
        """No value of one tells that of the other: of 1,000 pairs of digits about a tenth agree."""
        rows = np.arange(1_000, dtype=np.int64)
        same = RowDraws(7, "one").below(10, rows) == RowDraws(7, "other").below(10, rows)
        assert 50 < int(same.sum()) < 150


class TestParts:
    """A part is a pure function of the order and its number."""

    def test_parts_are_the_same_in_any_order_and_from_any_plan(self) -> None:
        """Backwards from a plan of its own."""
        first, second = _plan(LARGE), _plan(LARGE)
        assert first.parts == second.parts == 3
        backwards = {number: second.part(number) for number in reversed(range(second.parts))}
        for number in range(first.parts):
            assert _equal(first.part(number), backwards[number])

    def test_a_patient_is_the_same_wherever_parts_are_cut(self) -> None:
        """Any rows, without their neighbours."""
        plan = _plan(Order(500, 160, 4))
        assert isinstance(plan, Hospital)
        whole = patients(plan.setting, np.arange(500))["patients"]
        for first, last in ((0, 1), (37, 120), (499, 500)):
            cut = patients(plan.setting, np.arange(first, last))["patients"]
            assert cut.equals(whole.slice(first, last - first))

    def test_another_seed_is_another_hospital(self) -> None:
        """No patient keeps name and record number."""
        one, other = (_plan(Order(200, 160, seed)).part(1)["patients"] for seed in (1, 2))
        assert not set(one["record_number"].to_pylist()) & set(other["record_number"].to_pylist())

    def test_the_same_order_gives_the_same_digest(self, tmp_path: Path) -> None:
        """Every file's bytes."""
        digests = {generate(_recipe(), SIZES[0], tmp_path / name).digest for name in ("one", "other")}
        assert len(digests) == 1


def _equal(one: Tables, other: Tables) -> bool:
    return one.keys() == other.keys() and all(one[name].equals(other[name]) for name in one)


class TestNumbers:
    """Quotas are met exactly, over all parts together."""

    def test_every_status_and_the_restricted_have_their_quota(self, world: Population) -> None:
        """To the patient."""
        plan = _plan(Order(world.meta.children, world.meta.users, world.meta.seed))
        assert isinstance(plan, Hospital)
        judgement, everybody = plan.setting.judgement, world.children_count
        assert _one(world, "SELECT count(*) FROM patients") == everybody
        assert _one(world, "SELECT count(*) FROM patients WHERE restricted") == judgement.restricted.of(everybody)
        for status, share in (
            ("discharged", judgement.discharged),
            ("closed", judgement.closed),
            ("deceased", judgement.deceased),
        ):
            assert _one(world, f"SELECT count(*) FROM patients WHERE status = '{status}'") == share.of(everybody)  # noqa: S608
        hidden = judgement.sensitive_clinics.of(everybody)
        assert _one(world, "SELECT count(*) FROM clinics WHERE sensitive") == hidden

    def test_strata_leave_nobody_out(self) -> None:
        """Their numbers add up, and none is below zero, at any size."""
        plan = _plan(SIZES[0])
        assert isinstance(plan, Hospital)
        judgement = plan.setting.judgement
        for size in (80, 199, 1_000, 11_000_000):
            strata = Strata(judgement, size, Shuffle(1, "standing", size))
            assert sum(stratum.count for stratum in strata.all) == size
            assert min(stratum.count for stratum in strata.all) >= 0

    def test_every_measure_can_be_counted_and_is_within_its_figures(self, world: Population) -> None:
        """Within one in a hundred of all patients, and each of them counted once; roles have a least number."""
        for key, measure in world.meta.measures.items():
            counted = {row["category"]: row["count"] for row in world.query(measure.counted).to_pylist()}
            assert counted, key
            if measure.unit == "patients" and measure.figures and world.children_count > 1_000:
                whole, total = sum(measure.figures.values()), sum(counted.values())
                assert total == world.children_count
                for category, weight in measure.figures.items():
                    assert abs(counted[category] / total - weight / whole) < 0.01, (key, category)

    def test_every_role_has_staff_whose_account_is_open(self, world: Population) -> None:
        """So that each can be audited; every closed state occurs too."""
        active = "left_on IS NULL AND NOT suspended AND date_diff('day', trained_on, $as_of) <= 365"
        roles = _one(world, "SELECT count(DISTINCT role) FROM staff")
        assert roles >= 12
        assert _one(world, f"SELECT count(DISTINCT role) FROM staff WHERE {active}") == roles  # noqa: S608
        for state in ("left_on <= $as_of", "suspended", "date_diff('day', trained_on, $as_of) > 365", "NOT on_shift"):
            assert _one(world, f"SELECT count(*) FROM staff WHERE {state}") >= 2  # noqa: S608


class TestIntegrity:
    """Tables fit together."""

    @pytest.mark.parametrize(
        ("table", "column", "other", "key"),
        [
            ("patients", "household", "homes", "household"),
            ("patients", "household", "kin", "household"),
            ("patients", "practice", "practices", "practice"),
            ("patients", "ward", "wards", "ward"),
            ("patients", "key_worker", "staff", "member"),
            ("clinics", "patient", "patients", "patient"),
            ("care", "patient", "patients", "patient"),
            ("care", "member", "staff", "member"),
            ("ward_staff", "member", "staff", "member"),
            ("ward_staff", "ward", "wards", "ward"),
            ("moves", "from_ward", "wards", "ward"),
            ("cohorts", "child", "patients", "patient"),
            ("cohorts", "user", "staff", "member"),
        ],
    )
    def test_every_reference_leads_to_one_row(
        self, world: Population, table: str, column: str, other: str, key: str
    ) -> None:
        """Nothing hangs in the air, and keys are unique."""
        missing = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {other})"  # noqa: S608
        _none(world, f"SELECT 1 FROM {table} WHERE {missing}")  # noqa: S608
        _none(world, f"SELECT {key} FROM {other} GROUP BY {key} HAVING count(*) > 1")  # noqa: S608

    def test_dates_are_in_the_order_of_life(self, world: Population) -> None:
        """Nobody is admitted before birth, or discharged before admission; nothing lies in the future."""
        _none(world, "SELECT 1 FROM patients WHERE admitted_on < date_of_birth OR discharged_on < admitted_on")
        _none(world, "SELECT 1 FROM patients WHERE died_on < admitted_on OR restricted_since < date_of_birth")
        for column in ("date_of_birth", "admitted_on", "discharged_on", "died_on", "restricted_since"):
            _none(world, f"SELECT 1 FROM patients WHERE {column} > $as_of")  # noqa: S608

    def test_the_status_says_what_the_columns_say(self, world: Population) -> None:
        """A ward has inpatients and those who come back; the others have none."""
        _none(world, "SELECT 1 FROM patients WHERE (ward IS NULL) <> (status IN ('closed', 'deceased'))")
        _none(world, "SELECT 1 FROM patients WHERE (died_on IS NOT NULL) <> (status = 'deceased')")
        _none(world, "SELECT 1 FROM patients WHERE restricted <> (restricted_since IS NOT NULL)")
        _none(world, "SELECT 1 FROM patients WHERE restricted <> (restricted_because IS NOT NULL)")

    def test_tokens_lead_to_their_owner_and_nothing_can_be_anybodys(self, world: Population) -> None:
        """Record numbers, house names, addresses for mail; postcodes and telephones that nobody has."""
        rows = world.query("""
            SELECT patient, household, record_number, house, postcode, telephone, email
            FROM patients JOIN homes USING (household) JOIN kin USING (household)""").to_pylist()
        assert len(rows) == world.children_count
        for row in rows[:2_000]:
            assert world.minter.read(row["record_number"]) == (TokenKind.RECORD, row["patient"])
            assert world.minter.read(row["house"].split()[0].lower()) == (TokenKind.PLACE, row["household"])
            assert world.minter.read(row["email"].partition("@")[0]) == (TokenKind.CONTACT, row["household"])
            assert canaries.is_canary_postcode(row["postcode"])
            assert canaries.is_drama_telephone(row["telephone"])
            assert canaries.is_reserved_address(row["email"])
        assert world.child_by_number(rows[5]["record_number"]) == rows[5]["patient"]

    def test_somebody_cares_for_every_restricted_patient(self, world: Population) -> None:
        """A control that the record can be read: never the patient, nor whom the patient hides from."""
        _none(world, "SELECT 1 FROM patients WHERE restricted AND patient NOT IN (SELECT patient FROM care)")
        _none(
            world,
            """
            SELECT 1 FROM care JOIN cohorts ON member = "user" AND patient = child
            WHERE cohort IN ('colleague', 'ex_partner')""",
        )


class TestCohorts:
    """Every trap is there, at every size."""

    def test_each_cohort_has_at_least_two_patients(self, world: Population) -> None:
        """Listed with the member of staff it is tied to, where there is one."""
        found = dict(_pairs(world, "SELECT cohort, count(*) FROM cohorts GROUP BY cohort"))
        assert set(found) == set(Cohort) - {Cohort.NONE}
        assert min(found.values()) >= 2
        tied = world.query('SELECT DISTINCT cohort FROM cohorts WHERE "user" IS NOT NULL').column(0).to_pylist()
        assert set(tied) == {"colleague", "ex_partner", "bank_nurse_off_shift"}
        _none(world, "SELECT child FROM cohorts GROUP BY child HAVING count(*) > 1")

    def test_those_tied_to_a_patient_work_on_the_ward(self, world: Population) -> None:
        """With an open account; the bank nurse has no shift, the others have."""
        _none(
            world,
            """
            SELECT 1 FROM cohorts JOIN patients ON patient = child
            WHERE "user" IS NOT NULL AND ("user", ward) NOT IN (SELECT (member, ward) FROM ward_staff)""",
        )
        _none(
            world,
            """
            SELECT 1 FROM cohorts JOIN staff ON member = "user"
            WHERE left_on IS NOT NULL OR suspended OR on_shift = (cohort = 'bank_nurse_off_shift')""",
        )

    def test_a_colleague_has_the_name_of_the_member_of_staff(self, world: Population) -> None:
        """And is restricted."""
        assert (
            _one(
                world,
                """
            SELECT count(*) FROM cohorts JOIN patients p ON patient = child JOIN staff s ON member = "user"
            WHERE cohort = 'colleague' AND p.given_name = s.given_name AND p.family_name = s.family_name
              AND restricted""",
            )
            >= 2
        )

    def test_a_restricted_patient_shares_home_and_ward_with_an_unrestricted_sibling(self, world: Population) -> None:
        """The hazard that the shape names, and nothing else."""
        pairs = world.query(world.shape.hazards["restricted-at-the-same-home"][2]).to_pylist()
        listed = dict(_pairs(world, "SELECT child, cohort FROM cohorts"))
        assert {(listed[row["child"]], listed[row["other"]]) for row in pairs} == {
            ("restricted_sibling", "unrestricted_sibling")
        }
        for row in pairs:
            one, other = (world.child_fields(row[key]) for key in ("child", "other"))
            assert [one[k] for k in ("family_name", "house", "ward")] == [
                other[k] for k in ("family_name", "house", "ward")
            ]

    def test_homonyms_agree_in_names_and_date_of_birth_and_live_apart(self, world: Population) -> None:
        """Only the record number and the home tell them apart."""
        pairs = _one(
            world,
            """
            SELECT count(*) FROM patients a JOIN patients b USING (given_name, family_name, date_of_birth, sex)
            JOIN cohorts x ON x.child = a.patient JOIN cohorts y ON y.child = b.patient
            WHERE x.cohort = 'homonym' AND y.cohort = 'namesake' AND a.household <> b.household""",
        )
        assert pairs >= 2

    def test_who_moved_today_came_from_another_ward(self, world: Population) -> None:
        """Somebody of the ward that was left still cares for the patient."""
        _none(world, "SELECT 1 FROM moves JOIN patients USING (patient) WHERE from_ward = to_ward OR ward <> to_ward")
        assert (
            _one(
                world,
                """
            SELECT count(DISTINCT moves.patient) FROM moves JOIN care USING (patient)
            JOIN ward_staff w ON w.member = care.member AND w.ward = from_ward""",
            )
            >= 2
        )

    def test_hostile_names_reach_the_table_unharmed(self, world: Population) -> None:
        """Quotes, markup, formulas, marks, direction, length."""
        names = _pairs(
            world,
            "SELECT given_name, family_name FROM cohorts, patients WHERE patient = child AND cohort = 'hostile_name'",
        )
        plan = _plan(SIZES[0])
        assert isinstance(plan, Hospital)
        assert sorted(names) == sorted(plan.setting.judgement.hostile_names)


def test_a_recipe_with_other_judgement_needs_no_other_code() -> None:
    """Four wards of one specialty, everybody restricted."""
    plan = _plan(SIZES[1])
    assert isinstance(plan, Hospital)
    judgement = plan.setting.judgement
    other = replace(
        judgement, specialties=judgement.specialties[:1], restricted=replace(judgement.restricted, number=10_000)
    )
    drawn = Hospital(replace(plan.setting, judgement=other)).part(1)["patients"]
    assert drawn["restricted"].to_pylist().count(True) == 200 - 15  # all but the cohorts that must not be


def _pairs(world: Population, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in world.query(sql).to_pylist()]
