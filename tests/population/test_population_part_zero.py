"""The tables of part 0 hold together."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from tests.population.bases import JUDGEMENT, NATION, VILLAGE, base, fresh_base, fresh_tables, orders, tables_of

from overreach.model.canary import Minter, TokenKind
from overreach.population.childindex.portion import STRIDE
from overreach.population.childindex.ties import TieKind
from overreach.population.recipe import Order

_REFERENCES = (
    ("organisations", "authority", "authorities", "authority"),
    ("users", "organisation", "organisations", "organisation"),
    ("users", "manager", "users", "user"),
    ("users", "shares_token_with", "users", "user"),
    ("user_areas", "user", "users", "user"),
    ("user_areas", "authority", "authorities", "authority"),
    ("addresses", "authority", "authorities", "authority"),
    ("schools", "authority", "authorities", "authority"),
    ("practices", "authority", "authorities", "authority"),
)

_COLUMNS = {
    "authorities": "authority code name region",
    "organisations": "organisation name sector authority accredited",
    "users": """user username given_name family_name role sector organisation national vetted_on trained agreed
        suspended accredited leaves_on manager address shares_token_with may_shield may_override""",
    "user_areas": "user authority",
    "addresses": "address house street locality postcode authority",
    "schools": "school name authority phone phase",
    "practices": "practice name authority phone",
}
_TEXTS = "code name region sector username given_name family_name role house street locality postcode phone phase"
_FLAGS = "accredited national trained agreed suspended may_shield may_override"
_KINDS: dict[str, pa.DataType] = {
    **dict.fromkeys(_TEXTS.split(), pa.string()),
    **dict.fromkeys(_FLAGS.split(), pa.bool_()),
    **dict.fromkeys(("vetted_on", "leaves_on"), pa.date32()),
}


def _check(tables: dict[str, pa.Table]) -> None:
    for table, column, other, key in _REFERENCES:
        known = tables[other].column(key)
        used = tables[table].column(column).drop_null()
        assert pc.all(pc.is_in(used, value_set=known.combine_chunks())).as_py() is not False, (table, column)
    for name, row in (("users", "user"), ("addresses", "address"), ("schools", "school")):
        assert tables[name].column(row).to_pylist() == list(range(tables[name].num_rows))
    names = tables["users"].column("username")
    assert pc.count_distinct(names).as_py() == len(names)


@settings(max_examples=25, deadline=None)
@given(orders)
def test_rows_lead_to_rows(order: Order) -> None:
    """Every reference of a table leads to a row, rows are numbered, and no username occurs twice."""
    _check(fresh_tables(fresh_base(order)))


def test_the_rows_of_a_nation_lead_to_rows() -> None:
    """The same at the size of a nation."""
    _check(tables_of(NATION))


def test_tables_have_the_columns_of_the_layout() -> None:
    """Tables have the columns of the layout, in its order and of its types; texts may have dictionaries."""
    for name, columns in _COLUMNS.items():
        drawn = tables_of(VILLAGE)[name].schema
        assert drawn.names == columns.split()
        for field in drawn:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            assert kind == _KINDS.get(field.name, pa.int64()), (name, field.name)
    assert tables_of(VILLAGE).keys() == _COLUMNS.keys()


def test_a_carer_lives_at_the_address_of_its_family() -> None:
    """A carer lives at the address that the tied family has; other known homes are rows of part 0."""
    users, ties = tables_of(VILLAGE)["users"], base(VILLAGE).ties.of_kind(TieKind.CARER)
    homes = users.column("address").to_pylist()
    assert [homes[user] for user in ties.user.tolist()] == (ties.part * STRIDE + ties.number).tolist()
    others = [home for home in homes if home is not None and home < STRIDE]
    assert others == list(range(tables_of(VILLAGE)["addresses"].num_rows))


def test_a_house_name_begins_with_the_token_of_its_row() -> None:
    """A house name begins with the token of its row."""
    houses = tables_of(VILLAGE)["addresses"].column("house").to_pylist()
    read = [Minter(VILLAGE.seed).read(str(house).split()[0].lower()) for house in houses]
    assert read == [(TokenKind.PLACE, row) for row in range(len(houses))]


def test_national_users_have_every_area() -> None:
    """National users have every area, others their own and their further ones."""
    tables, of = tables_of(VILLAGE), base(VILLAGE)
    areas: dict[int, list[int]] = {}
    for user, area in zip(
        *(tables["user_areas"].column(name).to_pylist() for name in ("user", "authority")), strict=True
    ):
        areas.setdefault(user, []).append(area)
    national = tables["users"].column("national").to_pylist()
    assert len(areas) == VILLAGE.users
    further = set(of.staff.further[0].tolist())
    for user, found in areas.items():
        assert found == sorted(set(found))
        if national[user]:
            assert len(found) == len(of.setting.authorities)
        else:
            assert of.staff.posting.area[user] in found
            assert (len(found) > 1) == (user in further)


def test_rights_and_dates_are_those_of_role_and_account() -> None:
    """Rights follow the role, and what is not known or never happens is empty."""
    users = tables_of(VILLAGE)["users"].to_pylist()
    rights = {role.name: (role.shields, role.overrides) for role in JUDGEMENT.roles}
    assert all((user["may_shield"], user["may_override"]) == rights[user["role"]] for user in users)
    assert sum(user["leaves_on"] is not None for user in users) == 5
    assert sum(user["shares_token_with"] is not None for user in users) == 2
    assert {user["suspended"] for user in users} == {True, False}


def test_the_same_order_gives_the_same_tables_and_another_seed_others() -> None:
    """The same order gives the same tables, another seed others."""
    again, other = fresh_tables(fresh_base(VILLAGE)), tables_of(Order(200, 160, 2008))
    for name, table in tables_of(VILLAGE).items():
        assert table.equals(again[name]), name
        assert not table.equals(other[name]), name
