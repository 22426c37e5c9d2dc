"""One broker signs each user in once and gives each session to one part at a time, here and over its socket."""

from __future__ import annotations

import contextlib
import socket
import stat
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from overreach.model.errors import TargetError
from overreach.model.probe import Answer
from overreach.model.terms import Part
from overreach.target.broker import Broker, BrokerClient, BrokerServer
from overreach.target.identity import Refusal, Session

BARRED = 13


class Door:
    """Signs everybody in but one, and counts."""

    def __init__(self) -> None:
        self.tried: Counter[int] = Counter()

    def __call__(self, user: int) -> Session | Refusal:
        """One sign-in."""
        self.tried[user] += 1
        if user == BARRED:
            return Refusal(user, "activate", Answer(403, (), b"", 0.0))
        return Session(user, f"u{user}", f"Bearer t{user}")


@pytest.fixture
def door() -> Door:
    """A door that nobody has used."""
    return Door()


@pytest.fixture
def client(door: Door, tmp_path: Path) -> Iterator[BrokerClient]:
    """A broker over its socket."""
    with (
        contextlib.closing(BrokerServer(Broker(door), tmp_path / "broker.sock")) as server,
        contextlib.closing(BrokerClient(server.path)) as caller,
    ):
        yield caller


def test_a_user_is_signed_in_once(door: Door) -> None:
    """However often the session is wanted, and by however many parts one after the other."""
    broker = Broker(door)
    first = broker.lease(1, Part.SWEEP)
    assert broker.lease(1, Part.SWEEP) is first
    broker.release(Part.SWEEP)
    assert broker.lease(1, Part.LOAD) is first
    assert door.tried == {1: 1}


def test_a_refusal_is_remembered(door: Door) -> None:
    """A barred account is not tried again, by any part: nobody holds what was not given."""
    broker = Broker(door)
    assert isinstance(broker.lease(BARRED, Part.SWEEP), Refusal)
    assert isinstance(broker.lease(BARRED, Part.LOAD), Refusal)
    assert door.tried == {BARRED: 1}


def test_a_session_is_held_by_one_part_at_a_time(door: Door) -> None:
    """Another part is told who holds it; giving back one part's sessions leaves the others' alone."""
    broker = Broker(door)
    broker.lease(1, Part.SWEEP)
    broker.lease(2, Part.WIRE)
    with pytest.raises(TargetError, match="user `1` is held by the sweep part"):
        broker.lease(1, Part.LOAD)
    broker.release(Part.SWEEP)
    broker.lease(1, Part.LOAD)
    with pytest.raises(TargetError, match="user `2` is held by the wire part"):
        broker.lease(2, Part.LOAD)


def test_many_callers_at_once_sign_a_user_in_once(door: Door) -> None:
    """The lock covers asking and remembering."""
    broker, start = Broker(door), threading.Barrier(8)

    def ask() -> None:
        start.wait(5)
        for user in range(20):
            broker.lease(user, Part.LOAD)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert set(door.tried.values()) == {1}


def test_a_header_belongs_to_its_user_and_a_strangers_to_nobody(door: Door) -> None:
    """A refused user has none."""
    broker = Broker(door)
    broker.lease(1, Part.LOAD)
    broker.lease(BARRED, Part.LOAD)
    assert broker.who("Bearer t1") == 1
    assert [broker.who(header) for header in ("Bearer t2", "t1", "", "bearer t1", f"Bearer t{BARRED}")] == [None] * 5
    assert broker.secrets() == {"t1"}


