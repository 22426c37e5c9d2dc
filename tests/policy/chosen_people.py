"""Some people of a population as a population of their own: exactly these users and children, and what links them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb
import pyarrow as pa

from overreach.policy.facts import People, read_facts

_AREAS = 'SELECT u.new AS "user", area FROM all_areas a JOIN user_number u ON a."user" = u.old'
_INVOLVED = """
SELECT u.new AS "user", c.new AS child
FROM all_involved a JOIN user_number u ON a."user" = u.old JOIN child_number c ON a.child = c.old"""


class ChosenPeople:
    """The chosen users and children, numbered anew in the order given; each with all facts and areas."""

    def __init__(self, people: People, users: Sequence[int], children: Sequence[int]) -> None:
        shape = people.shape
        area = shape.area_attribute[1]
        of_child = {area: f'"{area}"', **shape.child_facts}
        self.users_count = len(users)
        self.children_count = len(children)
        self.shape = replace(
            shape,
            users="SELECT * FROM users",
            children="SELECT * FROM children",
            user_facts=_by_name(shape.user_facts),
            child_facts=_by_name(of_child),
            areas=_AREAS,
            involved=_INVOLVED,
        )
        self._database = duckdb.connect(":memory:")
        self._register(
            "users",
            _facts(people, "users", shape.user_facts, users).append_column(
                "user", pa.chunked_array([_new(users)], pa.int64())
            ),
        )
        self._register(
            "children",
            _facts(people, "children", of_child, children).append_column(
                "child", pa.chunked_array([_new(children)], pa.int64())
            ),
        )
        self._register("user_number", pa.table({"old": list(users), "new": _new(users)}))
        self._register("child_number", pa.table({"old": list(children), "new": _new(children)}))
        self._register("all_areas", _some(people, shape.areas, '"user"', users))
        self._register("all_involved", _some(people, shape.involved, '"user"', users))

    def query(self, sql: str) -> pa.Table:
        """Rows of a query over the tables."""
        rows: pa.Table = self._database.sql(sql).to_arrow_table()
        return rows

    def _register(self, name: str, table: pa.Table) -> None:
        self._database.register(name, table)


def _facts(people: People, table: str, facts: Mapping[str, str], rows: Sequence[int]) -> pa.Table:
    """Facts in the order of the rows given."""
    found = read_facts(people, table, facts, list(facts), rows)
    place = {row: number for number, row in enumerate(sorted(rows))}
    return found.take(pa.array([place[row] for row in rows]))


def _some(people: People, sql: str, key: str, rows: Sequence[int]) -> pa.Table:
    return people.query(f"SELECT * FROM ({sql}) WHERE {key} IN ({', '.join(map(str, rows))})")  # noqa: S608 - the recipe's own SQL


def _by_name(facts: Mapping[str, str]) -> dict[str, str]:
    return {name: f'"{name}"' for name in facts}


def _new(rows: Sequence[int]) -> list[int]:
    return list(range(len(rows)))
