"""What is due: which event a user may begin now, and which one waits for the user's consent.

Each process has its share of the events drawn, and lets two of its own users carry out what takes two.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from overreach.load.befalling import IN_AREA, Befalling
from overreach.load.changes import Change
from overreach.model.decision import Claims
from overreach.model.probe import Observation
from overreach.model.terms import Action
from overreach.policy.grid import Grid
from overreach.policy.rules import CHILD
from overreach.probe.judge import acknowledged
from overreach.probe.session import Bench

SPREAD = 0.7
"""The last event is begun when this share of the shift is over: there is time to carry it out, and to look."""
REMEMBERED = 2
"""Children whom something befell last, for those who want to read just them."""
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Due:
    """One request by which an event is begun or takes hold."""

    what: Befalling
    operation: str
    other: int | None
    """The user who must consent, or the one who asked first; None where nobody is to be asked."""
    approvals: int
    """How many others asked for it before."""

    @property
    def waits(self) -> bool:
        """Whether somebody else must ask for it too, and has not yet."""
        return self.what.event.approves is not None and not self.approvals

    @property
    def child(self) -> int:
        """Whom it befalls."""
        return self.what.child


@dataclass(slots=True)
class Agenda:
    """The events of one process; each is given out once, and its consent once."""

    bench: Bench
    drawn: Sequence[Befalling] = ()
    """Those of all processes."""
    touched: frozenset[int] = frozenset()
    """Children whose facts may change."""
    waiting: dict[int, list[Befalling]] = field(default_factory=dict)
    """Area -> what is not begun yet there, in order."""
    recent: list[int] = field(default_factory=list)
    """Children whom something befell last, or is about to."""
    _whole: int = 0
    _given_out: int = 0
    _hands: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    """(kind of event, area) -> users who carry such events out."""
    _over: set[int] = field(default_factory=set)
    """Children whose event is over."""
    _asked: dict[int, list[Due]] = field(default_factory=dict)
    """User -> what waits for the user's consent."""

    @classmethod
    def of(cls, bench: Bench, drawn: Sequence[Befalling]) -> Agenda:
        """The agenda of a load in which these may happen."""
        return cls(bench, drawn, frozenset().union(*(each.touched for each in drawn)))

    def share(self, part: int, parts: int) -> None:
        """Take one process's share of the events."""
        share = self.drawn[part::parts]
        self._whole = len(share)
        # Each area has something of every kind first, and what takes two of its own before the rest.
        turns: Counter[tuple[int, str]] = Counter()
        ordered: list[tuple[int, bool, int]] = []
        for place, what in enumerate(share):
            kind = self._area(what), what.event.name
            ordered.append((turns[kind], what.event.approves is None or what.event.moves, place))
            turns[kind] += 1
        for *_, place in sorted(ordered):
            self.waiting.setdefault(self._area(share[place]), []).append(share[place])

    def concerns(self, observation: Observation) -> bool:
        """Whether an answer is about a child whose facts may change."""
        if not self.touched:
            return False
        if observation.probe.child in self.touched:
            return True
        return any(not self.touched.isdisjoint((each.child, *each.others)) for each in observation.disclosures)

    def due(self, user: int, kinds: Sequence[str], elapsed: float) -> Due | None:
        """What this user is to ask for now: consent first, then the next event of these kinds; None for nothing yet.

        Events are given out evenly over the shift, of which the share `elapsed` is over.
        """
        areas = np.flatnonzero(self.bench.grid.relations.has_area[user]).tolist()
        for kind, area in product(kinds, areas):
            self._hands.setdefault((kind, area), set()).add(user)
        if self.awaits(user):
            consent = self._asked[user].pop()
            self._look(consent.what)
            return consent
        if not elapsed or self._given_out >= self._whole * elapsed / SPREAD:
            return None
        for area in areas:
            for what in self.waiting.get(area, ()):
                due = self._begun_by(user, what) if what.event.name in kinds else None
                if due is not None:
                    self.waiting[area].remove(what)
                    self._given_out += 1
                    self._look(what)
                    return due
        return None

    def is_over(self, due: Due) -> bool:
        """Whether an event took hold, or may have, or was refused."""
        return due.child in self._over

    def awaits(self, user: int) -> bool:
        """Whether the consent of this user is wanted."""
        return bool(self._asked.get(user))

    def asked(self, user: int, due: Due, sent: float) -> Change | None:
        """What may take hold from now on; None where another user must ask for it first."""
        if due.waits:
            return None
        return Change(due.what.event.name, due.child, due.what.into, user if due.what.event.moves else None, sent, None)

    def answered(self, user: int, due: Due, status: int, sent: float, done: float) -> Change | None:
        """What follows from the answer to a request that was due; a change where something more is known of it."""
        self._look(due.what)
        change = self.asked(user, due if not acknowledged(status) else replace(due, approvals=1), sent)
        if change is None:
            if 200 <= status < 300 and due.other is not None:  # noqa: PLR2004 - taken in, in HTTP
                consent = Due(due.what, due.what.event.approves or due.operation, user, 1)
                self._asked.setdefault(due.other, []).append(consent)
            return None
        self._over.add(due.child)
        if acknowledged(status):
            return replace(change, done=done)
        # After a breakdown nobody knows what was done.
        return None if not status or status >= _SERVER_ERROR else replace(change, refused=True)

    def _look(self, what: Befalling) -> None:
        self.recent = [what.child, *(child for child in self.recent if child != what.child)][:REMEMBERED]

    def _begun_by(self, user: int, what: Befalling) -> Due | None:
        event = what.event
        if not self._may(user, what):
            return None
        if event.approves is None:
            return Due(what, event.operation, None, 0)
        receives = self._may_accept if event.moves else self._may
        other = next((each for each in self._helpers(user, what) if receives(each, what)), None)
        return None if other is None else Due(what, event.operation, other, 0)

    def _helpers(self, user: int, what: Befalling) -> Iterator[int]:
        """Others who carry out such events, nobody before whom something lies already, in no order."""
        kind, area = what.event.name, self._area(what)
        areas = [there for known, there in self._hands if known == kind and (there != area) == what.event.moves]
        for there in random.sample(areas, len(areas)):
            hands = self._hands[kind, there]
            yield from (
                each for each in random.sample(sorted(hands), len(hands)) if each != user and not self.awaits(each)
            )

    def _area(self, what: Befalling) -> int:
        return int(self.bench.grid.relations.area_of[what.child])

    def _may(self, user: int, what: Befalling) -> bool:
        """Whether the policy lets a user do it, somebody else consenting where that is needed."""
        action, claims = self._action(what), Claims(approvals=int(what.event.approves is not None))
        both = [what.child] if what.into is None else [what.child, what.into]
        return all(self.bench.grid.allows(user, child, action, claims) for child in both)

    def _may_accept(self, user: int, what: Befalling) -> bool:
        """Whether the policy would let a user of one other area do it, were the record of that area."""
        grid: Grid = self.bench.grid
        areas = np.flatnonzero(grid.relations.has_area[user])
        if len(areas) != 1 or grid.relations.area_of[what.child] in areas:
            return False
        place = int(grid.users.of[user]), int(grid.children.of[what.child]), IN_AREA
        return grid.decide_class(self._action(what), CHILD, Claims(approvals=1), place).allowed

    def _action(self, what: Befalling) -> Action:
        action = self.bench.pack.target.operation(what.event.operation).action
        assert action is not None  # noqa: S101 - checked where events are drawn
        return action
