"""The door: lets members in as Locust spawns users, a few ahead of those who work.

Some sign in as anybody would; the others are given sessions that the target's own command mints, so that signing in is
not what is measured.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from overreach.load.me import Me
from overreach.load.shift import Shift
from overreach.model.errors import OverreachError
from overreach.target.identity import Session

MINTED_TOGETHER = 20_000
"""Sessions minted by one command: starting it costs more than a thousand of them."""
AHEAD = 2000
"""Members who may wait inside for their first step."""
_LOOK = 0.02  # seconds

Opener = Callable[[Sequence[int]], Mapping[int, Session | None]]
"""User -> session, or None where the target refused; who is left out is held by another part."""


class Door:
    """Opens the sessions of members, in order, for as many as were hired.

    `signs_in` opens sessions one after the other, `mints` many at once.
    """

    def __init__(self, shift: Shift, signs_in: Opener, mints: Opener, inside: deque[Me]) -> None:
        self._shift = shift
        self._signs_in = signs_in
        self._mints = mints
        self._inside = inside
        self._wanted = 0

    def hire(self) -> None:
        """One more user is to come."""
        self._wanted += 1

    def start(self, members: Sequence[int]) -> None:
        """Begin to let members in; ends with the shift."""
        threading.Thread(target=self._watch, args=(members,), daemon=True).start()

    def _watch(self, members: Sequence[int]) -> None:
        sessions = self._sessions(members)
        while not self._shift.over.is_set():
            if self._wanted <= 0 or len(self._inside) >= AHEAD:
                self._shift.over.wait(_LOOK)
                continue
            try:
                session = next(sessions, None)
            except OverreachError as error:
                self._shift.stop(error)
                return
            if session is None:
                self._shift.fail("no member left to take part")
                return
            self._inside.append(self._shift.employ(session))
            self._wanted -= 1

    def _sessions(self, members: Sequence[int]) -> Iterator[Session]:
        """Those who can work, in order: not those whom the target refuses, or with whom another part works."""
        share = self._shift.order.sign_in
        for start in range(0, len(members), MINTED_TOGETHER):
            batch = list(enumerate(members[start : start + MINTED_TOGETHER], start))
            wanted = self._wanted + AHEAD  # no more than are to come, but for some who may be refused
            mint = [user for place, user in batch if not signs_in(place, share)][:wanted]
            minted = self._mints(mint) if mint else {}
            for place, user in batch:
                opened = minted if not signs_in(place, share) and user in minted else self._signs_in([user])
                session = opened.get(user)
                if session is not None:
                    yield session
                elif user in opened:
                    self._shift.book.summary.refused += 1


def signs_in(place: int, share: float) -> bool:
    """Whether the member in this place is one of the share that signs in by itself: evenly spread."""
    return int((place + 1) * share) > int(place * share)
