"""All states that two users and a child can be in, and what steps make of them, for every class at once.

A state is (class of the reader, class of the child, relation of the reader, relation of the accomplice, overlap of
their areas); the accomplice's own class never changes. What can be read within k steps is what can be read within
k - 1, or after one permitted step within k - 1: arrays of masks, computed until nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Facet, Rung
from overreach.pack.steps import Approval, Step
from overreach.policy.classwise import ClassGrid
from overreach.policy.columns import RELATIONS, Bools
from overreach.policy.grid import Grid
from overreach.policy.rules import CHILD, SYSTEM
from overreach.reach.outcomes import Ints
from overreach.reach.variants import Variant, closed_children, closed_users, variants_of
from overreach.reach.witness import OVERLAPS

Masks = NDArray[np.int32]


class States:
    """The states over a grid's classes and those that the steps lead to."""

    def __init__(self, grid: Grid, steps: Sequence[Step], raising: Mapping[Rung, Action]) -> None:
        """`raising` names the action by which a rung is reached: its claims count only for whom it is permitted."""
        self.users = closed_users(grid.users, steps)
        self.children = closed_children(grid.children, steps)
        _same_facts(grid, steps)
        self._grid = ClassGrid(grid.policy, self.users, self.children)
        self._contexts = grid.rungs
        self._raising = raising
        self._steps = tuple(steps)
        shape = (len(self.users), len(self.children), len(RELATIONS))
        self.shape = shape
        self.direct: Masks = np.zeros(shape, dtype=np.int32)
        """(user class, child class, relation) -> facets that can be read without any step."""
        for context in self._contexts:
            self.direct |= np.where(self._usable(context.rung, context.claims), self._grid.masks(context.claims), 0)
        self._able: dict[tuple[Action, int], Bools] = {}

    def reading(self, place: tuple[int, ...], facet: Facet) -> tuple[Rung, Claims, int]:
        """The first rung and claims at which a facet can be read directly, and the mask of all that they read."""
        for context in self._contexts:
            usable = np.broadcast_to(self._usable(context.rung, context.claims), self.shape)
            readable = int(self._grid.masks(context.claims)[place])
            if usable[place] and readable & facet.bit:
                return context.rung, context.claims, readable
        message = f"no rung reads `{facet}` directly"
        raise ValueError(message)

    def claims_of(self, action: Action, approvals: int, place: tuple[int, int, int]) -> Claims:
        """The first claims with which somebody may do this."""
        for claims, holds in self._permitting(action, approvals):
            if holds[place]:
                return claims
        message = "no claims permit this"
        raise ValueError(message)

    def able(self, action: Action, approvals: int) -> Bools:
        """(user class, child class, relation) -> whether some claims permit this."""
        key = (action, approvals)
        if key not in self._able:
            found = np.zeros(self.shape, dtype=np.bool_)
            for _, holds in self._permitting(action, approvals):
                found |= holds
            self._able[key] = found
        return self._able[key]

    def helpers(self, count: int) -> Ints:
        """Of the first `count` user classes those that can take or approve a step for somebody else."""
        useful = np.zeros(count, dtype=np.bool_)
        for step in self._steps:
            approvals = int(step.approval is not Approval.NONE)
            useful |= self.able(step.action, approvals)[:count].any(axis=(1, 2))
        return np.flatnonzero(useful)

    def variants(self, *, alone: bool) -> tuple[Variant, ...]:
        """Every way of taking a step, alone or with an accomplice."""
        return variants_of(self._steps, self.users, self.children, alone=alone)

    def permitted(self, variant: Variant, helper: int | None) -> Bools:
        """Where a step may be taken; shaped as a state, axes of length 1 stand for all."""
        step = variant.step
        able = self.able(step.action, int(step.approval is not Approval.NONE))
        holds = _as_state(able, helper, accomplice=variant.by_accomplice) & variant.overlaps
        if step.approval is Approval.SAME:
            holds = holds & _as_state(able, helper, accomplice=not variant.by_accomplice)
        if step.approval is Approval.AFTER:
            relations = variant.mine if variant.by_accomplice else variant.theirs
            users = variant.users if variant.by_accomplice else np.arange(len(able))
            later = able[np.ix_(users, variant.children, relations)]
            holds = holds & _as_state(later, helper, accomplice=not variant.by_accomplice)
        return holds

    def key(self, helper: int) -> bytes:
        """Helpers with the same key can do the same: sequences with their help are the same."""
        asked = dict.fromkeys((step.action, int(step.approval is not Approval.NONE)) for step in self._steps)
        return b"".join(self.able(*each)[helper].tobytes() for each in asked)

    def levels(self, ways: Sequence[tuple[Variant, Bools]], helper: int | None) -> list[Masks]:
        """State -> facets that can be read within 0, 1, 2 ... steps, until nothing is added.

        `ways` are the variants, each with where it is permitted.
        """
        shape = (*self.shape, 1 if helper is None else len(RELATIONS), OVERLAPS)
        found = [np.ascontiguousarray(np.broadcast_to(self.direct[..., None, None], shape))]
        while True:
            known = found[-1].copy()
            for variant, holds in ways:
                theirs = variant.theirs[: shape[3]]
                places = np.ix_(variant.users, variant.children, variant.mine, theirs, np.arange(OVERLAPS))
                known |= np.where(holds, found[-1][places] | np.int32(variant.given), 0)
            if np.array_equal(known, found[-1]):
                return found
            found.append(known)

    def _permitting(self, action: Action, approvals: int) -> Iterator[tuple[Claims, Bools]]:
        for context in self._contexts:
            claims = replace(context.claims, approvals=approvals)
            holds = self._allowed(action, claims) & self._usable(context.rung, context.claims)
            yield claims, np.broadcast_to(holds, self.shape)

    def _usable(self, rung: Rung, claims: Claims) -> Bools:
        return self._allowed(self._raising[rung], claims) if rung in self._raising else np.ones((1, 1, 1), np.bool_)

    def _allowed(self, action: Action, claims: Claims) -> Bools:
        subjects = self._grid.policy.subjects[action.value]
        if not subjects:
            return np.zeros((1, 1, 1), dtype=np.bool_)
        return self._grid.allowed(action, claims, CHILD if CHILD in subjects else SYSTEM)


def _as_state(able: Bools, helper: int | None, *, accomplice: bool) -> Bools:
    if accomplice:
        return able[helper][None, :, None, :, None]
    return able[:, :, :, None, None]


def _same_facts(grid: Grid, steps: Sequence[Step]) -> None:
    shape = grid.people.shape
    responsible = shape.area_attribute[1]
    for step in steps:
        # A move changes the responsible area; a state knows only whether it is the reader's, not which one it is.
        if step.moves and responsible in grid.children.attributes:
            message = f"step `{step.name}` changes `{responsible}`, and the policy names single areas"
            raise PolicyError(message, "compare it with the user's areas only, or take that step out of the pack")
    for step in steps:
        for facts, known in ((step.user, shape.user_facts), (step.child, shape.child_facts)):
            for name in facts:
                if name not in known:
                    message = f"step `{step.name}` changes `{name}`, which the population does not have"
                    raise PolicyError(message, f"known: {', '.join(sorted(known))}")
