"""Habits: what a user does all day, as a generator function of the pack, registered by name.

    @habit("family_tester", misuse="searches one family name again and again")
    def family_tester(me: Me) -> Steps:
        children = me.namesakes()
        me.misuses()
        while True:
            me.ask("search by name", me.one_of(children), reason=me.reason())
            yield me.pause(2.0)

Between two `yield`s lies one step: a few requests, one after the other. What is yielded is the pause until the next
step, in seconds. A habit that ends begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overreach.model.errors import PackError, UnknownNameError
from overreach.pack.config import Pack
from overreach.pack.content import load_module
from overreach.pack.load import HabitShare

if TYPE_CHECKING:
    from overreach.load.me import Me

Steps = Generator[float, None, None]
Body = Callable[["Me"], Steps]


@dataclass(frozen=True, slots=True)
class Habit:
    """What some users do."""

    name: str
    misuse: str
    """What is wrong with it, in words; empty for honest work."""
    body: Body


_REGISTERED: dict[str, Habit] = {}


def habit(name: str, *, misuse: str = "") -> Callable[[Body], Body]:
    """Register a habit by name; PackError where the name is taken by another function."""

    def register(body: Body) -> Body:
        known = _REGISTERED.get(name)
        if known is not None and known.body.__module__ != body.__module__:
            message = f"two habits are called `{name}`"
            raise PackError(message, "give each habit a name of its own")
        _REGISTERED[name] = Habit(name, misuse, body)
        return body

    return register


def habits_of(pack: Pack) -> tuple[Habit, ...]:
    """The habits that the pack's configuration gives shares to, in its order.

    PackError where a file of `load/habits/` cannot be loaded, UnknownNameError where a share names none of them.
    """
    for file in sorted((pack.root / "load" / "habits").glob("*.py")):
        load_module(file)
    for share in pack.load.habits:
        if share.name not in _REGISTERED:
            raise UnknownNameError("habit", share.name, sorted(_REGISTERED))
    return tuple(_REGISTERED[share.name] for share in pack.load.habits)


def assigned(shares: Sequence[HabitShare], roles: Sequence[str], seed: int) -> NDArray[np.uint8]:
    """User -> number of its habit in `shares`; `roles` gives each user's role.

    Shares that name roles are shares of their members; everybody else does one of the others, in proportion.
    The same seed gives the same people the same habits, however many processes share the work.
    """
    draws = np.random.default_rng([seed, 0xAB17]).random(len(roles))
    names = np.array(roles)
    chosen = np.zeros(len(roles), dtype=np.uint8)
    for role in np.unique(names):
        bounds, numbers = _portions(shares, str(role))
        members = names == role
        chosen[members] = np.array(numbers)[np.searchsorted(bounds, draws[members], side="right")]
    return chosen


def _portions(shares: Sequence[HabitShare], role: str) -> tuple[list[float], list[int]]:
    """Upper bounds of the portions of one role but the last, and whose they are."""
    own = [(each.share, number) for number, each in enumerate(shares) if role in each.roles]
    rest = [(each.share, number) for number, each in enumerate(shares) if not each.roles]
    taken = sum(share for share, _ in own)
    scale = (1.0 - taken) / sum(share for share, _ in rest)
    portions = own + [(share * scale, number) for share, number in rest if taken < 1.0]
    bounds = np.cumsum([share for share, _ in portions])[:-1]
    return [float(bound) for bound in bounds], [number for _, number in portions]
