"""Real people, pair by pair: cedarpy decides with the areas and involvements that they have, not with stand-ins.

Nothing here looks at classes or relations as the columns know them: facts and sets are read from the population anew,
so that a mistake in either shows. At some thousand decisions a second it serves for comparing only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import cedarpy

from overreach.model.decision import Claims, Decision
from overreach.model.terms import Action, Facet
from overreach.policy.facts import People, read_facts
from overreach.policy.load import Policy
from overreach.policy.oracle import Question, ask, child_entity, reference, request, user_entity
from overreach.policy.rules import SYSTEM, USER, PolicyRule, understand
from overreach.policy.statements import Statement

Entity = dict[str, Any]

#: cedarpy's answers are kept as JSON: a batch bounds the memory of a large question.
_BATCH: Final = 5000
_ANYTHING: Final = "anything"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request about people of a population."""

    user: int
    """Row number."""
    child: int | None
    """Row number; None where nothing about a child is asked."""
    what: Facet | Action
    claims: Claims


@dataclass(frozen=True, slots=True)
class Entities:
    """Some people as Cedar has them; about others nothing can be asked."""

    users: Mapping[int, Entity]
    """Row number -> entity."""
    children: Mapping[int, Entity]
    """Row number -> entity."""

    @classmethod
    def read(cls, policy: Policy, people: People, users: Iterable[int], children: Iterable[int]) -> Entities:
        """Facts, areas and involvements of these rows; a child without an area has one that nobody else has."""
        of_users, of_children = sorted(set(users)), sorted(set(children))
        return cls(
            dict(zip(of_users, _users(policy, people, of_users), strict=True)),
            dict(zip(of_children, _children(policy, people, of_children), strict=True)),
        )

    def concerned(self, asked: Sequence[Asked]) -> list[Entity]:
        """Everybody whom some requests are about, and the system."""
        users = {one.user for one in asked}
        children = {one.child for one in asked if one.child is not None}
        system = {"uid": {"type": SYSTEM, "id": "0"}, "attrs": {}, "parents": []}
        return [system, *(self.users[user] for user in users), *(self.children[child] for child in children)]


def decide(policy: Policy, entities: Entities, asked: Iterable[Asked]) -> Iterator[Decision]:
    """The decisions, in order; PolicyError on any error of Cedar, NoDecision or entity outside the schema."""
    rest = iter(asked)
    while batch := list(islice(rest, _BATCH)):
        yield from ask(policy, entities.concerned(batch), [_request(policy, one) for one in batch])


def holding(
    policy: Policy, rules: Mapping[str, PolicyRule], entities: Entities, asked: Iterable[Asked]
) -> Iterator[frozenset[str]]:
    """Which record classes, or which invariants, apply to each request; `rules` are of one effect."""
    text = f'@id("{_ANYTHING}") permit (principal, action, resource);'
    anything, _ = understand(Statement("", 1, text))
    texts = [text, *(rule.text for rule in rules.values())]
    beside = replace(
        policy,
        rules={_ANYTHING: anything, **rules},
        handle=cedarpy.PolicySet.from_str("\n".join(texts)),
        names={f"policy{place}": name for place, name in enumerate([_ANYTHING, *rules])},
    )
    for decision in decide(beside, entities, asked):
        yield frozenset(decision.policies) - {_ANYTHING}


def _request(policy: Policy, one: Asked) -> dict[str, Any]:
    about: dict[str, object] | None = None if one.child is None else {}
    return request(policy, one.user, one.child or 0, Question({}, about, one.what, one.claims, (False, False)))


def _users(policy: Policy, people: People, rows: Sequence[int]) -> Iterator[Entity]:
    shape = people.shape
    name = shape.area_attribute[0]
    kind = policy.schema.sets.get(name, USER)
    held = _sets(people, shape.areas, '"user"', "area", rows)
    for row, facts in zip(rows, _facts(people, "users", shape.user_facts, rows), strict=True):
        entity = user_entity(row, facts)
        entity["attrs"][name] = [reference(kind, str(area)) for area in held[row] if area is not None]
        yield entity


def _children(policy: Policy, people: People, rows: Sequence[int]) -> Iterator[Entity]:
    shape = people.shape
    areas, name = shape.area_attribute
    kind = policy.schema.sets.get(areas, USER)
    involved = _sets(people, shape.involved, "child", '"user"', rows)
    named = {name: f'"{name}"', **shape.child_facts}
    for row, facts in zip(rows, _facts(people, "children", named, rows), strict=True):
        entity = child_entity(row, {key: value for key, value in facts.items() if key != name})
        entity["attrs"][name] = reference(kind, f"none of {row}" if facts[name] is None else str(facts[name]))
        entity["attrs"][shape.involved_attribute] = [reference(USER, str(user)) for user in involved[row]]
        yield entity


def _facts(people: People, table: str, facts: Mapping[str, str], rows: Sequence[int]) -> list[dict[str, object]]:
    if not rows:
        return []
    found: list[dict[str, object]] = read_facts(people, table, facts, list(facts), rows).to_pylist()
    return found


def _sets(people: People, sql: str, key: str, value: str, rows: Sequence[int]) -> dict[int, list[Any]]:
    """Row -> what the relation gives it, each once."""
    wanted = ", ".join(map(str, rows)) or "NULL"
    found = people.query(f"SELECT DISTINCT {key} AS key, {value} AS value FROM ({sql}) WHERE {key} IN ({wanted})")  # noqa: S608 - the recipe's own SQL
    sets: dict[int, list[Any]] = defaultdict(list)
    for row in found.to_pylist():
        sets[row["key"]].append(row["value"])
    return sets