def test_the_socket_is_its_owners_alone_and_goes_with_the_server(door: Door, tmp_path: Path) -> None:
    """Mode 0600 from the first moment; afterwards the path is gone."""
    server = BrokerServer(Broker(door), tmp_path / "broker.sock")
    mode = (tmp_path / "broker.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    server.close()
    assert not (tmp_path / "broker.sock").exists()


def test_the_socket_gives_what_the_broker_gives(client: BrokerClient, door: Door) -> None:
    """Sessions, refusals, and whose a header is; user 0 is a user."""
    assert client.lease(0, Part.LOAD) == Session(0, "u0", "Bearer t0")
    assert client.lease(0, Part.LOAD) == Session(0, "u0", "Bearer t0")
    assert client.lease(BARRED, Part.LOAD) is None
    assert client.who("Bearer t0") == 0
    assert client.who("Bearer t1") is None
    assert client.who("stranger\n{}") is None
    assert door.tried == {0: 1, BARRED: 1}


def test_the_socket_refuses_what_another_part_holds(client: BrokerClient) -> None:
    """With the broker's own words, and goes on answering."""
    client.lease(1, Part.SWEEP)
    with pytest.raises(TargetError, match="held by the sweep part"):
        client.lease(1, Part.LOAD)
    assert client.lease(2, Part.LOAD) is not None


def test_a_broker_that_went_away_is_one_clear_error(door: Door, tmp_path: Path) -> None:
    """Nothing hangs and nothing is guessed."""
    with pytest.raises(TargetError, match="does not answer"):
        BrokerClient(tmp_path / "broker.sock")
    with contextlib.closing(BrokerServer(Broker(door), tmp_path / "broker.sock")):
        caller = BrokerClient(tmp_path / "broker.sock")
        caller._socket.shutdown(2)
        with pytest.raises(TargetError, match="went away"):
            caller.lease(1, Part.LOAD)


def minting(users: Sequence[int]) -> dict[int, Session | Refusal]:
    """A mint that refuses one."""
    refusal = Answer(0, (), b"", 0.0, "left")
    return {
        user: Refusal(user, "mint", refusal) if user == BARRED else Session(user, f"u{user}", f"Bearer m{user}")
        for user in users
    }


def test_many_are_minted_where_the_target_allows_it(door: Door) -> None:
    """Nobody signs in; a later lease gives the same session, and the broker knows whose it is."""
    broker = Broker(door, minting)
    opened = broker.open_many([1, BARRED, 2], Part.LOAD)
    assert opened[1] == Session(1, "u1", "Bearer m1") == broker.lease(1, Part.LOAD)
    assert isinstance(opened[BARRED], Refusal)
    assert broker.who("Bearer m2") == 2
    assert not door.tried


def test_many_sign_in_where_the_target_mints_nothing(door: Door) -> None:
    """Each once."""
    broker = Broker(door)
    assert broker.open_many([1, 1, 2], Part.LOAD)[2] == Session(2, "u2", "Bearer t2")
    assert door.tried == {1: 1, 2: 1}


def test_whoever_has_a_session_keeps_it(door: Door) -> None:
    """A minted one would end it; whom another part holds is left out."""
    broker = Broker(door, minting)
    own, theirs = broker.lease(1, Part.LOAD), broker.lease(2, Part.SWEEP)
    assert broker.open_many([1, 2, 3], Part.LOAD) == {1: own, 3: Session(3, "u3", "Bearer m3")}
    assert theirs == broker.lease(2, Part.SWEEP)
    with pytest.raises(TargetError, match="held by the load part"):
        broker.lease(3, Part.SWEEP)


def test_the_socket_opens_many(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In several questions, if need be."""
    monkeypatch.setattr("overreach.target.broker.ASKED_AT_ONCE", 2)
    with (
        contextlib.closing(BrokerServer(Broker(door, minting), tmp_path / "many.sock")) as server,
        contextlib.closing(BrokerClient(server.path)) as client,
    ):
        opened = client.open_many([0, 1, BARRED, 2, 3], Part.LOAD)
        assert opened.pop(BARRED) is None
        assert opened == {user: Session(user, f"u{user}", f"Bearer m{user}") for user in range(4)}


def test_a_mint_that_fails_is_told_over_the_socket(door: Door, tmp_path: Path) -> None:
    """With its own words; the broker goes on answering."""

    def failing(_users: Sequence[int]) -> dict[int, Session | Refusal]:
        message = "no session was minted"
        raise TargetError(message)

    with (
        contextlib.closing(BrokerServer(Broker(door, failing), tmp_path / "failing.sock")) as server,
        contextlib.closing(BrokerClient(server.path)) as client,
    ):
        with pytest.raises(TargetError, match="no session was minted"):
            client.open_many([1], Part.LOAD)
        assert client.lease(1, Part.LOAD) is not None


def test_whoever_asks_and_goes_is_passed_over_in_silence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A process that is killed while it waits for its session leaves no words of the broker's on the terminal."""
    asked, gone, done = threading.Event(), threading.Event(), threading.Event()

    def slow(user: int) -> Session:
        asked.set()
        gone.wait(10)
        done.set()
        return Session(user, f"u{user}", f"Bearer t{user}")

    with contextlib.closing(BrokerServer(Broker(slow), tmp_path / "left.sock")) as server:
        with socket.socket(socket.AF_UNIX) as leaving:
            leaving.connect(str(server.path))
            leaving.sendall(b'{"do": "lease", "user": 1, "part": "load"}\n' * 2)
            assert asked.wait(10)
        gone.set()
        assert done.wait(10)
        with contextlib.closing(BrokerClient(server.path)) as client:
            assert client.lease(2, Part.LOAD) is not None
    assert capfd.readouterr().err == ""
