"""A user, as its habit knows itself: whom it asks about, what it says, how long it thinks."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from overreach.load.agenda import Due
from overreach.load.habit import Habit, Steps
from overreach.load.line import AGENT, Line
from overreach.load.reply import Reply
from overreach.target.identity import Session

if TYPE_CHECKING:
    from overreach.load.shift import Shift

T = TypeVar("T")
TRIES = 20  # draws for a child to whom nothing happens


class Me:
    """One member of the population at work; there may be hundreds of thousands, so there is no dict in it."""

    __slots__ = (
        "agent", "answered", "asked", "declared", "habit", "left", "line", "misuses_since", "role", "session", "shift",
        "steps", "wait_until",
    )  # fmt: skip

    def __init__(self, shift: Shift, session: Session, role: str, habit: Habit) -> None:
        self.shift = shift
        self.session = session
        self.role = role
        self.habit = habit
        self.asked = 0
        self.answered = False
        """Whether any whole answer came."""
        self.left = False
        """Whether the session was ended: nothing may be answered any more."""
        self.declared: dict[int, str] | None = None
        """Child -> reason declared in this session."""
        self.misuses_since: float | None = None
        """Seconds since the epoch."""
        self.wait_until = 0.0
        """Seconds since the epoch before which the target asked not to be asked again."""
        self.agent = AGENT
        self.line: Line | None = None
        """The connection of whoever carries out the present step."""
        self.steps: Steps = habit.body(self)

    @property
    def user(self) -> int:
        """Row number in the population."""
        return self.session.user

    # What to ask, and of whom.

    def near(self) -> int:
        """A child of my area or involved with me; any child where there is none."""
        return self.shift.caseload.near(self.user)

    def anywhere(self) -> int:
        """Any child."""
        return self.shift.caseload.anywhere()

    def in_class(self, record_class: str) -> int:
        """A child of a record class, near me if one is soon found."""
        return self.shift.caseload.in_class(self.user, record_class)

    def at_rest(self, record_class: str) -> int | None:
        """The same, of those to whom nothing happens in this load; None where none is soon found."""
        drawn = (self.in_class(record_class) for _ in range(TRIES))
        return next((child for child in drawn if child not in self.shift.agenda.touched), None)

    def of_a_colleague(self) -> int:
        """A child with the family name of somebody who works where I do."""
        return self.shift.caseload.of_a_colleague(self.user)

    def namesakes(self) -> Sequence[int]:
        """Children who share one family name."""
        return self.shift.caseload.namesakes(self.anywhere())

    def in_flux(self) -> int:
        """A child to whom something has just happened, or is about to; a near one where there is none."""
        recent = self.shift.agenda.recent
        return self.one_of(recent) if recent else self.near()

    def due(self, *kinds: str) -> Due | None:
        """What I am to ask for now of these kinds of events, given out once; None where there is nothing yet."""
        return self.shift.agenda.due(self.user, kinds, self.shift.elapsed())

    def is_over(self, due: Due) -> bool:
        """Whether what I asked for has been done, by me or by whoever had to consent."""
        return self.shift.agenda.is_over(due)

    def is_awaited(self) -> bool:
        """Whether somebody waits for my consent: then `due` gives it out."""
        return self.shift.agenda.awaits(self.user)

    def reason(self) -> str | None:
        """A coded reason that the pack's rungs know; None where they know none."""
        return self.one_of(self.shift.reasons) if self.shift.reasons else None

    def one_of(self, choices: Sequence[T]) -> T:
        """Any of them."""
        return random.choice(choices)  # noqa: S311 - habits, nothing secret

    def chance(self, share: float) -> bool:
        """True as often as `share` says."""
        return random.random() < share  # noqa: S311 - habits, nothing secret

    # How long.

    def think(self) -> float:
        """Seconds of thinking, as the order's rate has it: on average its users divided by it."""
        return random.uniform(0.5, 1.5) * self.shift.order.think  # noqa: S311 - habits, nothing secret

    def pause(self, seconds: float) -> float:
        """About so many seconds, whatever the rate: for those who are in a hurry."""
        return random.uniform(0.8, 1.2) * seconds  # noqa: S311 - habits, nothing secret

    def elapsed(self) -> float:
        """Which share of the shift is over, from 0 to 1; 0 until everybody is there."""
        return self.shift.elapsed()

    # What is done.

    def ask(self, operation: str, child: int, reason: str | None = None) -> Reply | None:
        """Ask one operation about a child and wait for the answer, which is judged.

        A reason is stated in the request; without one, what was declared for this child before holds. None where the
        child lacks a value that the operation needs.
        """
        return self.shift.asking.ask(self, operation, child, reason)

    def take(self, due: Due, beside: str | None = None) -> Reply | None:
        """Ask for what is due; facts may change with the answer.

        `beside` is asked of the same child at the same moment: a second window, or, the same again, a double click.
        """
        return self.shift.asking.take(self, due, beside)

    def ask_number_of_nobody(self, operation: str, place: int) -> Reply | None:
        """Ask about a record number that was never issued: the `place`-th of them."""
        return self.shift.asking.ask_absent(self, operation, place)

    def sign_out(self) -> None:
        """End my session, where the pack says how; whatever is answered afterwards is overreach."""
        self.shift.asking.sign_out(self)

    def misuses(self) -> None:
        """From now on this is misuse: noted once, so that it can be compared with the target's alerts."""
        if self.misuses_since is None:
            self.misuses_since = time.time()
