"""The ways of taking a step: by whom, with whose facts, and what becomes of each part of a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np

from overreach.model.terms import mask_of
from overreach.pack.steps import Approval, Step, Whom
from overreach.policy.columns import RELATIONS, Bools
from overreach.policy.facts import Classes
from overreach.reach.outcomes import Ints
from overreach.reach.witness import MINE, OVERLAPS, SHARED, THEIRS

_IN_AREA: Final = 1
_INVOLVED: Final = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of taking a step: by whom, and what becomes of each part of a state."""

    step: Step
    by_accomplice: bool
    users: Ints
    """Class of the reader -> class afterwards."""
    children: Ints
    mine: Ints
    """Relation of the reader -> relation afterwards."""
    theirs: Ints
    overlaps: Bools
    """Overlaps of areas at which it can be taken."""

    @property
    def given(self) -> int:
        """Mask of the facets that the step hands to the reader."""
        return 0 if self.by_accomplice else mask_of(self.step.gives)

    def move(self, state: tuple[int, ...]) -> tuple[int, ...]:
        """The state afterwards."""
        user, child, mine, theirs, overlap = state
        place = (self.users[user], self.children[child], self.mine[mine], self.theirs[theirs])
        return (*(int(part) for part in place), overlap)


def variants_of(steps: Sequence[Step], users: Classes, children: Classes, *, alone: bool) -> tuple[Variant, ...]:
    """Every way of taking a step, alone or with an accomplice; the classes are closed over what steps change."""
    return tuple(
        variant
        for step in steps
        for by_accomplice in (False, True)
        for variant in _of_step(step, users, children, by_accomplice=by_accomplice, alone=alone)
    )


def closed_users(users: Classes, steps: Sequence[Step]) -> Classes:
    """The classes, and those that steps lead to."""
    return _closed(users, [dict(each) for step in steps for each in _alternatives(step)])


def closed_children(children: Classes, steps: Sequence[Step]) -> Classes:
    """The classes, and those that steps lead to."""
    return _closed(children, [dict(step.child) for step in steps if step.child])


def _of_step(step: Step, users: Classes, children: Classes, *, by_accomplice: bool, alone: bool) -> Iterator[Variant]:
    if alone and (by_accomplice or step.to is Whom.OTHER or step.approval is not Approval.NONE):
        return
    for_reader = by_accomplice == (step.to is Whom.OTHER)
    afterwards = _mapped(children, step.child)
    same, involved = np.arange(len(RELATIONS)), np.arange(len(RELATIONS)) | (_INVOLVED if step.involved else 0)
    plain = Variant(
        step,
        by_accomplice,
        np.arange(len(users)),
        afterwards,
        mine=involved if for_reader else same,
        # Alone, the accomplice's relation stands still at 0.
        theirs=same * 0 if alone else same if for_reader else involved,
        overlaps=np.ones(OVERLAPS, dtype=np.bool_),
    )
    for facts in _alternatives(step) if step.user and for_reader else [{}]:
        variant = replace(plain, users=_mapped(users, facts))
        yield from _moved(variant, for_reader=for_reader, alone=alone) if step.moves else [variant]


def _moved(variant: Variant, *, for_reader: bool, alone: bool) -> Iterator[Variant]:
    """The child comes to an area of one of the two: one that both have, or one that the other has not."""
    here, there = np.arange(len(RELATIONS)) | _IN_AREA, np.arange(len(RELATIONS)) & ~_IN_AREA
    numbers = np.arange(OVERLAPS)
    own = MINE if for_reader else THEIRS
    for bit, others in ((own, there), *(() if alone else ((SHARED, here),))):
        to, other = (variant.mine, variant.theirs) if for_reader else (variant.theirs, variant.mine)
        to, other = here[to], other if alone else others[other]
        mine, theirs = (to, other) if for_reader else (other, to)
        yield replace(variant, mine=mine, theirs=theirs, overlaps=(numbers & bit) > 0)


def _alternatives(step: Step) -> Iterator[dict[str, Any]]:
    """What the facts of a user may become: one value of each."""
    for values in product(*step.user.values()):
        yield dict(zip(step.user, values, strict=True))


def _closed(classes: Classes, changes: Sequence[Mapping[str, Any]]) -> Classes:
    """The classes, and those that changes of facts lead to."""
    facts = list(classes.facts)
    known = set(facts)
    for values in facts:  # grows while it is gone through
        for change in changes:
            new = _changed(classes.attributes, values, change)
            if new not in known:
                known.add(new)
                facts.append(new)
    return Classes(classes.attributes, classes.of, facts, classes.entities)


def _mapped(classes: Classes, change: Mapping[str, Any]) -> Ints:
    numbers = {values: number for number, values in enumerate(classes.facts)}
    return np.array([numbers[_changed(classes.attributes, values, change)] for values in classes.facts], dtype=np.int64)


def _changed(attributes: Sequence[str], values: tuple[Any, ...], change: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(change.get(name, value) for name, value in zip(attributes, values, strict=True))
