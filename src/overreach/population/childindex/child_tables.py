"""The tables of children, their carers and services."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.model.canary import TokenKind
from overreach.population.childindex.layout import NEVER, numbered, table
from overreach.population.childindex.parts import Parts
from overreach.population.childindex.standing import days
from overreach.population.sampling import Texts


def children(parts: Parts, given: Texts, family: Texts) -> pa.Table:
    """Every record; its responsible authority is not always that of the address."""
    draws, standing, children, minter = (
        parts.setting.draws("records"), parts.people.standing, parts.people.children, parts.setting.minter
    )  # fmt: skip
    count = len(children.given)
    names = np.array([f"{first} {last}" for first, last in zip(given, family, strict=True)], dtype=object)

    def holders(share: int) -> Texts:
        held = np.full(count, None, dtype=object)
        chosen = draws.order(count)[:share]
        held[chosen] = names[parts.practitioners.of(draws, parts.people.responsible[chosen])]
        return held

    return table(
        "children",
        {
            "child": numbered(count),
            "number": [minter.mint(TokenKind.RECORD, row) for row in range(count)],
            "given_name": children.given,
            "middle_name": children.middle,
            "family_name": children.family,
            "gender": np.where(children.male, "male", "female"),
            "date_of_birth": children.born,
            "household": parts.people.siblings.family,
            "address": parts.people.siblings.family,
            "school": parts.schools.member_of,
            "practice": parts.practices.member_of,
            "responsible": parts.people.responsible,
            "shielded": standing.shielded,
            "shielded_since": np.where(standing.shielded, np.maximum(standing.shielded_since, children.born), NEVER),
            "contacts_protected": parts.carers.protected(standing.shielded),
            "adopted": standing.adopted,
            "looked_after": standing.looked_after,
            "archive_year": standing.archive_year,
            "caf_holder": holders(parts.setting.judgement.caf.of(count)),
            "lead_professional": holders(parts.setting.judgement.lead_professional.of(count)),
            "updated": days(parts.setting.judgement.as_of) - draws.between(0, 400, count),
        },
    )


def former_names(parts: Parts) -> pa.Table:
    """Former names of those who have one."""
    draws, children = parts.setting.draws("former names"), parts.people.children
    rows = np.flatnonzero(parts.people.standing.renamed)
    lived = days(parts.setting.judgement.as_of) - children.born[rows]
    return table(
        "former_names",
        {
            "child": rows,
            "given_name": children.former_given[rows],
            "family_name": children.former_family[rows],
            "until": children.born[rows] + draws.below_each(np.maximum(lived, 1)),
        },
    )


def carers(parts: Parts) -> pa.Table:
    """Carers; the local part of an e-mail address ends in the carer's token."""
    carers = parts.carers
    return table(
        "carers",
        {
            "carer": numbered(len(carers.given)),
            "given_name": carers.given,
            "family_name": carers.family,
            "gender": np.where(carers.male, "male", "female"),
            "phone": carers.phone,
            "email": carers.email,
        },
    )


def child_carers(parts: Parts) -> pa.Table:
    """Which carer cares for which child."""
    carers = parts.carers
    return table("child_carers", {"child": carers.child, "carer": carers.carer, "relation": carers.relation})


def services(parts: Parts) -> pa.Table:
    """Services besides school and practice."""
    services = parts.services
    return table(
        "services",
        {
            "child": services.child,
            "kind": services.kind,
            "provider": services.provider,
            "phone": services.phone,
            "sensitive": services.sensitive,
        },
    )
