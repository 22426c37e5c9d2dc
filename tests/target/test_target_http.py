"""Targets that lie, stall, break off or speak something else: each answer is whole, or says why it is not."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from overreach.model.errors import TargetError
from overreach.target.http import HttpTarget

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Talk = Callable[[socket.socket], None]
"""What the server does on one connection."""


@dataclass
class Server:
    """A server that does on each connection what its script says, and remembers what it was sent."""

    talk: Talk
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    connections: int = 0
    closed: bool = False

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def serve(self) -> None:
        """Take connections until it is closed."""
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            if self.closed:
                connection.close()
                return
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                self.talk(connection)


@contextlib.contextmanager
def serving(talk: Talk) -> Iterator[Server]:
    """A server for the time of a test."""
    server = Server(talk)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closed = True
        with contextlib.suppress(OSError), socket.create_connection(server.listening.getsockname(), 1):
            pass
        thread.join(5)
        server.listening.close()


def read_request(connection: socket.socket) -> bytes:
    """One request with its body; empty where the caller hung up."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def says(*answers: bytes, forever: bool = False) -> Talk:
    """Reads a request before each of these answers, then hangs up."""

    def talk(connection: socket.socket) -> None:
        while True:
            for answer in answers:
                if not read_request(connection):
                    return
                connection.sendall(answer)
            if not forever:
                return

    return talk


def target_of(server: Server, timeout: float = 5.0) -> contextlib.closing[HttpTarget]:
    """A connection to a server, hung up afterwards."""
    return contextlib.closing(HttpTarget(server.url, ("127.0.0.1",), timeout))


def test_a_whole_answer_comes_as_it_was_sent() -> None:
    """Status, headers in their order and body; a refusal is an answer like any other."""
    sent = b"HTTP/1.1 403 No\r\nX-B: 1\r\nX-A: 2\r\nContent-Length: 4\r\n\r\n\x00\xffno"
    with serving(says(sent)) as server, target_of(server) as target:
        answer = target.send("GET", "/")
    assert (answer.status, answer.body, answer.error) == (403, b"\x00\xffno", "")
    assert answer.headers == (("X-B", "1"), ("X-A", "2"), ("Content-Length", "4"))
    assert answer.header("x-a") == "2"
    assert answer.seconds > 0


