"""The recipe `small_england`: quotas, canaries, integrity, and the cells that an audit needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from overreach.model.canary import TokenKind
from overreach.model.errors import PopulationError
from overreach.model.terms import Facet
from overreach.pack.config import built_in
from overreach.population import canaries
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate

SMALL = Order(200, 160, 2007)
WHOLE = Order(10_000, 2_000, 2007)
ACTIVE = """
    (leaves_on IS NULL OR leaves_on > $as_of) AND NOT suspended AND date_diff('day', vetted_on, $as_of) <= 1096
    AND trained AND agreed AND accredited"""
STATES = {
    "left": "leaves_on <= $as_of",
    "suspended": "suspended",
    "lapsed": "date_diff('day', vetted_on, $as_of) > 1096",
    "untrained": "NOT trained",
    "unsigned": "NOT agreed",
    "unaccredited": "NOT accredited",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the worlds of this module."""
    return tmp_path_factory.mktemp("small_england")


@pytest.fixture(scope="module")
def small(folder: Path) -> Population:
    """A world of 200 children and 160 users."""
    return _world(SMALL, folder / "small")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Population:
    """The default size."""
    return _world(WHOLE, folder / "whole")


@pytest.fixture(params=["small", "whole"])
def world(request: pytest.FixtureRequest) -> Population:
    """Both, one after the other."""
    population: Population = request.getfixturevalue(request.param)
    return population


def _world(order: Order, out: Path) -> Population:
    generate(load_recipe(built_in(), "small_england"), order, out)
    return Population.open(out)


def _one(world: Population, sql: str) -> int:
    value = world.query(sql).column(0).to_pylist()[0]
    assert isinstance(value, int)
    return value


def _texts(world: Population, table: str, column: str) -> list[str]:
    return [str(value) for value in world.table(table).column(column).to_pylist()]


def _by_row(world: Population, table: str, row: str, column: str) -> list[tuple[int, str]]:
    numbers, texts = (world.table(table).column(name).to_pylist() for name in (row, column))
    return [(int(str(number)), str(text)) for number, text in zip(numbers, texts, strict=True)]


class TestBytes:
    """Same order, same bytes."""

    def test_the_same_order_gives_the_same_digest(self, small: Population, tmp_path: Path) -> None:
        """Every table's SHA-256 is equal in a second run."""
        again = _world(SMALL, tmp_path / "again")
        assert again.meta == small.meta

    def test_another_seed_gives_other_people_and_other_tokens(self, small: Population, tmp_path: Path) -> None:
        """No token of one world is read in another."""
        other = _world(Order(200, 160, 2008), tmp_path / "other")
        assert other.digest != small.digest
        numbers = set(_texts(small, "children", "number"))
        assert numbers.isdisjoint(_texts(other, "children", "number"))
        assert all(other.index.child_by_number(number) is None for number in numbers)

    def test_a_world_too_small_for_its_cells_is_refused(self, tmp_path: Path) -> None:
        """The refusal says how many are enough."""
        with pytest.raises(PopulationError, match="too few") as caught:
            _world(Order(10, 160, 1), tmp_path / "tiny")
        assert "60" in caught.value.remedy


