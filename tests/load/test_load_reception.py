"""A master and those who call it: workers get their part, strangers get nothing, the late are told to go home."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from overreach.load import record
from overreach.load.errand import Master
from overreach.load.fleet import Fleet
from overreach.load.lease import LOST_AFTER
from overreach.load.loss import losses
from overreach.load.post import Post
from overreach.load.roster import FleetOrder
from overreach.load.sealing import KEY_BYTES
from overreach.model.errors import OverreachError, TargetError
from overreach.model.probe import Answer
from overreach.model.terms import Part
from overreach.probe.session import SessionFile
from overreach.target.broker import Broker, BrokerServer
from overreach.target.identity import Refusal, Session

KEY, OTHER = bytes(KEY_BYTES), bytes([1]) * KEY_BYTES
MARKS = {"version": "1", "pack": "p", "population": "q"}
LOAD = record.Order(users=5, seconds=1, address="http://127.0.0.1:1")
MEMBERS = (10, 11, 12, 13, 14, 15, 16, 17)
REFUSED = 12
HERE = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens at, nor at the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError, OverflowError):
            first.bind((HERE, 0))
            port = int(first.getsockname()[1])
            second.bind((HERE, port + 1))
            return port


class Target:
    """Opens a session each time it is asked, and refuses one user."""

    def __init__(self) -> None:
        self.count = itertools.count()

    def one(self, user: int) -> Session | Refusal:
        """By signing in."""
        if user == REFUSED:
            return Refusal(user, "sign in", Answer(403, (), b"", 0.0, ""))
        return Session(user, f"u{user}", f"Bearer {next(self.count)}")

    def many(self, users: Sequence[int]) -> Mapping[int, Session | Refusal]:
        """By minting."""
        return {user: self.one(user) for user in users}


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[tuple[Fleet, Master]]:
    """A master of two workers, with a broker over a target that mints."""
    target = Target()
    with closing(BrokerServer(Broker(target.one, target.many), tmp_path / "broker")) as server:
        session = SessionFile("", "", "", str(server.path), str(tmp_path), 7, "", {"G1": "no"}, [HERE])
        order = FleetOrder(HERE, free_port(), KEY, 2, MARKS, MEMBERS)
        with Fleet(order, session, tmp_path) as opened:
            yield opened, Master(HERE, order.port, KEY)


def join(post: Post, **other: object) -> int:
    """Join as a worker that is as it should be, but for what is given."""
    head: dict[str, Any] = {"do": "join", "host": "there", "marks": MARKS, "ahead": 0.0, "round_trip": 0.0}
    return int(post.ask(head | other)["worker"])


def quiet(_text: str, _done: int, _all: int) -> None:
    """Nobody watches."""


def test_each_worker_gets_its_own_part(fleet: tuple[Fleet, Master]) -> None:
    """The users are divided as evenly as they can be, and whoever comes later is not needed."""
    opened, master = fleet
    with closing(master.called()) as first, closing(master.called()) as second, closing(master.called()) as third:
        numbers = [join(first), join(second)]
        assert first.ask({"do": "ping", "worker": numbers[0]}) == {"say": "wait"}
        load = opened.muster(LOAD, quiet)
        assert (load.parts, load.hosts) == (2, True)
        told = [post.ask({"do": "ping", "worker": n}) for post, n in zip((first, second), numbers, strict=True)]
        orders = [record.Order(**each["order"]) for each in told]
        assert [(order.part, order.share) for order in orders] == [(0, 3), (1, 2)]
        assert all(order.slack >= 0.1 for order in orders), "two clocks may each differ from the master's"
        assert {each["seed"] for each in told} == {7}
        assert len({each["seal"] for each in told}) == 1
        with pytest.raises(OverreachError, match="the fleet is complete with `2` workers"):
            join(third)
        assert not opened.over


def test_a_host_that_is_not_alike_is_refused_and_not_counted(fleet: tuple[Fleet, Master]) -> None:
    """With what differs; it may come again when it is mended."""
    opened, master = fleet
    with closing(master.called()) as post:
        with pytest.raises(OverreachError, match="has population `other`"):
            join(post, marks=MARKS | {"population": "other"})
        with pytest.raises(OverreachError, match=r"`3\.000` seconds ahead"):
            join(post, ahead=3.0)
        assert not opened._workers
        assert join(post) == 1


def test_a_stranger_hears_nothing_and_does_not_count(fleet: tuple[Fleet, Master]) -> None:
    """Not with another key, not with noise, not with silence."""
    opened, master = fleet
    with pytest.raises(TargetError, match="went away"):
        Master(master.host, master.port, OTHER).called()
    for noise in (b"GET / HTTP/1.1\r\n\r\n" * 4, bytes(16) + b"\xff\xff\xff\xff", bytes(16) + bytes(4) + bytes(60)):
        with socket.create_connection((master.host, master.port), 5) as stranger:
            stranger.sendall(noise)
            answer = bytearray()
            with contextlib.suppress(ConnectionResetError):
                while some := stranger.recv(4096):
                    answer += some
            assert len(answer) <= 16, "nothing but the greeting, which is drawn at random"
    with closing(master.called()) as post:
        assert join(post) == 1
        with pytest.raises(OverreachError, match="gave its users to others"):
            post.ask({"do": "open", "worker": 9, "users": [10], "minted": False})
    assert len(opened._workers) == 1


def test_users_of_a_silent_worker_go_to_the_other_with_new_sessions(
    fleet: tuple[Fleet, Master], tmp_path: Path
) -> None:
    """Those whom the target refuses are not among them; and the silent one is told to go home when it comes back."""
    opened, master = fleet
    with closing(master.called()) as first, closing(master.called()) as second:
        left, lost = join(first), join(second)
        opened.muster(LOAD, quiet)
        first.ask({"do": "mark", "worker": left, "time": 50.0})
        second.ask({"do": "mark", "worker": lost, "time": 60.0})
        asked = {"do": "open", "worker": lost, "users": [11, 13], "minted": True}
        before = second.ask(asked)["opened"]
        opened._workers[lost].heard -= LOST_AFTER
        end = time.monotonic() + 5
        while not (news := first.ask({"do": "ping", "worker": left})["news"]) and time.monotonic() < end:
            time.sleep(0.05)
        assert news == [{"users": [11, 13], "first": record.LATER}]
        assert first.ask({"do": "ping", "worker": left})["news"] == [], "it is told once"
        after = first.ask({"do": "open", "worker": left, "users": [11, 13], "minted": True})["opened"]
        assert {header for *_, header in before}.isdisjoint({header for *_, header in after})
        with pytest.raises(OverreachError, match="gave its users to others"):
            second.ask({"do": "grown", "worker": lost, "name": record.ANSWERS.format(1), "offset": 0}, b"late")
    (loss,) = losses(tmp_path).values()
    assert (loss.users, loss.since, loss.reassigned) == ([11, 13], 60.0, 2)


def test_members_whom_the_target_refuses_make_room_for_the_next(fleet: tuple[Fleet, Master]) -> None:
    """So that a lost worker's users are those who were really there."""
    opened, master = fleet
    with closing(master.called()) as first, closing(master.called()) as second:
        number = join(first)
        join(second)
        opened.muster(LOAD, quiet)
        answer = first.ask({"do": "open", "worker": number, "users": [10, REFUSED, 14, 16], "minted": False})
    assert [header is None for *_, header in answer["opened"]] == [False, True, False, False]
    assert opened._workers[number].users == [10, 14, 16]


