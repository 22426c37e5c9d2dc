"""The tables of children, their carers and services."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.model.canary import TokenKind
from overreach.population.childindex.ground import telephones
from overreach.population.childindex.layout import NEVER, numbered, table
from overreach.population.childindex.parts import Parts
from overreach.population.childindex.standing import days
from overreach.population.childindex.whereabouts import Whereabouts
from overreach.population.sampling import Draws, Ints, Texts

_PRIMARY, _SECONDARY = 4, 11  # ages at which school begins
_YEAR = 366  # days


def children(parts: Parts, places: Whereabouts, given: Texts, family: Texts) -> pa.Table:
    """Every record; its responsible authority is not always that of the address."""
    draws, standing, children = parts.setting.draws("records"), parts.people.standing, parts.people.children
    count, household = len(children.given), parts.people.siblings.family
    judgement, school = parts.setting.judgement, parts.schools.member_of
    caf = _holders(parts, draws, judgement.caf.of(count))
    lead = _holders(parts, draws, judgement.lead_professional.of(count))
    names = np.array([*(f"{first} {last}" for first, last in zip(given, family, strict=True)), None], dtype=object)
    phones = np.r_[telephones(parts.setting.draws("desks"), len(given), mobile=False), np.array([None], dtype=object)]
    return table(
        "children",
        {
            "child": numbered(count),
            "number": [parts.setting.minter.mint(TokenKind.RECORD, row) for row in range(count)],
            "given_name": children.given,
            "middle_name": children.middle,
            "family_name": children.family,
            "gender": np.where(children.male, "male", "female"),
            "date_of_birth": children.born,
            "household": household,
            "address": np.where(places.known[household], household, -1),
            "school": school,
            "practice": parts.practices.member_of,
            "responsible": parts.people.responsible,
            "shielded": standing.shielded,
            "shielded_since": np.where(standing.shielded, np.maximum(standing.shielded_since, children.born), NEVER),
            "contacts_protected": parts.carers.protected(standing.shielded),
            "adopted": standing.adopted,
            "looked_after": standing.looked_after,
            "archive_year": standing.archive_year,
            "caf_holder": names[caf],
            "lead_professional": names[lead],
            "updated": days(judgement.as_of) - draws.between(0, 400, count),
            "address_since": np.maximum(places.since[household], children.born),
            "whereabouts_statement": places.statement[household],
            "school_since": np.where(school >= 0, _schooled(parts), NEVER),
            "caf_holder_phone": phones[caf],
            "caf_holder_user": caf,
            "lead_professional_phone": phones[lead],
            "lead_professional_user": lead,
        },
    )


def _holders(parts: Parts, draws: Draws, share: int) -> Ints:
    """The user who holds an indicator of each child; -1 where nobody does."""
    held = np.full(len(parts.people.responsible), -1, dtype=np.int64)
    chosen = draws.order(len(held))[:share]
    held[chosen] = parts.practitioners.of(draws, parts.people.responsible[chosen])
    return held


def _schooled(parts: Parts) -> Ints:
    """When each child came to its school: within a year of the fourth or eleventh birthday, never after today."""
    born, yesterday = parts.people.children.born, days(parts.setting.judgement.as_of) - 1
    older = yesterday - born > _SECONDARY * 1461 // 4
    earliest = born + np.where(older, _SECONDARY, _PRIMARY) * 1461 // 4
    open_days = np.clip(yesterday - earliest, 1, _YEAR)
    began: Ints = earliest + parts.setting.draws("school years").below_each(open_days)
    return began


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
            "since": services.since,
        },
    )
