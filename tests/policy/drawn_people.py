"""Small drawn populations behind the interface that policy and reach read."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from overreach.model.decision import Claims, RungContext
from overreach.model.population import Shape
from overreach.model.terms import Rung
from overreach.policy.oracle import child_entity, user_entity

ROLES = (
    "head_teacher",
    "school_administrator",
    "senco",
    "education_welfare_officer",
    "educational_psychologist",
    "early_years_worker",
    "general_practitioner",
    "practice_administrator",
    "practice_nurse",
    "health_visitor",
    "school_nurse",
    "midwife",
    "camhs_practitioner",
    "social_worker",
    "child_protection_worker",
    "family_support_worker",
    "connexions_adviser",
    "youth_offending_worker",
    "police_child_protection_officer",
    "police_employee",
    "probation_officer",
    "fire_strategy_officer",
    "national_partner_worker",
    "management_team",
    "data_manager",
    "central_team",
    "system_supplier",
    "helpdesk_mediator",
)

ACCOUNT = ("left", "suspended", "vetted", "trained", "agreed", "accredited")
GOOD = {
    "left": False,
    "suspended": False,
    "vetted": True,
    "trained": True,
    "agreed": True,
    "accredited": True,
}
FLAGS = ("shielded", "contacts_protected", "adopted", "looked_after", "sensitive_service")

PACK = Path(__file__).resolve().parents[2] / "scenarios"
SWITCHES = {"G1": "no", "G2": "no", "G3": "declared"}
RUNGS = (
    RungContext(Rung.OPEN, Claims()),
    RungContext(Rung.DECLARED, Claims("welfare")),
    RungContext(Rung.DECLARED, Claims("section_47")),
    RungContext(Rung.OVERRIDE, Claims("child_protection", override=True)),
    RungContext(Rung.GRANTED, Claims("child_protection", approvals=1)),
)

_SIBLINGS = """
SELECT a.child AS child, b.child AS other FROM children a JOIN children b USING (household)
WHERE a.shielded AND NOT b.shielded"""

SHAPE = Shape(
    user_facts={"role": "role", **{name: f'"{name}"' for name in ACCOUNT}},
    child_facts={**{name: name for name in FLAGS}, "archive_year": "archive_year"},
    areas='SELECT "user", authority AS area FROM user_areas',
    area_attribute=("areas", "responsible"),
    involved='SELECT "user", child FROM involvements',
    involved_attribute="involved",
    facet_values={},
    token_owners={},
    user_fields="",
    child_fields="",
    hazards={"sibling": ("a shielded child has an unshielded sibling at the same address", "R10", _SIBLINGS)},
)


class DrawnPeople:
    """Users and children drawn at random from a seed; `areas` areas, a few percent of exceptions of each kind."""

    def __init__(self, users: int, children: int, areas: int, seed: int, *, odd: float = 0.15) -> None:
        self.shape = SHAPE
        self.users_count = users
        self.children_count = children
        draw = random.Random(seed)  # noqa: S311 - a reproducible world, nothing secret
        self.users = [self._user(draw, number, odd) for number in range(users)]
        self.children = [self._child(draw, number, areas, odd) for number in range(children)]
        self.user_areas = sorted(
            {(user, draw.randrange(areas)) for user in range(users) for _ in range(draw.choice((1, 1, 2)))}
        )
        self.involvements = sorted(
            {(draw.randrange(users), draw.randrange(children)) for _ in range(users * 3)} if children else set()
        )
        self._database = duckdb.connect(":memory:")
        for name, rows, columns in (
            ("users", self.users, ("user", "role", *ACCOUNT)),
            ("children", self.children, ("child", "responsible", "household", *FLAGS, "archive_year")),
            ("user_areas", self.user_areas, ("user", "authority")),
            ("involvements", self.involvements, ("user", "child")),
        ):
            self._register(name, rows, columns)

    def query(self, sql: str) -> pa.Table:
        """Rows of a query over the tables."""
        rows: pa.Table = self._database.sql(sql).to_arrow_table()
        return rows

    def user_facts(self, user: int) -> dict[str, Any]:
        """Facts of a user, areas left out."""
        return dict(zip(("role", *ACCOUNT), self.users[user][1:], strict=True))

    def child_facts(self, child: int) -> dict[str, Any]:
        """Facts of a child, area and involvements left out."""
        return dict(zip((*FLAGS, "archive_year"), self.children[child][3:], strict=True))

    def entities(self) -> list[dict[str, Any]]:
        """Everybody as Cedar entities with their real areas and involvements."""
        areas: dict[int, list[Any]] = {user: [] for user in range(self.users_count)}
        involved: dict[int, list[Any]] = {child: [] for child in range(self.children_count)}
        for user, area in self.user_areas:
            areas[user].append({"__entity": {"type": "Authority", "id": str(area)}})
        for user, child in self.involvements:
            involved[child].append({"__entity": {"type": "User", "id": str(user)}})
        found = []
        for user in range(self.users_count):
            found.append(user_entity(user, self.user_facts(user)))
            found[-1]["attrs"]["areas"] = areas[user]
        for child in range(self.children_count):
            found.append(child_entity(child, self.child_facts(child)))
            responsible = {"__entity": {"type": "Authority", "id": str(self.children[child][1])}}
            found[-1]["attrs"] |= {"responsible": responsible, "involved": involved[child]}
        return found

    def replace_role(self, user: int, role: str) -> None:
        """Give a user another role."""
        self.users[user] = (user, role, *self.users[user][2:])
        self._register("users", self.users, ("user", "role", *ACCOUNT))

    def rename_sets(self, area: tuple[str, str], involved: str) -> None:
        """Call the sets of the relations by other names."""
        self.shape = replace(self.shape, area_attribute=area, involved_attribute=involved)

    def _register(self, name: str, rows: list[Any], columns: tuple[str, ...]) -> None:
        table = {}
        for place, column in enumerate(columns):
            values = [row[place] for row in rows]
            table[column] = pa.array(np.array(values)) if values else pa.array([], pa.int64())
        self._database.register(name, pa.table(table))

    def _user(self, draw: random.Random, number: int, odd: float) -> tuple[Any, ...]:
        account = dict(GOOD)
        if draw.random() < odd:
            name = draw.choice(ACCOUNT)
            account[name] = not account[name]
        return (number, draw.choice(ROLES), *(account[name] for name in ACCOUNT))

    def _child(self, draw: random.Random, number: int, areas: int, odd: float) -> tuple[Any, ...]:
        flags = tuple(draw.random() < odd for _ in FLAGS)
        year = draw.randrange(1, 7) if draw.random() < odd else 0
        return (number, draw.randrange(areas), draw.randrange(max(areas * 3, 1)), *flags, year)


FEW_PEOPLE = st.builds(
    DrawnPeople,
    users=st.integers(1, 9),
    children=st.integers(0, 14),
    areas=st.integers(1, 4),
    seed=st.integers(0, 10_000),
    odd=st.sampled_from([0.0, 0.2, 0.5]),
)
"""So few that every pair can be gone through."""
