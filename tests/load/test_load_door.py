"""The door: as many as were hired come in, each once, whoever cannot come is replaced, and nobody waits for another."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.load import record
from overreach.load.door import Door, Opener, minted
from overreach.load.me import Me
from overreach.model.errors import OverreachError, TargetError
from overreach.target.identity import Session


class Shift:
    """What a door needs of a shift: whom it employs, what it is told."""

    def __init__(self, signing: float, folder: Path = Path(), **order: int) -> None:
        self.order = SimpleNamespace(**{"sign_in": signing, "part": None, "share": 0, "users": 60, "parts": 1, **order})
        self.folder = folder
        self.employed: dict[int, int] = {}
        """User -> the number before that of the first request."""
        self.over = threading.Event()
        self.book = SimpleNamespace(summary=SimpleNamespace(refused=0))
        self.failures: list[str] = []
        self.stopped: OverreachError | None = None

    def employ(self, session: Session, first: int = 0) -> int:
        """The user stands for somebody at work."""
        self.employed[session.user] = first
        return session.user

    def fail(self, reason: str) -> None:
        """Note it."""
        self.failures.append(reason)

    def stop(self, error: OverreachError) -> None:
        """Note it."""
        self.stopped = error


def opener(refused: frozenset[int], held: frozenset[int]) -> Opener:
    """Sessions for everybody but those."""

    def open_(users: Sequence[int]) -> Mapping[int, Session | None]:
        return {user: None if user in refused else Session(user, "", "") for user in users if user not in held}

    return open_


def let_in(shift: Shift, door: Door, members: Sequence[int], hired: int, done: Callable[[], bool]) -> None:
    """Hire so many, and close when it is done."""
    door.start(members)
    for _ in range(hired):
        door.hire()
    end = time.monotonic() + 10
    while not done() and time.monotonic() < end:
        time.sleep(0.005)
    time.sleep(0.05)  # one too many would come now
    shift.over.set()


@given(
    members=st.integers(1, 40),
    share=st.sampled_from([0.0, 0.3, 1.0]),
    refused=st.frozensets(st.integers(0, 39), max_size=8),
    held=st.frozensets(st.integers(0, 39), max_size=8),
    data=st.data(),
)
@settings(max_examples=20, deadline=None)
def test_as_many_come_as_were_hired_and_each_once(
    members: int, share: float, refused: frozenset[int], held: frozenset[int], data: st.DataObject
) -> None:
    """They are the first who can, in order; where too few can, it is told."""
    able = [user for user in range(members) if user not in refused | held]
    hired = data.draw(st.integers(0, members))
    shift, inside = Shift(share), deque[Me]()
    open_ = opener(refused, held)
    door = Door(shift, open_, open_, inside)  # type: ignore[arg-type] # what it needs of a shift is there
    let_in(
        shift,
        door,
        range(members),
        hired,
        lambda: len(inside) == min(hired, len(able)) and (hired <= len(able) or any(shift.failures)),
    )
    assert sorted(cast("deque[int]", inside)) == able[:hired]
    assert bool(shift.failures) == (hired > len(able))


def test_users_whom_locust_gives_to_this_process_when_another_ends_are_no_members_of_it() -> None:
    """A third more than were wanted would be up otherwise."""
    shift, inside = Shift(0.3, users=30, parts=2), deque[Me]()
    open_ = opener(frozenset({3}), frozenset())
    door = Door(shift, open_, open_, inside)  # type: ignore[arg-type] # as above
    let_in(shift, door, range(40), 30, lambda: len(inside) == 15)
    assert sorted(cast("deque[int]", inside)) == [user for user in range(16) if user != 3]


@given(
    members=st.integers(1, 60),
    parts=st.integers(1, 4),
    share=st.sampled_from([0.0, 0.1, 0.3, 0.9, 1.0]),
    data=st.data(),
)
@settings(max_examples=20, deadline=None)
def test_what_is_minted_before_is_what_the_doors_of_all_parts_will_ask_for(
    members: int, parts: int, share: float, data: st.DataObject
) -> None:
    """One session too many, and somebody who was to sign in never does."""
    users = data.draw(st.integers(1, members))
    asked: set[int] = set()
    everybody = opener(frozenset(), frozenset())

    def mints(wanted: Sequence[int]) -> Mapping[int, Session | None]:
        asked.update(wanted)
        return everybody(wanted)

    for part in range(parts):
        shift, inside = Shift(share), deque[Me]()
        own, hired = range(members)[part::parts], len(range(users)[part::parts])
        door = Door(shift, everybody, mints, inside)  # type: ignore[arg-type] # as above
        let_in(shift, door, own, hired, partial(_came, inside, hired))
    known = minted(range(members), users, parts, share)
    assert len(known) == len(set(known))
    assert asked <= set(known)
    assert len(known) <= len(asked) + parts


def test_who_signs_in_slowly_keeps_nobody_waiting_whose_session_is_minted() -> None:
    """A sign-in that never ends holds up those who sign in, and no minted session."""
    shift, inside, never = Shift(0.1), deque[Me](), threading.Event()

    def slow(users: Sequence[int]) -> Mapping[int, Session | None]:
        never.wait(20)
        return opener(frozenset(), frozenset())(users)

    door = Door(shift, slow, opener(frozenset(), frozenset()), inside)  # type: ignore[arg-type] # as above
    let_in(shift, door, range(50), 50, lambda: len(inside) == 45)
    never.set()
    assert len(inside) == 45


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_broker_that_goes_away_stops_the_shift(share: float) -> None:
    """Its words are told; nobody is let in any more."""

    def gone(_users: Sequence[int]) -> Mapping[int, Session | None]:
        message = "the session broker went away"
        raise TargetError(message)

    shift, inside = Shift(share), deque[Me]()
    door = Door(shift, gone, gone, inside)  # type: ignore[arg-type] # as above
    let_in(shift, door, range(5), 5, lambda: shift.stopped is not None)
    assert not inside
    assert shift.stopped is not None
    assert shift.stopped.message == "the session broker went away"


@pytest.mark.parametrize("hired", [1, 30])
def test_on_a_host_of_its_own_a_part_lets_in_its_share_whatever_locust_counts(hired: int, tmp_path: Path) -> None:
    """Locust shifts users as workers come and go; the master says who is whose."""
    shift, inside = Shift(0.3, tmp_path, part=1, share=12), deque[Me]()
    open_ = opener(frozenset({3}), frozenset())
    door = Door(shift, open_, open_, inside)  # type: ignore[arg-type] # as above
    let_in(shift, door, range(40), hired, lambda: len(inside) == 12)
    assert sorted(cast("deque[int]", inside)) == [user for user in range(13) if user != 3]
    assert set(shift.employed.values()) == {0}


def test_users_of_a_lost_worker_come_in_by_minted_sessions_and_with_higher_numbers(tmp_path: Path) -> None:
    """All of them but whom the target refuses, from one lost worker and from the next."""
    shift, inside = Shift(1.0, tmp_path, part=0, share=2), deque[Me]()
    record.replace_json(tmp_path / record.TAKEN_OVER.format(0), {"users": [50, 51, 52], "first": record.LATER})
    record.replace_json(tmp_path / record.TAKEN_OVER.format(1), {"users": [60], "first": 2 * record.LATER})
    minted = opener(frozenset({51}), frozenset())
    door = Door(shift, opener(frozenset(), frozenset({50, 52, 60})), minted, inside)  # type: ignore[arg-type] # as above
    let_in(shift, door, range(5), 1, lambda: len(inside) == 5)
    assert shift.employed == {0: 0, 1: 0, 50: record.LATER, 52: record.LATER, 60: 2 * record.LATER}
    assert shift.book.summary.refused == 1


def _came(inside: deque[Me], hired: int) -> bool:
    return len(inside) == hired
