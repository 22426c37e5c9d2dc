"""What ties a part's records to services and users: services, involvements, indicators, the dates of schools."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population import canaries, words
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.phrases import Phrases
from overreach.population.childindex.portion import Portion
from overreach.population.childindex.workforce import Practitioners
from overreach.population.sampling import Draws, Flags, Ints

NOBODY = -1
PROVIDERS = Phrases((words.PLAIN, words.SITES, words.ORGANISATIONS["any"]))
"""For example `Kestrel Vale Project`."""
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


@dataclass(frozen=True, slots=True)
class Lives:
    """What the ties of records go by; one row a child."""

    responsible: Ints
    age: Ints
    born: Ints
    last_day: Ints
    """Up to which the record is kept up."""
    shielded: Flags
    live: Flags
    barred: Ints
    """Child and user, in one integer (`pair`), where the child is shielded from that user."""


def pair(child: Ints, user: Ints) -> Ints:
    """A child and a user as one integer, in the order of the children, then of the users."""
    return (child << 32) | user


def draw_services(draws: Draws, judgement: Judgement, portion: Portion, lives: Lives) -> Services:
    """Services by quota; sensitive ones are those of older children who consented (rule R3)."""
    ordinary = draws.order(len(lives.age))[: portion.of_children(judgement.services)]
    sensitive = _sensitive(draws, judgement, portion.of_children(judgement.sensitive_services), lives)
    kinds = np.array([service.sensitive for service in judgement.service_kinds])
    child = np.r_[ordinary, sensitive]
    kind = np.r_[
        np.flatnonzero(~kinds)[draws.below(int((~kinds).sum()), len(ordinary))],
        np.flatnonzero(kinds)[draws.below(int(kinds.sum()), len(sensitive))],
    ]
    order = np.argsort(child * len(kinds) + kind, kind="stable")
    child, kind = child[order], kind[order]
    old = kinds[kind] & (lives.age[child] >= judgement.sensitive_from_age)
    first_day = lives.born[child] + np.where(old, judgement.sensitive_from_age * 1461 // 4 + 1, 0)
    served = np.clip(lives.last_day[child] - first_day - 1, 1, _SERVED)
    return Services(
        child=child,
        kind=kind,
        provider=draws.below(PROVIDERS.size, len(child)),
        phone=draws.below(canaries.LANDLINES, len(child)),
        since=np.maximum(lives.last_day[child] - draws.below_each(served), lives.born[child]),
    )


def _sensitive(draws: Draws, judgement: Judgement, count: int, lives: Lives) -> Ints:
    """Children with a sensitive service: of an age to consent, shielded or not."""
    old, live, shielded = lives.age >= judgement.sensitive_from_age, lives.live, lives.shielded
    wanted = min(count, judgement.sensitive_hidden.of(count))
    hidden = draws.some(live & old & shielded, wanted)
    younger = draws.some(live & ~old & shielded, wanted - len(hidden))
    # Where a younger child has one under its shield, so have others: the age alone tells nothing.
    open_young = draws.some(live & ~old & ~shielded, 2 * len(younger))
    rest = max(0, count - wanted - len(open_young))
    having: Ints = np.r_[hidden, younger, open_young, draws.some(live & old & ~shielded, rest)]
    return having


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds the indicators of each child, as users; `NOBODY` where nobody does."""

    caf: Ints
    lead: Ints


def hold(draws: Draws, judgement: Judgement, portion: Portion, practitioners: Practitioners, lives: Lives) -> Holders:
    """Common assessments and lead professionals by quota; some are those of shielded children."""
    held = []
    for quota in (judgement.caf, judgement.lead_professional):
        share = portion.of_children(quota)
        hidden = draws.some(lives.live & lives.shielded, min(share, judgement.indicators_hidden.of(share)))
        chosen = np.r_[hidden, draws.some(~lives.shielded, share - len(hidden))]
        users = np.full(len(lives.age), NOBODY, dtype=np.int64)
        users[chosen] = practitioners.of(draws, lives.responsible[chosen], lives.age[chosen])
        while len(
            again := np.flatnonzero((users != NOBODY) & np.isin(pair(np.arange(len(users)), users), lives.barred))
        ):
            users[again] = practitioners.of(draws, lives.responsible[again], lives.age[again])
        held.append(users)
    return Holders(*held)


def involve(
    draws: Draws, judgement: Judgement, practitioners: Practitioners, holders: Holders, lives: Lives
) -> Involvements:
    """Some users of the area work with each child, a few with children of another area; and who holds an indicator."""
    children, authorities = len(lives.age), practitioners.authorities
    number = np.array(judgement.involvements, dtype=np.int64)[draws.below(len(judgement.involvements), children)]
    child = np.repeat(np.arange(children, dtype=np.int64), number)
    area = lives.responsible[child]
    elsewhere = draws.order(len(child))[: judgement.involved_elsewhere.of(len(child))]
    area[elsewhere] = (area[elsewhere] + draws.between(1, max(1, authorities - 1), len(elsewhere))) % authorities
    user = practitioners.of(draws, area, lives.age[child])
    for held in (holders.caf, holders.lead):
        holding = np.flatnonzero(held != NOBODY)
        child, user = np.r_[child, holding], np.r_[user, held[holding]]
    key = pair(child, user)
    key.sort()
    pairs = key[np.r_[True, key[1:] != key[:-1]]] if len(key) else key
    pairs = pairs[~np.isin(pairs, lives.barred)]
    child, user = pairs >> 32, pairs & 0xFFFF_FFFF
    ended = np.minimum(lives.last_day[child], practitioners.last_day[user])
    since = ended - draws.between(1, _INVOLVED, len(pairs))
    return Involvements(child=child, user=user, since=np.maximum(since, lives.born[child]))


def schooled(draws: Draws, born: Ints, today: int) -> Ints:
    """When each child came to its school: within a year of an age at which one begins, never after today."""
    yesterday = today - 1
    begun = np.searchsorted(np.array(_BEGINS) * 1461 // 4, yesterday - born, side="left") - 1
    earliest = born + np.array(_BEGINS)[np.maximum(begun, 0)] * 1461 // 4
    began: Ints = earliest + draws.below_each(np.clip(yesterday - earliest, 1, _YEAR))
    return began