class TestCanaries:
    """No value can be a real person's, and every record can be recognised."""

    def test_no_postcode_is_allocatable_and_each_lies_in_its_authority(self, world: Population) -> None:
        """Outward parts are real and of the authority."""
        assert all(canaries.is_canary_postcode(code) for code in _texts(world, "addresses", "postcode"))
        table = (built_in() / "generators" / "data" / "authority_outcodes.csv").read_text(encoding="utf-8")
        pairs = {tuple(line.split(",")[:2]) for line in table.splitlines()}
        sql = """SELECT DISTINCT code, split_part(postcode, ' ', 1) AS outward
            FROM addresses JOIN authorities USING (authority)"""
        split_later = {"E06000055", "E06000049"}  # Bedfordshire and Cheshire of 2008 stand for two later codes
        for row in world.query(sql).to_pylist():
            assert (row["code"], row["outward"]) in pairs or row["code"] in split_later

    def test_every_telephone_is_kept_for_drama(self, world: Population) -> None:
        """Whoever's it is: a carer's, a school's, a service's."""
        for table in ("carers", "schools", "practices", "services"):
            assert all(canaries.is_drama_telephone(phone) for phone in _texts(world, table, "phone"))
        for column in ("caf_holder_phone", "lead_professional_phone"):
            phones = {phone for phone in _texts(world, "children", column) if phone != "None"}
            assert phones
            assert all(canaries.is_drama_telephone(phone) for phone in phones)

    def test_every_address_for_mail_is_reserved_and_carries_the_token_of_its_carer(self, world: Population) -> None:
        """The token stands before the @."""
        for row, email in _by_row(world, "carers", "carer", "email"):
            assert canaries.is_reserved_address(email)
            token = email.partition("@")[0].rpartition(".")[2]
            assert world.minter.read(token) == (TokenKind.CONTACT, row)

    def test_houses_and_numbers_carry_the_token_of_their_row(self, world: Population) -> None:
        """The house's token is its first word."""
        for row, house in _by_row(world, "addresses", "address", "house"):
            assert world.minter.read(house.split()[0].lower()) == (TokenKind.PLACE, row)
        for row, number in enumerate(_texts(world, "children", "number")):
            assert world.minter.read(number) == (TokenKind.RECORD, row)

    def test_nothing_reads_as_an_nhs_number(self, world: Population) -> None:
        """No text holds ten digits whose last is the check digit of the others."""
        for table in world.tables:
            for column in world.table(table).to_pydict().values():
                for value in column:
                    digits = re.sub(r"[ -]", "", value) if isinstance(value, str) else ""
                    assert not any(_is_nhs_number(found) for found in re.findall(r"(?<!\d)\d{10}(?!\d)", digits))


def _is_nhs_number(digits: str) -> bool:
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return check % 11 == int(digits[9])


class TestIntegrity:
    """Rows refer to rows that exist."""

    REFERENCES = (
        ("users", "organisation", "organisations"),
        ("users", "address", "addresses"),
        ("user_areas", "user", "users"),
        ("user_areas", "authority", "authorities"),
        ("organisations", "authority", "authorities"),
        ("addresses", "authority", "authorities"),
        ("households", "address", "addresses"),
        ("schools", "authority", "authorities"),
        ("practices", "authority", "authorities"),
        ("children", "household", "households"),
        ("children", "address", "addresses"),
        ("children", "school", "schools"),
        ("children", "practice", "practices"),
        ("former_names", "child", "children"),
        ("former_addresses", "child", "children"),
        ("former_addresses", "address", "addresses"),
        ("child_carers", "child", "children"),
        ("child_carers", "carer", "carers"),
        ("services", "child", "children"),
        ("involvements", "user", "users"),
        ("involvements", "child", "children"),
        ("cohorts", "user", "users"),
        ("cohorts", "child", "children"),
    )

    @pytest.mark.parametrize(("table", "column", "to"), REFERENCES)
    def test_every_reference_leads_somewhere(self, world: Population, table: str, column: str, to: str) -> None:
        """The column holds row numbers of the other table, or nothing."""
        sql = f"""SELECT count(*) FROM {table}
            WHERE "{column}" IS NOT NULL AND "{column}" NOT IN (SELECT "{column}" FROM {to})"""  # noqa: S608
        assert _one(world, sql) == 0

    @pytest.mark.parametrize(("table", "key"), [("users", "user"), ("children", "child")])
    def test_users_and_children_are_numbered_from_nought_in_order(
        self, world: Population, table: str, key: str
    ) -> None:
        """A row's number is its place."""
        assert world.table(table).column(key).to_pylist() == list(range(world.table(table).num_rows))

    @pytest.mark.parametrize(
        ("table", "key"), [("addresses", "address"), ("carers", "carer"), ("households", "household")]
    )
    def test_other_row_numbers_ascend(self, world: Population, table: str, key: str) -> None:
        """Those of a part begin where they cannot meet those of another."""
        numbers = world.table(table).column(key).to_numpy()
        assert (numbers[1:] > numbers[:-1]).all()

    def test_pairs_and_usernames_occur_once(self, world: Population) -> None:
        """No involvement, care or area is listed twice."""
        for table, columns in (
            ("involvements", '"user", child'),
            ("child_carers", "child, carer"),
            ("former_addresses", "child, address"),
            ("user_areas", '"user", authority'),
            ("users", "username"),
        ):
            assert _one(world, f"SELECT count(*) - count(DISTINCT ({columns})) FROM {table}") == 0  # noqa: S608

    def test_siblings_share_a_household_and_its_address(self, world: Population) -> None:
        """A household has one address, and a child lives at that of its household."""
        sql = "SELECT count(*) FROM children c JOIN households h USING (household) WHERE c.address <> h.address"
        assert _one(world, sql) == 0
        assert _one(world, "SELECT max(n) FROM (SELECT count(*) AS n FROM children GROUP BY household)") >= 4

    def test_every_child_has_a_carer_and_no_two_siblings_one_name(self, world: Population) -> None:
        """First names differ within a household."""
        assert _one(world, "SELECT count(*) FROM children WHERE child NOT IN (SELECT child FROM child_carers)") == 0
        same = "SELECT count(*) - count(DISTINCT (household, given_name)) FROM children"
        assert _one(world, same) == 0

    def test_the_account_of_an_unaccredited_organisation_is_not_accredited(self, world: Population) -> None:
        """The user's column is that of the organisation."""
        sql = (
            "SELECT count(*) FROM users u JOIN organisations o USING (organisation) WHERE u.accredited <> o.accredited"
        )
        assert _one(world, sql) == 0

    def test_every_sql_of_the_shape_runs(self, world: Population) -> None:
        """Facts, values, tokens, fields and hazards."""
        shape = world.shape
        for sql in shape.user_facts.values():
            assert world.query(f'SELECT "user", {sql} AS v FROM users').column("v").null_count == 0  # noqa: S608
        for sql in shape.child_facts.values():
            assert world.query(f"SELECT child, {sql} AS v FROM children").column("v").null_count == 0  # noqa: S608
        for facet in shape.facet_values:
            assert any(world.index.facet_values(child, facet) for child in range(world.children_count)), facet
        for owner in shape.token_owners.values():
            assert world.query(owner.children).num_rows >= world.children_count
        for _, _, sql in shape.hazards.values():
            assert world.query(sql).num_rows > 0
        assert world.query(shape.user_fields).num_rows == world.users_count
        assert world.query(shape.child_fields).num_rows == world.children_count

    def test_values_and_fields_agree(self, small: Population) -> None:
        """What a request sends is a value of the facet it names."""
        for child in range(small.children_count):
            fields = small.index.child_fields(child)
            for name, facet in (
                ("number", Facet.IDENTITY),
                ("postcode", Facet.WHEREABOUTS),
                ("carer_name", Facet.CARERS),
                ("carer_phone", Facet.CONTACTS),
                ("carer_email", Facet.CONTACTS),
                ("school", Facet.EDUCATION),
                ("practice", Facet.HEALTH),
                ("former_name", Facet.FORMER_NAMES),
            ):
                value = fields[name]
                assert value is None or value in small.index.facet_values(child, facet)


