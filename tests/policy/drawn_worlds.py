"""Whole populations over the schema of drawn policies, so small that every pair can be asked of everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import strategies as st
from tests.policy.drawn_people import SHAPE
from tests.policy.drawn_policies import CHILD_VALUES, CLAIMS, USER_VALUES

from overreach.model.decision import RungContext
from overreach.model.terms import Rung
from overreach.policy.expression import Entity
from overreach.policy.prove_request import Value
from overreach.policy.prove_witness import Witness

_SHAPE = replace(
    SHAPE,
    user_facts={name: f'"{name}"' for name in USER_VALUES},
    child_facts={name: f'"{name}"' for name in ("area", *CHILD_VALUES)},
    area_attribute=("areas", "area"),
    areas='SELECT "user", area FROM user_areas',
    hazards={},
)
_Columns = list[tuple[str, pa.DataType]]
_AREAS = ("north", "south")


@dataclass(frozen=True, slots=True)
class World:
    """People as plain rows; `people` gives them as a population."""

    users: tuple[tuple[Any, ...], ...]
    """Values of `USER_VALUES`."""
    areas: tuple[frozenset[str], ...]
    """User -> areas."""
    children: tuple[tuple[Any, ...], ...]
    """The area, then values of `CHILD_VALUES`."""
    involved: frozenset[tuple[int, int]]
    """(user, child)."""

    def people(self) -> WorldPeople:
        """The population that policy and reach read."""
        return WorldPeople(self)

    def with_witness(self, witness: Witness) -> World:
        """One user and one child more, who are as a witness says."""
        near, involved = witness.relation
        user = tuple(_plain(witness.user, name) for name in USER_VALUES)
        child = witness.child or {}
        area = str(_plain(child, "area") or "nowhere")
        facts = tuple(_plain(child, name) if child else values[-1] for name, values in CHILD_VALUES.items())
        more = {(len(self.users), len(self.children))} if involved else set()
        return World(
            (*self.users, user),
            (*self.areas, frozenset({area} if near else ())),
            (*self.children, (area, *facts)),
            self.involved | more,
        )


class WorldPeople:
    """A world behind the interface of a population."""

    def __init__(self, world: World) -> None:
        self.shape = _SHAPE
        self.users_count = len(world.users)
        self.children_count = len(world.children)
        self._database = duckdb.connect(":memory:")
        areas = [(user, area) for user, held in enumerate(world.areas) for area in sorted(held)]
        self._register("users", [("user", pa.int64()), *_columns(USER_VALUES)], _numbered(world.users))
        columns: _Columns = [("child", pa.int64()), ("area", pa.string()), *_columns(CHILD_VALUES)]
        self._register("children", columns, _numbered(world.children))
        self._register("user_areas", [("user", pa.int64()), ("area", pa.string())], areas)
        self._register("involvements", [("user", pa.int64()), ("child", pa.int64())], sorted(world.involved))

    def query(self, sql: str) -> pa.Table:
        """Rows of a query over the tables."""
        rows: pa.Table = self._database.sql(sql).to_arrow_table()
        return rows

    def _register(self, name: str, columns: _Columns, rows: list[tuple[Any, ...]]) -> None:
        arrays = {column: pa.array([row[n] for row in rows], kind) for n, (column, kind) in enumerate(columns)}
        self._database.register(name, pa.table(arrays))


def _columns(values: Mapping[str, tuple[Any, ...]]) -> _Columns:
    kinds: dict[type, pa.DataType] = {bool: pa.bool_(), int: pa.int64(), str: pa.string()}
    return [(name, kinds[type(some[-1])]) for name, some in values.items()]


def _numbered(rows: tuple[tuple[Any, ...], ...]) -> list[tuple[Any, ...]]:
    return [(number, *row) for number, row in enumerate(rows)]


def _plain(facts: Mapping[str, Value], name: str) -> bool | int | str | None:
    value = facts.get(name)
    return value.id if isinstance(value, Entity) else value


def _rows(values: Mapping[str, tuple[Any, ...]]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(*(st.sampled_from(some) for some in values.values()))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to five users and six children, in two areas or none, each child involved with some."""
    users = draw(st.lists(_rows(USER_VALUES), min_size=1, max_size=5))
    children = draw(st.lists(st.tuples(st.sampled_from(_AREAS), _rows(CHILD_VALUES)), max_size=6))
    areas = draw(st.tuples(*(st.frozensets(st.sampled_from(_AREAS)) for _ in users)))
    pairs = st.tuples(st.integers(0, len(users) - 1), st.integers(0, max(len(children) - 1, 0)))
    involved = draw(st.frozensets(pairs, max_size=8)) if children else frozenset()
    return World(tuple(users), areas, tuple((area, *facts) for area, facts in children), involved)


_RUNGS = (Rung.OPEN, Rung.DECLARED, Rung.OVERRIDE, Rung.GRANTED)
CONTEXTS = st.lists(
    st.builds(RungContext, st.sampled_from(_RUNGS), st.sampled_from(CLAIMS)), min_size=1, max_size=4, unique=True
).map(lambda drawn: tuple(sorted(drawn, key=lambda context: context.rung.height)))
"""Ascending; a rung may have several sets of claims, or none."""
