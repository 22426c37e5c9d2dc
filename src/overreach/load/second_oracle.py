"""The second oracle under load: cedarpy decides again what the judge's table said of some answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Facet, facets_of
from overreach.policy.facts import read_facts
from overreach.policy.oracle import Oracle, Question
from overreach.probe.session import Bench

TOGETHER = 16
"""Answers whose facts are read at once: a query takes as long for one as for many, and nobody works meanwhile."""


class SecondOracle:
    """Decides every facet of a pair by cedarpy and compares it with the judge's table."""

    def __init__(self, bench: Bench) -> None:
        shape = bench.population.shape
        self._bench = bench
        self._oracle = Oracle(bench.policy, shape.area_attribute, shape.involved_attribute)
        self._waiting: list[_Pair] = []
        self.taken = 0
        """Answers that were taken to be decided again."""

    def take(self, user: int, child: int, claims: Claims) -> int:
        """Take an answer; the number of those decided now. PolicyError where the two differ on any facet of one."""
        self._waiting.append(_Pair(user, child, claims))
        self.taken += 1
        return self.decide() if len(self._waiting) >= TOGETHER else 0

    def decide(self) -> int:
        """Decide all that wait, and say how many they were; PolicyError as above."""
        pairs, self._waiting = self._waiting, []
        if not pairs:
            return 0
        shape = self._bench.population.shape
        users = self._facts("users", dict(shape.user_facts), {pair.user for pair in pairs})
        children = self._facts("children", dict(shape.child_facts), {pair.child for pair in pairs})
        for pair in pairs:
            self._compare(pair, users[pair.user], children[pair.child])
        return len(pairs)

    def _compare(self, pair: _Pair, principal: Mapping[str, Any], resource: Mapping[str, Any]) -> None:
        bench = self._bench
        relation = bench.grid.relation(pair.user, pair.child)
        questions = [Question(principal, resource, facet, pair.claims, relation) for facet in Facet]
        decisions = self._oracle.decide_all(questions)
        again = sum(facet.bit for facet, decision in zip(Facet, decisions, strict=True) if decision.allowed)
        table = bench.grid.facets(*pair)
        if table != again:
            role = bench.population.user_fields(pair.user)["role"]
            words = ", ".join(facet.value for facet in facets_of(table ^ again))
            message = f"two readings of the policy differ on {words} for a `{role}` at {pair.claims}"
            raise PolicyError(message, "this is a defect of Overreach: nothing it says of this policy can be trusted")

    def _facts(self, table: str, facts: dict[str, str], rows: Collection[int]) -> dict[int, dict[str, Any]]:
        """Row number -> its facts."""
        found = read_facts(self._bench.population, table, facts, list(facts), sorted(rows)).to_pylist()
        return dict(zip(sorted(rows), found, strict=True))


class _Pair(NamedTuple):
    user: int
    child: int
    claims: Claims