def test_a_request_is_sent_with_its_headers_and_body() -> None:
    """A body is JSON with its length; nothing asks for compression, nothing is added to the path."""
    seen = []

    def talk(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            connection.sendall(OK)

    with serving(talk) as server, target_of(server) as target:
        target.send("POST", "/children/view", b'{"a": 1}', (("X-Request-ID", "r-1"),))
        target.send("GET", "/children/1%2F2")
        target.send("DELETE", "/sessions")
    assert seen[0].startswith(b"POST /children/view HTTP/1.1\r\n")
    assert b"X-Request-ID: r-1" in seen[0]
    assert b"Content-Length: 8" in seen[0]
    assert seen[0].endswith(b'\r\n\r\n{"a": 1}')
    assert seen[1].startswith(b"GET /children/1%2F2 HTTP/1.1\r\n")
    assert b"Accept-Encoding" not in seen[1]
    assert b"Content-" not in seen[2]


def test_the_path_of_the_base_address_comes_first() -> None:
    """A target may live below a path."""
    seen = []

    def talk(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(OK)

    with serving(talk) as server, contextlib.closing(HttpTarget(f"{server.url}/api/", ("127.0.0.1",))) as target:
        target.send("GET", "/log")
    assert seen[0].startswith(b"GET /api/log ")


def test_an_answer_longer_than_it_says_ends_where_it_says() -> None:
    """The surplus is not taken for the next answer."""
    with serving(says(OK + b"surplus", OK)) as server, target_of(server) as target:
        first = target.send("GET", "/")
        second = target.send("GET", "/")
    assert (first.body, first.error) == (b"ok", "")
    assert b"surplus" not in second.body


@pytest.mark.parametrize(
    ("chunks", "body"), [(b"5\r\nhello\r\n", b"hello"), (b"5\r\nhel", b"hel"), (b"zz\r\nhello\r\n", b"")]
)
def test_chunks_that_break_off_are_no_whole_answer(chunks: bytes, body: bytes) -> None:
    """Whether between chunks, within one, or at a length that is none."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(says(head + chunks)) as server, target_of(server) as target:
        answer = target.send("GET", "/")
    assert answer.error
    assert body.startswith(answer.body)


def test_a_target_that_hangs_up_before_answering_is_told() -> None:
    """On a new connection there is nothing to try again."""
    with serving(says(b"")) as server, target_of(server) as target:
        answer = target.send("GET", "/")
        assert (answer.status, answer.error) == (0, "connection dropped")
        assert server.connections == 1


def test_a_target_that_never_answers_is_given_up() -> None:
    """After the time-out, and the next request is asked on a connection of its own."""
    release = threading.Event()

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        if server.connections == 1:
            release.wait(5)
            return
        connection.sendall(OK)

    with serving(talk) as server, target_of(server, timeout=0.2) as target:
        answer = target.send("GET", "/")
        release.set()
        assert (answer.status, answer.error) == (0, "timed out")
        assert target.send("GET", "/").body == b"ok"


def test_a_target_that_is_silent_five_times_in_a_row_ends_the_run() -> None:
    """The fifth silence is an error that names the target, why, and what to do."""
    with serving(says(b"")) as server, target_of(server) as target:
        for _ in range(4):
            assert target.send("GET", "/").status == 0
        with pytest.raises(TargetError, match="does not answer any more: connection dropped, 5 times in a row") as gone:
            target.send("GET", "/")
        assert f"`{server.url}`" in gone.value.message
    assert gone.value.remedy


@pytest.mark.parametrize("sign_of_life", [OK, b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", OK[:-1]])
def test_any_sign_of_life_starts_the_count_of_silences_anew(sign_of_life: bytes) -> None:
    """A refusal and half an answer are signs of life, too."""

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(sign_of_life if server.connections == 5 else b"")

    with serving(talk) as server, target_of(server) as target:
        assert [bool(target.send("GET", "/").status) for _ in range(9)] == [False] * 4 + [True] + [False] * 4
        with pytest.raises(TargetError, match="does not answer any more"):
            target.send("GET", "/")


def test_a_target_that_stops_in_the_middle_is_given_up() -> None:
    """Half an answer is no answer."""
    release = threading.Event()

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        release.wait(5)

    with serving(talk) as server, target_of(server, timeout=0.2) as target:
        answer = target.send("GET", "/")
        release.set()
    assert answer.error == "timed out"


def test_a_target_that_drips_is_given_up_like_a_silent_one() -> None:
    """The time-out is for the whole answer, however many pieces it comes in."""
    release = threading.Event()

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        while not release.wait(0.05):
            connection.sendall(b"x")

    with serving(talk) as server, target_of(server, timeout=0.3) as target:
        answer = target.send("GET", "/")
        release.set()
    assert (answer.status, answer.error) == (200, "timed out")


@pytest.mark.parametrize("surplus", [OK, b"surplus"])
def test_what_follows_an_answer_is_not_taken_for_the_next_one(surplus: bytes) -> None:
    """Even if it reads like an answer: it belongs to nobody."""
    mine = OK.replace(b"ok", b"me")
    with serving(says(OK + surplus)) as server, target_of(server) as target:
        assert target.send("GET", "/").body == b"ok"
    with serving(says(OK + surplus, mine, forever=True)) as server, target_of(server) as target:
        assert target.send("GET", "/").error == ""
        target.send("GET", "/")
        assert server.connections == 2


def test_an_answer_without_a_length_ends_where_the_target_hangs_up() -> None:
    """As HTTP/1.0 has it."""
    with serving(says(b"HTTP/1.1 200 OK\r\n\r\nall of it")) as server, target_of(server) as target:
        answer = target.send("GET", "/")
    assert (answer.body, answer.error) == (b"all of it", "")


def test_a_head_is_not_waited_for_in_vain() -> None:
    """The answer to HEAD states a length and has no body."""
    with serving(says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")) as server, target_of(server) as target:
        answer = target.send("HEAD", "/")
    assert (answer.status, answer.body, answer.error) == (200, b"", "")


def test_what_comes_before_an_answer_is_not_the_answer() -> None:
    """An interim answer of 1xx has no part in it."""
    with serving(says(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK)) as server, target_of(server) as target:
        answer = target.send("GET", "/")
    assert (answer.status, answer.body, answer.error) == (200, b"ok", "")
    assert all(name != "Link" for name, _ in answer.headers)


def test_a_target_that_is_not_there_is_told() -> None:
    """Nobody listens at the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with contextlib.closing(HttpTarget(f"http://127.0.0.1:{port}", ("127.0.0.1",))) as target:
        answer = target.send("GET", "/")
    assert (answer.status, answer.error) == (0, "connection refused")


@pytest.mark.parametrize(
    "words",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 70000 + b"\r\n\r\n",
    ],
)
def test_a_target_that_speaks_no_http_is_told(words: bytes) -> None:
    """Never an exception, and never an answer."""
    with serving(says(words)) as server, target_of(server) as target:
        answer = target.send("GET", "/")
    assert answer.status == 0
    assert answer.error.startswith(("not HTTP: ", "connection dropped"))


def test_ten_megabytes_are_read_whole() -> None:
    """A long answer is an answer."""
    body = bytes(range(256)) * 40960
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with serving(says(sent)) as server, target_of(server) as target:
        answer = target.send("GET", "/")
    assert (answer.body == body, answer.error) == (True, "")


def test_an_answer_over_the_limit_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of exactly the limit is whole."""
    monkeypatch.setattr("overreach.target.http.LARGEST_BODY", 1000)
    sent = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size for size in (1000, 1001)]
    with serving(says(*sent)) as server, target_of(server) as target:
        whole, cut = target.send("GET", "/"), target.send("GET", "/")
    assert (len(whole.body), whole.error) == (1000, "")
    assert (len(cut.body), cut.error) == (1000, "answer cut at 1000 bytes")


def test_one_connection_serves_many_requests() -> None:
    """Keep-alive: the target is connected to once."""
    with serving(says(OK, forever=True)) as server, target_of(server) as target:
        assert [target.send("GET", "/").body for _ in range(5)] == [b"ok"] * 5
        assert server.connections == 1


def test_an_idle_connection_that_was_dropped_is_opened_again() -> None:
    """The caller never notices."""
    with serving(says(OK)) as server, target_of(server) as target:
        answers = [target.send("POST", "/", b"{}") for _ in range(3)]
        assert [(answer.body, answer.error) for answer in answers] == [(b"ok", "")] * 3
        assert server.connections == 3


def test_a_dropped_connection_is_tried_again_only_once() -> None:
    """A target that always hangs up is told as it is."""
    talks = iter([says(OK), says(b""), says(b""), says(b"")])

    def talk(connection: socket.socket) -> None:
        next(talks)(connection)

    with serving(talk) as server, target_of(server) as target:
        assert target.send("GET", "/").error == ""
        assert target.send("GET", "/").error == "connection dropped"
        assert server.connections == 2


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "127.0.0.1.example.com", "127.0.0.1@localhost", "[::1]"])
def test_a_host_that_is_not_allowed_is_refused_before_a_byte_is_sent(host: str) -> None:
    """Whatever it looks like."""
    with serving(says(OK)) as server:
        port = server.url.rpartition(":")[2]
        with pytest.raises(TargetError, match="is not in allow_hosts") as refused:
            HttpTarget(f"http://{host}:{port}", ("127.0.0.1",))
        assert server.connections == 0
    assert "allow_hosts" in refused.value.message


@pytest.mark.parametrize("address", ["", "127.0.0.1:80", "https://127.0.0.1", "ftp://127.0.0.1", "http://"])
def test_an_address_of_another_form_is_refused(address: str) -> None:
    """With the key to set."""
    with pytest.raises(TargetError, match="is not an address") as refused:
        HttpTarget(address, ("127.0.0.1",))
    assert "base_url" in refused.value.remedy


def test_an_answer_shorter_than_it_says_is_no_whole_answer() -> None:
    """What came is kept: it may disclose all the same."""
    with (
        serving(says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.")) as server,
        target_of(server) as target,
    ):
        answer = target.send("GET", "/")
    assert (answer.status, answer.body) == (200, b"ten bytes.")
    assert answer.error == "answer shorter than its stated length"


def test_something_else_is_done_while_the_target_is_at_work() -> None:
    """After the request has been sent and before its answer is read; it is not the target's time."""
    answered, done = threading.Event(), []

    def talk(connection: socket.socket) -> None:
        while read_request(connection):
            time.sleep(0.05)  # a system that has never noted when something came needs a moment to begin
            connection.sendall(OK)
            answered.set()

    def meanwhile() -> None:
        done.append(answered.wait(5))
        time.sleep(0.3)

    with serving(talk) as server, target_of(server) as target:
        for _ in range(2):
            answered.clear()
            began = time.perf_counter()
            answer = target.send("GET", "/", meanwhile=meanwhile)
            took = time.perf_counter() - began
    assert (answer.body, answer.error, done) == (b"ok", "", [True, True])
    assert 0 < answer.seconds < took - 0.2


def test_an_answer_that_nobody_waits_for_is_not_taken_for_the_next_one() -> None:
    """What goes wrong meanwhile leaves, and the next request is asked on a connection of its own."""
    second = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"
    talks = iter([says(OK, OK), says(second)])

    def talk(connection: socket.socket) -> None:
        next(talks)(connection)

    def broken() -> None:
        raise ZeroDivisionError

    with serving(talk) as server, target_of(server) as target:
        with pytest.raises(ZeroDivisionError):
            target.send("GET", "/", meanwhile=broken)
        assert target.send("GET", "/").body == b"second"
        assert server.connections == 2


def test_what_takes_long_meanwhile_is_no_time_out() -> None:
    """The time-out is for the target."""
    with serving(says(OK)) as server, target_of(server, timeout=0.2) as target:
        answer = target.send("GET", "/", meanwhile=lambda: time.sleep(0.4))
    assert (answer.body, answer.error) == (b"ok", "")
