"""The second oracle under load: cedarpy decides again what the judge's table said of one answer."""

from __future__ import annotations

from typing import Any

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Facet, facets_of
from overreach.policy.facts import read_facts
from overreach.policy.oracle import Oracle, Question
from overreach.probe.session import Bench


class SecondOracle:
    """Decides every facet of a pair by cedarpy and compares it with the judge's table."""

    def __init__(self, bench: Bench) -> None:
        shape = bench.population.shape
        self._bench = bench
        self._oracle = Oracle(bench.policy, shape.area_attribute, shape.involved_attribute)

    def check(self, user: int, child: int, claims: Claims) -> None:
        """PolicyError where the two differ on any facet of the pair at these claims."""
        bench = self._bench
        shape = bench.population.shape
        principal = self._facts("users", dict(shape.user_facts), user)
        resource = self._facts("children", dict(shape.child_facts), child)
        relation = bench.grid.relation(user, child)
        questions = [Question(principal, resource, facet, claims, relation) for facet in Facet]
        decisions = self._oracle.decide_all(questions)
        again = sum(facet.bit for facet, decision in zip(Facet, decisions, strict=True) if decision.allowed)
        table = bench.grid.facets(user, child, claims)
        if table != again:
            role = bench.population.user_fields(user)["role"]
            words = ", ".join(facet.value for facet in facets_of(table ^ again))
            message = f"two readings of the policy differ on {words} for a `{role}` at {claims}"
            raise PolicyError(message, "this is a defect of Overreach: nothing it says of this policy can be trusted")

    def _facts(self, table: str, facts: dict[str, str], row: int) -> dict[str, Any]:
        values: dict[str, Any] = read_facts(self._bench.population, table, facts, list(facts), [row]).to_pylist()[0]
        return values
