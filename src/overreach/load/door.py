"""The door: lets members in as Locust spawns users, a few ahead of those who work.

Some sign in as anybody would; the others are given sessions that the target's own command mints, so that signing in is
not what is measured.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import orjson

from overreach.load import record
from overreach.load.me import Me
from overreach.load.shift import Shift
from overreach.model.errors import OverreachError
from overreach.target.identity import Session

ASKED_TOGETHER = 10_000
"""Members whose sessions are asked for at once: most were minted before, and the first are to come in soon."""
AHEAD = 2000
"""Members who may wait inside for their first step."""
_LOOK = 0.02  # seconds

Opener = Callable[[Sequence[int]], Mapping[int, Session | None]]
"""User -> session, or None where the target refused; who is left out is held by another part."""


class Door:
    """Opens the sessions of members, in order, for as many as were hired.

    `signs_in` opens sessions one after the other, `mints` many at once; neither waits for the other.
    """

    def __init__(self, shift: Shift, signs_in: Opener, mints: Opener, inside: deque[Me]) -> None:
        self._shift = shift
        self._signs_in = signs_in
        self._mints = mints
        self._inside = inside
        self._signing: deque[tuple[int, int]] = deque()
        """Place and row of those who sign in, in order of places."""
        self._minting: deque[tuple[int, int]] = deque()
        """The same of the others."""
        self._ready: deque[tuple[int, Mapping[int, Session | None]]] = deque()
        """Whose session was minted, and what was: the next ones are minted while these come in."""
        self._members = 0
        self._called = 0
        """Members before this place are called in: as many as were hired, and one more for each who cannot come."""
        self._hired = 0
        self._lost = 0
        """Workers of whose users some have come here."""

    def hire(self) -> None:
        """One more user is to come.

        A process on another host has its share from the master, which knows best who is lost and who is not: there the
        first one stands for all of them.
        """
        order = self._shift.order
        if order.part is None:
            # Where a process ends early Locust gives its users to the others: they are this one's members no more.
            self._called += self._hired < most_of(order.users, order.parts)
        elif not self._hired:
            self._called += order.share
        self._hired += 1

    def start(self, members: Sequence[int]) -> None:
        """Begin to let members in; ends with the shift."""
        share = self._shift.order.sign_in
        for place, user in enumerate(members):
            (self._signing if signs_in(place, share) else self._minting).append((place, user))
        self._members = len(members)
        for work in (self._mint, self._enter, self._sign_in):
            threading.Thread(target=self._work, args=(work,), daemon=True).start()

    def _work(self, work: Callable[[], bool]) -> None:
        """Let people in until the shift is over; wait a little where there is nobody to be let in."""
        while not self._shift.over.is_set():
            try:
                busy = work()
            except OverreachError as error:
                self._shift.stop(error)
                return
            if not busy:
                self._shift.over.wait(_LOOK)

    def _sign_in(self) -> bool:
        if len(self._inside) >= AHEAD or not self._is_called(self._signing):
            return False
        _, user = self._signing.popleft()
        self._let_in(user, self._signs_in([user]))
        return True

    def _mint(self) -> bool:
        if self._adopt():
            return True
        if len(self._ready) > ASKED_TOGETHER // 2:
            return False
        users: list[int] = []
        while len(users) < ASKED_TOGETHER and self._is_called(self._minting):
            users.append(self._minting.popleft()[1])
        minted = self._mints(users) if users else {}
        self._ready += ((user, minted) for user in users)
        return bool(users)

    def _enter(self) -> bool:
        if not self._ready or len(self._inside) >= AHEAD:
            return False
        self._let_in(*self._ready.popleft())
        return True

    def _is_called(self, waiting: deque[tuple[int, int]]) -> bool:
        return bool(waiting) and waiting[0][0] < self._called

    def _let_in(self, user: int, opened: Mapping[int, Session | None]) -> None:
        """Let in whoever has a session; for whom the target refuses, or another part has, the next is called."""
        session = opened.get(user)
        if session is not None:
            self._inside.append(self._shift.employ(session))
            return
        self._shift.book.summary.refused += user in opened
        if self._called >= self._members:
            self._shift.fail("no member left to take part")
        self._called += 1

    def _adopt(self) -> bool:
        """Let in those who come from a lost worker, all of them: with new sessions and higher numbers."""
        if self._shift.order.part is None:
            return False
        told = self._shift.folder / record.TAKEN_OVER.format(self._lost)
        if not told.exists():
            return False
        self._lost += 1
        news = orjson.loads(told.read_bytes())
        for session in self._mints(news["users"]).values():
            if session is None:
                self._shift.book.summary.refused += 1
            else:
                self._inside.append(self._shift.employ(session, news["first"]))
        return True


def signs_in(place: int, share: float) -> bool:
    """Whether the member in this place is one of the share that signs in by itself: evenly spread."""
    return int((place + 1) * share) > int(place * share)


def minted(members: Sequence[int], users: int, parts: int, share: float) -> list[int]:
    """Of those who come in when `users` are shared out to that many parts, the ones who do not sign in by themselves.

    For `members` in the order in which they come. Whoever replaces somebody is not among them.
    """
    parted = (members[part::parts][: most_of(users, parts)] for part in range(parts))
    return [user for own in parted for place, user in enumerate(own) if not signs_in(place, share)]


def most_of(users: int, parts: int) -> int:
    """Of users who are shared out evenly, how many one part has at most."""
    return math.ceil(users / parts)
