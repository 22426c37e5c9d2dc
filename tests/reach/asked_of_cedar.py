"""The matrix counted from cedarpy's answers alone, pair by pair; nothing here knows of classes or relations."""

from __future__ import annotations

import json
from collections import defaultdict
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


def answers(
    policy: Policy, people: People, contexts: Sequence[RungContext], entities: Entities, *, shared: bool = False
) -> Answers:
    """Ask cedarpy about every pair, each facet at each context, and about the record classes.

    With `shared` children whose attributes are all equal, so that no request can tell them apart, share the questions
    about them: each question is put about one of them, each of them has its own, and the answers stand for all.
    """
    shape = (people.users_count, people.children_count)
    asking = [(facet, context) for context in contexts for facet in Facet]
    kinds = _alike(entities) if shared else [[child] for child in entities.children]
    asked = list(_dealt(asking, shape[0], kinds))
    allowed = np.zeros((len(asking), *shape), dtype=np.bool_)
    told = decide(policy, entities, (one for _, one in asked))
    known: dict[tuple[int, int, int], bool] = {}
    for ((question, kind), one), decision in zip(asked, told, strict=True):
        assert known.setdefault((question, one.user, kind), decision.allowed) == decision.allowed
        allowed[question, one.user, kinds[kind]] = decision.allowed
    assert len({(one.user, one.child) for _, one in asked}) == shape[0] * shape[1]
    pairs = [Asked(user, child, Facet.EXISTENCE, Claims()) for user in range(shape[0]) for child in range(shape[1])]
    held = list(holding(policy, policy.classes, entities, pairs))
    active: Bools = np.any(allowed, axis=(0, 2))
    idle = np.flatnonzero(~active).tolist()
    active[list(_could_read(policy, people, (entities, idle), contexts))] = True
    return Answers(
        roles=tuple(entities.users[user]["attrs"][ROLE]["__entity"]["id"] for user in range(shape[0])),
        allowed=dict(zip(asking, allowed, strict=True)),
        members={name: np.array([name in each for each in held], bool).reshape(shape) for name in policy.classes},
        active=active,
    )


def _alike(entities: Entities) -> list[list[int]]:
    """Children in groups of equal attributes."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for child, entity in entities.children.items():
        kinds[json.dumps(entity["attrs"], sort_keys=True)].append(child)
    return list(kinds.values())


def _dealt(
    asking: Sequence[tuple[Facet, RungContext]], users: int, kinds: Sequence[list[int]]
) -> Iterator[tuple[tuple[int, int], Asked]]:
    """(number of the question, of the kind), request: every question about every kind, and every child of it."""
    for number, kind in enumerate(kinds):
        for place in range(max(len(asking), len(kind))):
            question, child = place % len(asking), kind[place % len(kind)]
            facet, context = asking[question]
            for user in range(users):
                yield (question, number), Asked(user, child, facet, context.claims)


def _could_read(
    policy: Policy, people: People, of: tuple[Entities, Sequence[int]], contexts: Sequence[RungContext]
) -> Iterator[int]:
    """Of these users, those who could read something of a child like one of these, in whatever relation to it."""
    entities, users = of
    areas, area = people.shape.area_attribute
    involved, read = people.shape.involved_attribute, policy.attributes("resource")
    alike = {
        json.dumps({**child["attrs"], involved: [], area: child["attrs"][area] if area in read else None}): child
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
