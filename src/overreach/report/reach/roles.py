"""The roles of a population: the rows of every matrix."""

from __future__ import annotations

from overreach.model.review import RoleSummary
from overreach.policy.facts import People
from overreach.policy.load import Policy


def role_summaries(population: People, policy: Policy) -> tuple[RoleSummary, ...]:
    """Head counts, in the order in which the policy's schema lists the roles."""
    order = {role: place for place, role in enumerate(policy.schema.enumerations.get("Role", ()))}
    rows = population.query(
        f"SELECT role, any_value(sector) AS sector, count(*) AS users"  # noqa: S608 - the recipe's own SQL
        f" FROM ({population.shape.user_fields}) GROUP BY role"
    ).to_pylist()
    rows.sort(key=lambda row: (order.get(row["role"], len(order)), row["role"]))
    return tuple(RoleSummary(row["role"], row["sector"], int(row["users"])) for row in rows)