def test_a_worker_that_never_came_to_work_stops_the_load(fleet: tuple[Fleet, Master]) -> None:
    """With the last words of what ended there."""
    opened, master = fleet
    with closing(master.called()) as first, closing(master.called()) as second:
        join(first)
        number = join(second)
        opened.muster(LOAD, quiet)
        second.ask({"do": "end", "worker": number, "whole": False, "words": "ImportError: no such thing"})
        assert opened.over
        opened._workers[1].stage = "ended"
        with pytest.raises(TargetError, match="worker `there` did not come to work: ImportError: no such thing"):
            opened.finish()


def test_a_broker_renews_sessions_where_the_target_mints() -> None:
    """Otherwise it says what that takes."""
    target = Target()
    broker = Broker(target.one, target.many)
    old = broker.lease(10, Part.LOAD)
    new = broker.renew([10], Part.LOAD)[10]
    assert isinstance(old, Session)
    assert isinstance(new, Session)
    assert old.authorization != new.authorization
    assert broker.lease(10, Part.LOAD) == new
    assert {old.authorization, new.authorization} == {f"Bearer {each}" for each in broker.secrets()}
    with pytest.raises(TargetError, match="needs a target that mints"):
        Broker(target.one).renew([10], Part.LOAD)


def test_an_address_that_is_taken_is_named(fleet: tuple[Fleet, Master], tmp_path: Path) -> None:
    """With what to do."""
    _, master = fleet
    session = SessionFile("", "", "", "", str(tmp_path), 7, "", {}, [HERE])
    for port in (master.port, master.port - 1):  # of the fleet, or Locust's
        with pytest.raises(TargetError, match=f"the master cannot listen at `{HERE}:{master.port}`") as caught:
            Fleet(FleetOrder(HERE, port, KEY, 1), session, tmp_path)
        assert "--master" in caught.value.remedy