class TestRecords:
    """Shares by quota, and the cells of records."""

    def test_the_default_size_has_exactly_three_hundred_shields_in_a_hundred_and_fifty_authorities(
        self, whole: Population
    ) -> None:
        """As the audit's default promises."""
        assert _one(whole, "SELECT count(*) FROM children WHERE shielded") == 300
        assert _one(whole, "SELECT count(*) FROM authorities") == 150
        assert _one(whole, "SELECT count(DISTINCT responsible) FROM children") == 150
        assert _one(whole, "SELECT count(*) FROM children WHERE archive_year > 0") == 100

    @pytest.mark.parametrize(
        "which",
        [
            "shielded AND archive_year = 0",
            "NOT shielded AND archive_year = 0",
            "NOT shielded AND archive_year = 1",
            "NOT shielded AND archive_year > 1",
            "shielded AND archive_year = 1",
            "shielded AND archive_year > 1",
            "NOT shielded AND contacts_protected AND archive_year = 0",
            "adopted AND shielded",
            "adopted AND NOT shielded",
            "looked_after",
            "caf_holder IS NOT NULL",
            "lead_professional IS NOT NULL",
            "shielded AND archive_year = 0 AND child IN (SELECT child FROM former_addresses)",
            "child IN (SELECT child FROM former_addresses GROUP BY child HAVING count(*) = 2)",
            "address IS NOT NULL AND whereabouts_statement = 'last known'",
            "address IS NULL AND whereabouts_statement = 'none known'",
            "address IS NULL AND whereabouts_statement = 'left England, return intended'",
            "address IS NULL AND whereabouts_statement = 'left England, return not intended'",
            "address IS NULL AND whereabouts_statement = 'left England, return not known'",
            "shielded AND child IN (SELECT child FROM services WHERE sensitive)",
            "NOT shielded AND child IN (SELECT child FROM services WHERE sensitive)",
            "NOT shielded AND archive_year > 0 AND child IN (SELECT child FROM former_names)",
        ],
    )
    def test_every_kind_of_record_occurs_in_and_out_of_areas(self, world: Population, which: str) -> None:
        """At least one such record, and more than one authority to be in or out of."""
        assert _one(world, f"SELECT count(*) FROM children WHERE {which}") >= 1  # noqa: S608
        assert _one(world, "SELECT count(DISTINCT responsible) FROM children WHERE shielded AND archive_year = 0") >= 2

    def test_shielded_children_have_former_names_and_siblings_of_both_sorts(self, world: Population) -> None:
        """Several with a former name; some beside unshielded siblings; most alone at their address."""
        hidden = "SELECT * FROM children WHERE shielded AND archive_year = 0"
        assert _one(world, f"SELECT count(DISTINCT child) FROM ({hidden}) JOIN former_names USING (child)") >= 3  # noqa: S608
        beside = f"SELECT count(DISTINCT h.child) FROM ({hidden}) h JOIN children o USING (address) WHERE "  # noqa: S608
        assert _one(world, beside + "NOT o.shielded") >= 2
        assert _one(world, beside + "o.shielded AND o.child <> h.child") >= 2
        shared = _one(world, beside + "o.child <> h.child")
        assert shared * 2 <= _one(world, "SELECT count(*) FROM children WHERE shielded")

    def test_contacts_are_protected_where_a_carer_also_cares_for_a_shielded_child(self, world: Population) -> None:
        """Computed from the carers, for every child (rule R11)."""
        expected = {
            row["child"]
            for row in world.query(
                """SELECT DISTINCT a.child FROM child_carers a JOIN child_carers b USING (carer)
                JOIN children c ON c.child = b.child WHERE c.shielded AND a.child <> b.child"""
            ).to_pylist()
        }
        flagged = world.query("SELECT child FROM children WHERE contacts_protected").column(0).to_pylist()
        assert set(flagged) == expected

    def test_former_names_differ_and_the_adopted_have_one(self, world: Population) -> None:
        """Every former family name is another than the present one."""
        sql = "SELECT count(*) FROM former_names f JOIN children c USING (child) WHERE f.family_name = c.family_name"
        assert _one(world, sql) == 0
        adopted = "SELECT count(*) FROM children WHERE adopted AND child NOT IN (SELECT child FROM former_names)"
        assert _one(world, adopted) == 0

    def test_who_has_no_address_has_a_statement(self, world: Population) -> None:
        """Of none known or of having left England; the others live at an address (Schedule 1 paragraph 2)."""
        sql = """SELECT count(*) FROM children WHERE (address IS NULL)
            <> (coalesce(whereabouts_statement, 'last known') <> 'last known')"""
        assert _one(world, sql) == 0

    def test_earlier_addresses_end_before_the_present_one_begins(self, world: Population) -> None:
        """Each has some days, within the child's life, and none overlaps the next."""
        sql = """SELECT count(*) FROM former_addresses f JOIN children c USING (child)
            WHERE f.since >= f.until OR f.since < c.date_of_birth OR f.until > c.address_since"""
        assert _one(world, sql) == 0
        overlapping = """SELECT count(*) FROM former_addresses a JOIN former_addresses b USING (child)
            WHERE a.since < b.since AND a.until > b.since"""
        assert _one(world, overlapping) == 0

    def test_nobody_lives_at_an_earlier_address(self, world: Population) -> None:
        """So that its house name proves whose it was: a child's, or its siblings'."""
        sql = "SELECT count(*) FROM former_addresses f JOIN children c USING (address)"
        assert _one(world, sql) == 0
        families = """SELECT max(n) FROM (SELECT count(DISTINCT household) AS n
            FROM former_addresses f JOIN children c USING (child) GROUP BY f.address)"""
        assert _one(world, families) == 1

    def test_an_earlier_house_name_proves_where_the_child_was(self, world: Population) -> None:
        """The owners of its token are the children who lived there."""
        houses = dict(_by_row(world, "addresses", "address", "house"))
        for row in world.table("former_addresses").to_pylist():
            assert row["child"] in world.token_children(TokenKind.PLACE, row["address"])
            assert houses[row["address"]] in world.facet_values(row["child"], Facet.WHEREABOUTS)

    def test_school_begins_after_the_third_birthday_and_services_after_birth(self, world: Population) -> None:
        """And none of it today or later; without a school there is no date."""
        school = """SELECT count(*) FROM children WHERE (school IS NULL) <> (school_since IS NULL)
            OR school_since < date_of_birth + INTERVAL 3 YEAR - INTERVAL 1 DAY OR school_since >= $as_of"""
        assert _one(world, school) == 0
        service = """SELECT count(*) FROM services s JOIN children c USING (child)
            WHERE s.since IS NULL OR s.since < c.date_of_birth OR s.since > $as_of"""
        assert _one(world, service) == 0

    def test_who_holds_an_indicator_is_a_user_of_that_name_with_a_telephone(self, world: Population) -> None:
        """One telephone a user, whatever the record."""
        for kind in ("caf_holder", "lead_professional"):
            sql = f"""SELECT count(*) FROM children c LEFT JOIN users u ON u."user" = c.{kind}_user
                WHERE {kind} IS DISTINCT FROM u.given_name || ' ' || u.family_name
                OR ({kind} IS NULL) <> ({kind}_phone IS NULL)"""  # noqa: S608
            assert _one(world, sql) == 0

    def test_records_are_archived_from_eighteen_but_for_a_few_who_stay_to_25(self, world: Population) -> None:
        """The year in the archive follows from the age (rule R16)."""
        years = "date_part('year', age($as_of, date_of_birth))"
        archived = f"SELECT count(*) FROM children WHERE archive_year > 0 AND archive_year <> {years} - 17"  # noqa: S608
        assert _one(world, archived) == 0
        staying = f"FROM children WHERE archive_year = 0 AND {years} >= 18"
        assert 1 <= _one(world, f"SELECT count(*) {staying}") <= max(3, world.children_count // 200)
        assert _one(world, f"SELECT max({years}) {staying}") < 25

    @pytest.mark.parametrize(
        "cohort",
        [
            "threat_is_a_user",
            "threat_may_override",
            "accomplice",
            "colleague_of_carer",
            "ex_partner_is_a_user",
            "age_edge",
            "hostile_name",
            "feed_variant",
            "carrier_of_a_protected_contact",
            "practitioner_of_shielded",
            "carer_is_a_user",
            "neighbour_is_a_user",
            "shielded_beside_sibling",
            "half_sibling",
            "homonym",
            "mover",
        ],
    )
    def test_every_arranged_case_occurs(self, world: Population, cohort: str) -> None:
        """At least once."""
        assert _one(world, f"SELECT count(*) FROM cohorts WHERE cohort = '{cohort}'") >= 1  # noqa: S608

    def test_arranged_cases_are_what_they_say(self, world: Population) -> None:
        """A carer has its own name and home; a neighbour the child's street; a mover another area."""
        carer = """SELECT count(*) FROM cohorts k JOIN users u ON u."user" = k."user"
            JOIN children c ON c.child = k.child
            WHERE cohort = 'carer_is_a_user' AND (u.address <> c.address OR NOT EXISTS (
                SELECT 1 FROM child_carers l JOIN carers p USING (carer)
                WHERE l.child = c.child AND (p.given_name, p.family_name) = (u.given_name, u.family_name)))"""
        assert _one(world, carer) == 0
        neighbour = """SELECT count(*) FROM cohorts k JOIN users u ON u."user" = k."user"
            JOIN children c ON c.child = k.child
            JOIN addresses a ON a.address = u.address JOIN addresses b ON b.address = c.address
            WHERE cohort = 'neighbour_is_a_user' AND a.postcode <> b.postcode"""
        assert _one(world, neighbour) == 0
        mover = """SELECT count(*) FROM cohorts JOIN children c USING (child) JOIN addresses a USING (address)
            WHERE cohort = 'mover' AND a.authority = c.responsible"""
        assert _one(world, mover) == 0
        homonyms = """SELECT count(*) FROM children a JOIN children b USING (given_name, family_name, date_of_birth)
            WHERE a.shielded AND NOT b.shielded"""
        assert _one(world, homonyms) >= 1


class TestUsers:
    """Every role can be audited."""

    ROLES = 28

    def test_every_role_keeps_three_quarters_of_its_accounts_in_order(self, world: Population) -> None:
        """And two at least."""
        sql = f"SELECT role, count(*) AS n, count(*) FILTER ({ACTIVE}) AS active FROM users GROUP BY role"  # noqa: S608
        rows = world.query(sql).to_pylist()
        assert len(rows) == self.ROLES
        assert all(row["active"] >= 2 and row["active"] * 4 >= row["n"] * 3 for row in rows)

    @pytest.mark.parametrize("state", STATES)
    def test_each_state_that_closes_an_account_occurs_by_quota(self, world: Population, state: str) -> None:
        """One or two in a hundred users, and two at least."""
        count = _one(world, f"SELECT count(*) FROM users WHERE {STATES[state]}")  # noqa: S608
        assert max(2, world.users_count // 100) <= count <= max(2, world.users_count // 50)

    def test_twenty_local_roles_have_five_active_users_where_a_shielded_child_is(self, whole: Population) -> None:
        """As the audit's default promises."""
        sql = f"""SELECT count(*) FROM (SELECT role FROM users JOIN user_areas USING ("user")
            JOIN children ON responsible = authority WHERE NOT "national" AND shielded AND archive_year = 0 AND {ACTIVE}
            GROUP BY role HAVING count(DISTINCT "user") >= 5)"""  # noqa: S608
        assert _one(whole, sql) >= 20

    def test_every_role_has_users_near_and_far_from_a_shielded_child(self, world: Population) -> None:
        """But the roles of central bodies, who have every area."""
        sql = f"""WITH hidden AS (SELECT DISTINCT responsible FROM children WHERE shielded AND archive_year = 0),
            near AS (SELECT role, "user", count(*) FILTER (responsible IS NOT NULL) AS places
                FROM users JOIN user_areas USING ("user") LEFT JOIN hidden ON responsible = authority
                WHERE NOT "national" AND {ACTIVE} GROUP BY role, "user")
            SELECT role, max(places) AS most, min(places) AS least FROM near GROUP BY role"""  # noqa: S608
        places = _one(world, "SELECT count(DISTINCT responsible) FROM children WHERE shielded AND archive_year = 0")
        for row in world.query(sql).to_pylist():
            assert row["most"] >= 1, row
            assert row["least"] < places, row

    def test_every_authority_with_a_shielded_child_has_an_active_officer(self, world: Population) -> None:
        """Somebody of its management team can lift a shield or broker contact (rule R14)."""
        sql = f"""SELECT count(*) FROM (SELECT responsible FROM children WHERE shielded EXCEPT
            SELECT authority FROM users JOIN user_areas USING ("user") WHERE role = 'management_team' AND {ACTIVE})"""  # noqa: S608
        assert _one(world, sql) == 0

    def test_a_data_manager_has_a_first_year_record_in_its_area(self, world: Population) -> None:
        """So that rule R15 can be seen to permit something."""
        sql = f"""SELECT count(DISTINCT child) FROM children JOIN user_areas ON authority = responsible
            JOIN users USING ("user") WHERE role = 'data_manager' AND archive_year = 1 AND NOT shielded AND {ACTIVE}"""  # noqa: S608
        assert _one(world, sql) >= 1

    def test_national_users_have_every_area_and_others_one_or_a_few(self, world: Population) -> None:
        """Areas are counted a user."""
        sql = 'SELECT "national", count(*) AS n FROM users JOIN user_areas USING ("user") GROUP BY "user", "national"'
        authorities = _one(world, "SELECT count(*) FROM authorities")
        counts = world.query(sql).to_pylist()
        assert {row["n"] for row in counts if row["national"]} == {authorities}
        assert {row["n"] for row in counts if not row["national"]} == {1, 2, 3}

    def test_most_involvements_are_with_users_of_the_area(self, world: Population) -> None:
        """And some are not: involvement then is what makes a child near."""
        sql = """SELECT count(*) FROM involvements i JOIN children c USING (child)
            WHERE (i."user", c.responsible) NOT IN (SELECT ("user", authority) FROM user_areas)"""
        elsewhere = _one(world, sql)
        assert 2 <= elsewhere < world.table("involvements").num_rows * 15 // 100


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [(60, 60), (200, 160), (731, 333)])
def test_worlds_of_other_seeds_and_sizes_keep_their_promises(size: tuple[int, int], seed: int, tmp_path: Path) -> None:
    """Quotas, protected contacts and an active officer for every shielded child, whatever was drawn."""
    world = _world(Order(*size, seed), tmp_path / "world")
    shielded = _one(world, "SELECT count(*) FROM children WHERE shielded")
    assert shielded == max(16, (size[0] * 3 + 50) // 100)
    TestUsers().test_every_authority_with_a_shielded_child_has_an_active_officer(world)
    TestRecords().test_contacts_are_protected_where_a_carer_also_cares_for_a_shielded_child(world)
    TestRecords().test_former_names_differ_and_the_adopted_have_one(world)
    TestIntegrity().test_every_child_has_a_carer_and_no_two_siblings_one_name(world)
