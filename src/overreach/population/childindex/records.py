"""What ties a part's records to services and users: services, involvements, indicators, the dates of schools."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population import canaries, words
from overreach.population.childindex.births import Births, days
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.phrases import Phrases
from overreach.population.childindex.portion import Portion
from overreach.population.childindex.standing import Standing
from overreach.population.childindex.workforce import Practitioners
from overreach.population.sampling import Draws, Ints

NOBODY = -1
PROVIDERS = Phrases((words.PLAIN, words.SITES, words.ORGANISATIONS["any"]))
"""For example `Kestrel Vale Project`."""
_HIDDEN_SERVICES = 2  # sensitive services of shielded children, at least
_SERVED = 900  # days since a service began, at most
_INVOLVED = 600  # days since somebody is involved, at most
_BEGINS = (3, 4, 11)  # ages at which a nursery, a primary and a secondary school begin
_YEAR = 366  # days


@dataclass(frozen=True, slots=True)
class Services:
    """One row a service of a child, by child."""

    child: Ints
    kind: Ints
    """Row in the judgement's kinds."""
    provider: Ints
    """Number of a provider's name."""
    phone: Ints
    since: Ints


@dataclass(frozen=True, slots=True)
class Involvements:
    """Who works with which child: one row a pair, by child, then user."""

    child: Ints
    user: Ints
    since: Ints


def draw_services(draws: Draws, judgement: Judgement, portion: Portion, standing: Standing, births: Births) -> Services:
    """Services by quota; sensitive ones are those of older children who consented (rule R3)."""
    today, sensitive_count = days(judgement.as_of), portion.of_children(judgement.sensitive_services)
    ordinary = draws.order(len(births.age))[: portion.of_children(judgement.services)]
    hidden = draws.some(standing.shielded & standing.live, max(_HIDDEN_SERVICES, sensitive_count // 20))
    hidden = hidden[:sensitive_count]
    grown = ~standing.shielded & standing.live & (births.age >= judgement.sensitive_from_age)
    sensitive = np.r_[hidden, draws.some(grown, sensitive_count - len(hidden))]
    kinds = np.array([service.sensitive for service in judgement.service_kinds])
    child = np.r_[ordinary, sensitive]
    kind = np.r_[
        np.flatnonzero(~kinds)[draws.below(int((~kinds).sum()), len(ordinary))],
        np.flatnonzero(kinds)[draws.below(int(kinds.sum()), len(sensitive))],
    ]
    order = np.argsort(child * len(kinds) + kind, kind="stable")
    child, kind = child[order], kind[order]
    lived = np.clip(today - births.born[child] - 1, 1, _SERVED)
    return Services(
        child=child,
        kind=kind,
        provider=draws.below(PROVIDERS.size, len(child)),
        phone=draws.below(canaries.LANDLINES, len(child)),
        since=today - draws.below_each(lived),
    )


def involve(
    draws: Draws, judgement: Judgement, practitioners: Practitioners, responsible: Ints, authorities: int
) -> Involvements:
    """Some users of the area work with each child, a few with children of another area."""
    children, today = len(responsible), days(judgement.as_of)
    number = np.array(judgement.involvements, dtype=np.int64)[draws.below(len(judgement.involvements), children)]
    child = np.repeat(np.arange(children, dtype=np.int64), number)
    area = responsible[child]
    elsewhere = draws.order(len(child))[: judgement.involved_elsewhere.of(len(child))]
    area[elsewhere] = (area[elsewhere] + draws.between(1, max(1, authorities - 1), len(elsewhere))) % authorities
    user = practitioners.of(draws, area)
    key = (child << 32) | user
    key.sort()
    pairs = key[np.r_[True, key[1:] != key[:-1]]] if len(key) else key
    child, user = pairs >> 32, pairs & 0xFFFF_FFFF
    return Involvements(child=child, user=user, since=today - draws.between(1, _INVOLVED, len(pairs)))


def holders(draws: Draws, practitioners: Practitioners, responsible: Ints, share: int) -> Ints:
    """The user who holds an indicator of each child; `NOBODY` where nobody does."""
    held = np.full(len(responsible), NOBODY, dtype=np.int64)
    chosen = draws.order(len(held))[:share]
    held[chosen] = practitioners.of(draws, responsible[chosen])
    return held


def schooled(draws: Draws, born: Ints, today: int) -> Ints:
    """When each child came to its school: within a year of an age at which one begins, never after today."""
    yesterday = today - 1
    begun = np.searchsorted(np.array(_BEGINS) * 1461 // 4, yesterday - born, side="left") - 1
    earliest = born + np.array(_BEGINS)[np.maximum(begun, 0)] * 1461 // 4
    began: Ints = earliest + draws.below_each(np.clip(yesterday - earliest, 1, _YEAR))
    return began
