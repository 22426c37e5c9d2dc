"""The matrix counted from cedarpy's answers alone, pair by pair; nothing here knows of classes or relations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import Facet, Rung
from overreach.policy.facts import People
from overreach.policy.load import Policy
from overreach.policy.oracle import ROLE, reference
from overreach.policy.pairwise import Asked, Entities, decide, holding
from overreach.policy.rules import CHILD, USER
from overreach.reach.count import Reach, ReachEntry

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Answers:
    """What cedarpy said of every pair."""

    roles: tuple[str, ...]
    """User -> role."""
    allowed: dict[tuple[Facet, RungContext], Bools]
    """(user, child) -> whether the facet may be read."""
    members: dict[str, Bools]
    """Record class -> (user, child) -> whether the pair is of it."""
    active: Bools
    """User -> whether the policy lets them read anything of anybody, were they in area or involved or not."""

    def first(self, facet: Facet, rung: Rung) -> Bools:
        """(user, child) -> whether the rung is the first that permits the facet."""
        return self.upto(facet, rung) & ~self._opened(facet, rung.height - 1)

    def upto(self, facet: Facet, rung: Rung) -> Bools:
        """(user, child) -> whether this rung or one below permits the facet."""
        return self._opened(facet, rung.height)

    def _opened(self, facet: Facet, height: int) -> Bools:
        none = np.zeros_like(next(iter(self.allowed.values())))
        held = [each for (one, context), each in self.allowed.items() if one is facet and context.rung.height <= height]
        opened: Bools = np.logical_or.reduce([none, *held])
        return opened


def every_pair(people: People, contexts: Sequence[RungContext]) -> Iterator[Asked]:
    """Every user about every facet of every child at every context, a context after the other."""
    for context in contexts:
        for facet in Facet:
            for user in range(people.users_count):
                for child in range(people.children_count):
                    yield Asked(user, child, facet, context.claims)


def answers(policy: Policy, people: People, contexts: Sequence[RungContext], entities: Entities) -> Answers:
    """Ask cedarpy about every pair, each facet at each context, and about the record classes."""
    shape = (people.users_count, people.children_count)
    flat = np.array([each.allowed for each in decide(policy, entities, every_pair(people, contexts))], dtype=np.bool_)
    by_question = flat.reshape(len(contexts), len(Facet), *shape)
    asked = [Asked(user, child, Facet.EXISTENCE, Claims()) for user in range(shape[0]) for child in range(shape[1])]
    held = list(holding(policy, policy.classes, entities, asked))
    reading = by_question.any(axis=(0, 1, 3))
    idle = np.flatnonzero(~reading).tolist()
    reading[idle] = [user in set(_could_read(policy, people, entities, idle, contexts)) for user in idle]
    return Answers(
        roles=tuple(entities.users[user]["attrs"][ROLE]["__entity"]["id"] for user in range(shape[0])),
        allowed={
            (facet, context): by_question[n, place]
            for n, context in enumerate(contexts)
            for place, facet in enumerate(Facet)
        },
        active=reading,
        members={name: np.array([name in each for each in held], bool).reshape(shape) for name in policy.classes},
    )


def _could_read(
    policy: Policy, people: People, entities: Entities, users: Sequence[int], contexts: Sequence[RungContext]
) -> Iterator[int]:
    """Of these users, those who could read something of a child like one of these, in whatever relation to it."""
    areas, area = people.shape.area_attribute
    involved = people.shape.involved_attribute
    alike = {
        json.dumps({**child["attrs"], involved: [], area: child["attrs"][area] if area in _read(policy) else None}): child
        for child in entities.children.values()
    }
    everywhere = [child["attrs"][area] for child in entities.children.values()]
    for user in users:
        asking = {
            near: _other(entities.users[user], USER, near, {areas: everywhere if near else []}) for near in (0, 1)
        }
        themselves = [reference(USER, str(near)) for near in asking]
        asked_about = {
            2 * n + close: _other(child, CHILD, 2 * n + close, {involved: themselves if close else []})
            for n, child in enumerate(alike.values())
            for close in (0, 1)
        }
        asked = [
            Asked(near, child, facet, context.claims)
            for context in contexts
            for facet in Facet
            for near in asking
            for child in asked_about
        ]
        if any(each.allowed for each in decide(policy, Entities(asking, asked_about), asked)):
            yield user


def _read(policy: Policy) -> tuple[str, ...]:
    return policy.attributes("resource")


def _other(entity: dict[str, Any], kind: str, number: int, attributes: dict[str, Any]) -> dict[str, Any]:
    """The entity under another name, with some attributes changed."""
    return {**entity, "uid": {"type": kind, "id": str(number)}, "attrs": {**entity["attrs"], **attributes}}


def assert_counted(counts: Reach, found: Answers) -> None:
    """Every entry, every total and every child's exposure are what the answers come to."""
    roles = {role: np.array([each == role for each in found.roles]) for role in found.roles}
    for entry in counts.entries:
        pairs = found.members[entry.record_class] & roles[entry.role][:, None]
        assert counts.pairs(entry.role, entry.record_class) == pairs.sum()
        _assert_entry(entry, found, pairs, roles[entry.role] & found.active)
    told = {(entry.role, entry.record_class) for entry in counts.entries}
    there = {
        (role, name)
        for role, mine in roles.items()
        for name, members in found.members.items()
        if np.any(members & mine[:, None])
    }
    assert told == there
    for facet in Facet:
        assert counts.exposure(facet).tolist() == found.upto(facet, Rung.OUTSIDE).sum(axis=0).tolist(), facet


def _assert_entry(entry: ReachEntry, found: Answers, pairs: Bools, active: Bools) -> None:
    first = pairs & found.first(entry.facet, entry.rung)
    told = (entry.pairs, entry.users, entry.children)
    assert told == (first.sum(), first.any(axis=1).sum(), first.any(axis=0).sum()), entry
    of_member = sorted((pairs & found.upto(entry.facet, entry.rung))[active].sum(axis=1)) or [0]
    spread = (entry.one_member_min, entry.one_member_median, entry.one_member)
    assert spread == (of_member[0], of_member[(len(of_member) - 1) // 2], of_member[-1]), entry
