"""A lending library with a policy of its own: users are staff, and children are readers of any age.

It has what strategies look for and children's records have not: facts that turn with the date, and no sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from overreach.model.canary import Minter, TokenKind
from overreach.model.population import Measure, Shape, TokenOwner
from overreach.model.terms import Action, Facet
from overreach.policy.load import Policy
from overreach.population.people import People
from overreach.population.recipe import Order, Recipe, Tables
from overreach.population.store import Population
from overreach.population.writing import generate

AS_OF = date(2009, 5, 18)
SHELF = 8
"""Readers in a part."""

SHAPE = Shape(
    user_facts={"role": "post", "engaged": "ends_on IS NULL OR ends_on > $as_of"},
    child_facts={"branch": "branch", "debtor": "debtor", "card_valid": "valid_until >= $as_of", "colour": "colour"},
    areas='SELECT "user", branch AS area FROM users WHERE branch IS NOT NULL',
    area_attribute=("branches", "branch"),
    involved='SELECT "user", child FROM loans',
    involved_attribute="served_by",
    facet_values={Facet.IDENTITY: "SELECT child, unnest([name, card]) AS value FROM children"},
    token_owners={TokenKind.RECORD: TokenOwner(Facet.IDENTITY, 'SELECT child AS "row", child FROM children')},
    user_fields='SELECT "user", post AS role, floor AS sector FROM users ORDER BY "user"',
    child_fields="SELECT child, card AS number, name, nickname FROM children ORDER BY child",
    hazards={},
)

_ACTIONS = ", ".join(f'"{facet}"' for facet in Facet)

SCHEMA = f"""
entity Role enum ["desk", "archive", "manager"];
entity Authority;
type Claims = {{ reason?: String, override: Bool, approvals: Long }};
entity User {{ role: Role, engaged: Bool, branches: Set<Authority> }};
entity Child {{ branch: Authority, served_by: Set<User>, debtor: Bool, card_valid: Bool, colour: String }};
entity System;
action {_ACTIONS}, "{Action.OVERRIDE}", "{Action.MERGE}"
  appliesTo {{ principal: User, resource: Child, context: Claims }};
action "{Action.DECLARE}", "{Action.EXPORT}"
  appliesTo {{ principal: User, resource: System, context: Claims }};
"""

POLICY = """
@id("near") permit (principal, action in [Action::"existence", Action::"identity"], resource)
when { principal.branches.contains(resource.branch) || resource.served_by.contains(principal) };
@id("open") permit (principal, action == Action::"contacts", resource)
when { principal.role == Role::"manager" && context has reason && context.reason == "overdue" };
@id("glass") permit (principal, action == Action::"override", resource) when { context has reason };
@id("state") permit (principal, action == Action::"declare", resource);
@id("take away") permit (principal, action == Action::"export", resource) when { principal.role == Role::"manager" };
@id("gone") forbid (principal, action, resource) unless { principal.engaged };
@id("lapsed") forbid (principal, action in [Action::"identity", Action::"contacts"], resource)
when { !resource.card_valid && !resource.debtor };
"""


@dataclass(frozen=True, slots=True)
class Lending:
    """Staff and loans in part 0, then readers, a shelf of them in each part."""

    order: Order
    cohorts: bool = True
    """Whether it lists cohorts."""

    @property
    def as_of(self) -> date:
        """The day."""
        return AS_OF

    @property
    def parts(self) -> int:
        """The staff and the shelves."""
        return 1 + -(-self.order.children // SHELF)

    @property
    def measures(self) -> Mapping[str, Measure]:
        """None."""
        return {}

    def part(self, number: int) -> Tables:
        """Staff, or a shelf."""
        if number == 0:
            return self._staff()
        minter, first = Minter(self.order.seed), SHELF * (number - 1)
        rows = range(first, min(first + SHELF, self.order.children))
        columns: dict[str, Any] = {
            "child": pa.array(rows, pa.int64()),
            "name": ["Ann" if row % 2 else "Bob" for row in rows],
            "nickname": pa.array([None if row % 5 else f"Nick {row}" for row in rows], pa.string()),
            "card": [minter.mint(TokenKind.RECORD, row) for row in rows],
            "branch": pa.array([None if row % 11 == 10 else row % 3 for row in rows], pa.int64()),
            "debtor": [row % 7 == 3 for row in rows],
            "colour": ["red" if row % 4 == 0 else "green" for row in rows],
            # Every ninth card is valid until the very day, and from row 30 on all of them ran out long ago.
            "valid_until": pa.array(
                [AS_OF if row % 9 == 4 else date(2020 if row < 30 else 2000, 1, 31) for row in rows], pa.date32()
            ),
        }
        return {"children": pa.table(columns)}

    def _staff(self) -> Tables:
        rows = range(self.order.users)
        users: dict[str, Any] = {
            "user": pa.array(rows, pa.int64()),
            "post": [("desk", "desk", "manager", "archive")[row % 4] for row in rows],
            "floor": ["ground" if row % 2 else "first" for row in rows],
            "branch": pa.array([None if row % 6 == 5 else row % 3 for row in rows], pa.int64()),
            "ends_on": pa.array(
                [AS_OF if row % 10 == 8 else date(2009, 5, 19) if row % 10 == 9 else None for row in rows], pa.date32()
            ),
        }
        lent = [(row, (row * 5 + step) % self.order.children) for row in rows for step in range(row % 3)]
        loans = {
            "user": pa.array([u for u, _ in lent], pa.int64()),
            "child": pa.array([c for _, c in lent], pa.int64()),
        }
        named = [("family", 0, 6), ("family", 1, 7), ("quarrel", None, 2), ("quarrel", None, 12), ("new", 4, None)]
        cohorts = {
            "cohort": [name for name, _, _ in named],
            "user": pa.array([user for _, user, _ in named], pa.int64()),
            "child": pa.array([child for _, _, child in named], pa.int64()),
        }
        tables = {"users": pa.table(users), "loans": pa.table(loans)}
        return {**tables, "cohorts": pa.table(cohorts)} if self.cohorts else tables


def lending_policy(folder: Path) -> Policy:
    """The library's policy, written to a folder and read from it."""
    folder.mkdir(exist_ok=True)
    texts = {"policy.cedarschema": SCHEMA, "policy.cedar": POLICY, "classes.cedar": "", "invariants.cedar": ""}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Policy.load(folder, {})


def lending_people(folder: Path, children: int = 60, users: int = 24, *, cohorts: bool = True) -> People:
    """A library of that size with its policy decided."""
    recipe = Recipe("lending", lambda order: Lending(order, cohorts), SHAPE)
    generate(recipe, Order(children, users, 7), folder / "population")
    return People.of(Population.open(folder / "population"), lending_policy(folder / "policy"))
