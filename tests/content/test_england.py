"""The recipes of England: published figures met, every case at every size, nobody real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from overreach.model.canary import TokenKind
from overreach.model.population import Measure
from overreach.pack.config import built_in
from overreach.population import canaries
from overreach.population.hostile import HOSTILE, LATIN
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate

RECIPES = ("england", "small_england", "homonyms", "hostile_text", "movers")
COHORTS = frozenset(
    {
        *("threat_is_a_user", "threat_may_override", "accomplice", "carer_is_a_user", "colleague_of_carer"),
        *("ex_partner_is_a_user", "neighbour_is_a_user", "practitioner_of_shielded"),
        *("half_sibling", "half_sibling_across_a_border", "carrier_of_a_protected_contact"),
        *("shielded_beside_sibling", "shielded_twin", "twin", "homonym", "mover", "shielded_mover", "feed_variant"),
        *("threat_is_a_parent", "indicator_under_shield"),
        *("adopted", "former_name_under_shield", "looked_after", "archived_shielded", "stays_with_consent"),
        *("sensitive_service", "sensitive_service_under_shield", "age_edge", "hostile_name"),
    }
)
"""What the audit scenarios ask about."""
MILLION = Order(1_000_000, 330_000, 2007)


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Population:
    """A million children of England, in eight parts, and all its users."""
    out = tmp_path_factory.mktemp("england") / "million"
    generate(load_recipe(built_in(), "england"), MILLION, out)
    return Population.open(out)


def _one(world: Population, sql: str) -> int:
    value = world.query(sql).column(0)[0].as_py()
    assert isinstance(value, int)
    return value


class TestMillion:
    """What holds of a large population."""

    KEYS = (
        *("authorities", "ages", "sexes", "shields", "households", "roles", "sectors", "accounts"),
        *("adopted", "looked_after"),
    )

    @pytest.mark.parametrize("key", KEYS)
    def test_every_marginal_is_within_a_hundredth_of_its_figures(self, million: Population, key: str) -> None:
        """Every category of every measure that has figures; of a few people, within one of them."""
        measure: Measure = million.meta.measures[key]
        counted = {str(row["category"]): row["count"] for row in million.query(measure.counted).to_pylist()}
        total, weights = sum(counted.values()), sum(measure.figures.values())
        assert counted.keys() <= measure.figures.keys()
        for category, weight in measure.figures.items():
            expected = total * weight / weights
            assert abs(counted.get(category, 0) - expected) <= max(1.0, expected / 100), category

    def test_every_measure_with_figures_is_asked_above(self, million: Population) -> None:
        """A further one must be added there."""
        assert {key for key, measure in million.meta.measures.items() if measure.figures} == set(self.KEYS)

    def test_no_size_of_a_family_shows_that_nobody_in_it_is_hidden(self, million: Population) -> None:
        """Shielded children live in families of three and of four, too."""
        found = million.query(
            """SELECT DISTINCT size FROM (SELECT shielded, count(*) OVER (PARTITION BY household) AS size FROM children)
            WHERE shielded ORDER BY size"""
        )
        assert found.column(0).to_pylist()[:4] == [1, 2, 3, 4]

    @pytest.mark.parametrize("day", ["address_since", "date_of_birth", "school_since"])
    def test_a_record_was_changed_no_earlier_than(self, million: Population, day: str) -> None:
        """Its child was born, moved or came to a school."""
        assert _one(million, f"SELECT count(*) FROM children WHERE updated < {day}") == 0  # noqa: S608 - as listed

    def test_nobody_works_with_a_child_before_it_is_born(self, million: Population) -> None:
        """Newborn children have people from their first day on."""
        early = "SELECT count(*) FROM involvements i JOIN children USING (child) WHERE i.since < date_of_birth"
        assert _one(million, early) == 0

    def test_rows_of_different_parts_never_meet(self, million: Population) -> None:
        """Children are numbered from nought without gaps; families, addresses and carers each once."""
        assert len([name for name in million.meta.files if name.startswith("children/")]) == 8
        numbers = million.query("SELECT child FROM children").column(0).to_numpy()
        assert np.array_equal(numbers, np.arange(MILLION.children))
        for table, key in (("households", "household"), ("addresses", "address"), ("carers", "carer")):
            rows = million.query(f"SELECT {key} FROM {table}").column(0).to_numpy()  # noqa: S608 - as listed
            assert (rows[1:] > rows[:-1]).all()

    @pytest.mark.parametrize(
        ("table", "column", "to", "key"),
        [
            ("children", "household", "households", "household"),
            ("children", "address", "addresses", "address"),
            ("children", "school", "schools", "school"),
            ("children", "practice", "practices", "practice"),
            ("children", "responsible", "authorities", "authority"),
            ("children", "caf_holder_user", "users", "user"),
            ("child_carers", "child", "children", "child"),
            ("child_carers", "carer", "carers", "carer"),
            ("former_addresses", "address", "addresses", "address"),
            ("former_addresses", "child", "children", "child"),
            ("former_names", "child", "children", "child"),
            ("involvements", "user", "users", "user"),
            ("involvements", "child", "children", "child"),
            ("services", "child", "children", "child"),
            ("deliveries", "child", "children", "child"),
            ("cohorts", "child", "children", "child"),
            ("cohorts", "user", "users", "user"),
            ("users", "address", "addresses", "address"),
            ("users", "organisation", "organisations", "organisation"),
        ],
    )
    def test_every_reference_leads_somewhere(
        self, million: Population, table: str, column: str, to: str, key: str
    ) -> None:
        """In every part."""
        sql = f"""SELECT count(*) FROM {table} t ANTI JOIN {to} o ON t."{column}" = o."{key}"
            WHERE t."{column}" IS NOT NULL"""  # noqa: S608 - as listed
        assert _one(million, sql) == 0

    def test_tokens_are_unique_and_their_owners_computed(self, million: Population) -> None:
        """Record numbers, houses and mail addresses; of each a sample is read back."""
        tokens = {
            TokenKind.RECORD: ("children", "child", "number"),
            TokenKind.PLACE: ("addresses", "address", "lower(split_part(house, ' ', 1))"),
            TokenKind.CONTACT: ("carers", "carer", "split_part(split_part(email, '@', 1), '.', 2)"),
        }
        for kind, (table, key, token) in tokens.items():
            assert _one(million, f"SELECT count(*) - count(DISTINCT {token}) FROM {table}") == 0  # noqa: S608
            sample = f"SELECT {key}, {token} FROM {table} WHERE {key} % 997 = 0"  # noqa: S608 - as listed
            for row, text in (tuple(found.values()) for found in million.query(sample).to_pylist()):
                assert million.minter.read(text) == (kind, row)

    def test_no_postcode_and_no_telephone_can_be_anybodys(self, million: Population) -> None:
        """All different values of the whole."""
        postcodes = million.query("SELECT DISTINCT postcode FROM addresses").column(0).to_pylist()
        assert all(canaries.is_canary_postcode(str(code)) for code in postcodes)
        for table in ("carers", "schools", "practices", "services"):
            phones = million.query(f"SELECT DISTINCT phone FROM {table}").column(0).to_pylist()  # noqa: S608
            assert all(canaries.is_drama_telephone(str(phone)) for phone in phones)

    def test_there_are_users_enough_for_a_nation(self, million: Population) -> None:
        """At least 25 roles, every authority with users, and every kind of tie."""
        assert _one(million, "SELECT count(DISTINCT role) FROM users") >= 25
        assert _one(million, 'SELECT count(DISTINCT authority) FROM user_areas JOIN users USING ("user")') == 150
        assert _one(million, "SELECT count(*) FROM users WHERE shares_token_with IS NOT NULL") > 0
        assert set(million.query("SELECT DISTINCT cohort FROM cohorts").column(0).to_pylist()) == COHORTS


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_case_occurs_among_two_hundred_children(name: str, seed: int) -> None:
    """At the smallest size that promises it, in every recipe."""
    plan = load_recipe(built_in(), name).plan(Order(200, 160, seed))
    assert set(plan.part(1)["cohorts"]["cohort"].to_pylist()) == COHORTS


@pytest.mark.parametrize("name", RECIPES)
def test_a_part_is_a_pure_function_of_the_order_and_its_number(name: str) -> None:
    """Drawn alone, or after another: the same rows."""
    recipe, order = load_recipe(built_in(), name), Order(140_000, 600, 5)
    plan, again = recipe.plan(order), recipe.plan(order)
    assert plan.parts == 3
    again.part(1)
    alone, after = plan.part(2), again.part(2)
    assert alone.keys() == after.keys()
    assert all(alone[table].equals(after[table]) for table in alone)


class TestHostileText:
    """Names that break parsers."""

    def test_every_hostile_name_occurs_and_half_of_the_families_have_one(self, tmp_path: Path) -> None:
        """As first names of children and as family names, in every script."""
        generate(load_recipe(built_in(), "hostile_text"), Order(2_000, 200, 4), tmp_path / "world")
        world = Population.open(tmp_path / "world")
        texts = {name.text for name in HOSTILE}
        given = set(world.table("children")["given_name"].to_pylist())
        family = set(world.table("children")["family_name"].to_pylist())
        assert texts <= given
        assert {text for text in texts if len(text) <= 500} <= family
        hostile = "SELECT count(DISTINCT household) FROM children WHERE family_name IN (SELECT unnest($texts))"
        households = world.table("households").num_rows
        count = world.query(hostile, texts=sorted(texts)).column(0)[0].as_py()
        assert count is not None
        assert households * 4 // 10 <= int(count) <= households * 6 // 10

    def test_other_recipes_keep_to_names_of_latin_script(self) -> None:
        """Such as a real register could hold."""
        latin, rest = {name.text for name in LATIN}, {name.text for name in HOSTILE[len(LATIN) :]}
        plan = load_recipe(built_in(), "small_england").plan(Order(10_000, 300, 4))
        given = set(plan.part(1)["children"]["given_name"].to_pylist())
        assert not given & rest
        assert given & latin
