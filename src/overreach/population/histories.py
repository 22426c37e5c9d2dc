"""Histories: who does what with whose record, one step after another, drawn from the people of any population.

A step is legal in form and nothing more: whether it is allowed is for the policy, a system, or one's own rules to say.
A history is about few people, so that its steps meet; it shrinks to the shortest, and then to the plainest people.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

from hypothesis import strategies as st

from overreach.model.errors import PopulationError, UnknownNameError
from overreach.model.terms import Action
from overreach.population.drawing import Listed, one
from overreach.population.people import People, Peopled
from overreach.population.strategies import pairs


class Deed(StrEnum):
    """What a user does; the plainest first."""

    READ = "read"
    DECLARE = "declare"  # states a reason for a record
    OVERRIDE = "override"  # breaks the glass
    END = "end"  # closes it again
    SHIELD = "shield"
    UNSHIELD = "unshield"  # asks for it, or agrees to it
    MOVE = "move"  # makes another area responsible
    MERGE = "merge"  # makes one record of two
    LEAVE = "leave"  # leaves the post; whatever the user tries afterwards is worth trying


#: Deed -> what the policy calls it; the others are no actions of their own.
ACTION_OF: Mapping[Deed, Action] = {
    Deed.DECLARE: Action.DECLARE,
    Deed.OVERRIDE: Action.OVERRIDE,
    Deed.SHIELD: Action.SHIELD,
    Deed.UNSHIELD: Action.UNSHIELD,
    Deed.MOVE: Action.MOVE,
    Deed.MERGE: Action.MERGE,
}

_REASONED = frozenset({Deed.DECLARE, Deed.OVERRIDE})


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ValueError for one that is not legal in form."""

    user: int
    deed: Deed
    child: int | None = None
    """None for leaving, and only then."""
    reason: str | None = None
    """What is said with it: always to declare and to override, at will to read, otherwise never."""
    other: int | None = None
    """The second record of a merge."""
    area: Hashable = None
    """The new area of a move."""
    days: int = 0
    """Whole days that pass before it."""

    def __post_init__(self) -> None:
        formal = (
            (self.child is None) == (self.deed is Deed.LEAVE)
            and (self.reason is not None or self.deed not in _REASONED)
            and (self.reason is None or self.deed in _REASONED | {Deed.READ})
            and (self.other is not None) == (self.deed is Deed.MERGE)
            and (self.other is None or self.other != self.child)
            and (self.area is not None) == (self.deed is Deed.MOVE)
            and self.days >= 0
        )
        if not formal:
            message = f"not the form of `{self.deed}`: {self}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one history."""

    users: tuple[int, ...]
    children: tuple[int, ...]


def deeds_of(where: Peopled) -> tuple[Deed, ...]:
    """The deeds that make sense of this population and its policy: every action is one that the policy knows."""
    people = where.people
    known = {deed for deed, action in ACTION_OF.items() if people.grid.policy.subjects[action]}
    known |= {Deed.READ, Deed.LEAVE} | ({Deed.END} if Deed.OVERRIDE in known else set())
    if not people.areas:
        known.discard(Deed.MOVE)
    if len(people.children) == 1:
        known.discard(Deed.MERGE)
    return tuple(deed for deed in Deed if deed in known)


def casts(
    where: Peopled, *, pair: st.SearchStrategy[tuple[int, int]] | None = None, most: int = 3
) -> st.SearchStrategy[Cast]:
    """The users and children of one to `most` pairs, `pairs(where)` unless given.

    Often a colleague of the first user comes with them, of the same class and areas: some things take two.
    """
    return _cast(where.people, pairs(where) if pair is None else pair, most)


def steps(
    where: Peopled, cast: Cast, *, deeds: Collection[Deed] | None = None, days: int = 0
) -> st.SearchStrategy[Step]:
    """One step of somebody of a cast: for histories, and for the rules of a `RuleBasedStateMachine`.

    `deeds` are `deeds_of(where)` unless given; up to `days` days pass before it. UnknownNameError for a deed that the
    policy does not know.
    """
    known = deeds_of(where)
    for deed in deeds or ():
        if deed not in known:
            raise UnknownNameError("deed", deed, list(known))
    if (deeds is not None and not deeds) or days < 0:
        message = f"`{days}` days are no time" if days < 0 else "no deeds are nothing to choose from"
        raise PopulationError(message, "leave the argument out")
    return _step(where.people, cast, tuple(deed for deed in known if deeds is None or deed in deeds), days)


def histories(  # noqa: PLR0913 - all optional, all by name
    where: Peopled,
    *,
    least: int = 1,
    most: int = 8,
    deeds: Collection[Deed] | None = None,
    pair: st.SearchStrategy[tuple[int, int]] | None = None,
    days: int = 0,
) -> st.SearchStrategy[tuple[Step, ...]]:
    """`least` to `most` steps of one cast; the rest is as for `casts` and `steps`."""
    if not 0 <= least <= most:
        message = f"`{least}` to `{most}` steps are no length of a history"
        raise PopulationError(message, "let `least` be at most `most`")
    return casts(where, pair=pair).flatmap(
        lambda cast: st.lists(steps(where, cast, deeds=deeds, days=days), min_size=least, max_size=most).map(tuple)
    )


@st.composite
def _cast(draw: st.DrawFn, people: People, pair: st.SearchStrategy[tuple[int, int]], most: int) -> Cast:
    met = draw(st.lists(pair, min_size=1, max_size=most))
    found = [user for user, _ in met]
    if draw(st.booleans()):
        found.append(one(draw, people.colleagues(found[0])))
    return Cast(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(child for _, child in met)))


@st.composite
def _step(draw: st.DrawFn, people: People, cast: Cast, deeds: tuple[Deed, ...], days: int) -> Step:
    """A step; as many choices whatever the deed, so that none is the plainer, and few enough to be taken out as one."""
    deed = one(draw, deeds)
    user, child = one(draw, list(product(cast.users, cast.children)))
    passing = one(draw, range(days + 1))
    detail = one(draw, _details(people, cast, deed, child))
    match deed:
        case Deed.LEAVE:
            return Step(user, deed, days=passing)
        case Deed.MERGE:
            return Step(user, deed, child, other=detail, days=passing)
        case Deed.MOVE:
            return Step(user, deed, child, area=detail, days=passing)
        case _:
            return Step(user, deed, child, detail, days=passing)


def _details(people: People, cast: Cast, deed: Deed, child: int) -> Listed[Any]:
    """What else a deed may consist of: its reason, the second record, the new area."""
    match deed:
        case Deed.READ:
            return (None, *people.reasons)
        case Deed.DECLARE | Deed.OVERRIDE:
            return people.reasons or ("",)
        case Deed.MERGE:
            rest = [row for row in cast.children if row != child]
            return rest or [*range(min(child, 1)), *range(child + 1, min(child + 2, len(people.children)))]
        case Deed.MOVE:
            return people.areas
        case _:
            return (None,)
